"""Worker runs as programs use them: many elements shared by workers of which one dies, and runs of a person's own."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from arkindex import ArkindexClient

from scenario import HERE, Scenario, Workshop, end_task, finish
from serving import Server
from test_client_generations import CALLICO

MANY = 2000
KINDS = (
    "elements",
    "transcriptions",
    "classifications",
    "metadata",
    "transcription_entities",
)


def test_two_workers_process_each_element_once_though_one_is_killed(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r")
    lines = api.request(
        "CreateElements",
        id=scenario.pages[0]["id"],
        body={
            "elements": [
                {"name": str(n), "type": "text_line", "polygon": strip(n % 1000)}
                for n in range(MANY)
            ]
        },
    )
    process = scenario.start(scenario.make_worker(), element_type="text_line")
    task = process.claim()

    # Both take from the queue of one task. The first dies with an element in its hands.
    doomed = workshop.start(server.url, "holder.py", task, HOLD_AT="200")
    other = workshop.start(server.url, "holder.py", task)
    assert doomed.stdout
    assert any(line.startswith("holding") for line in doomed.stdout)
    doomed.send_signal(signal.SIGKILL)
    assert finish(doomed).status == -signal.SIGKILL
    survivor = finish(other)
    assert survivor.status == 0, survivor.log[-2000:]
    assert process.activity_counts(process.run) == {
        "queued": 0,
        "started": 1,
        "processed": MANY - 1,
        "error": 0,
    }

    # Whoever ran them reports the failure; the next round is for what is left.
    end_task(server.url, task, "failed")
    assert process.retrieve()["state"] == "failed"
    assert process.activity_counts(process.run)["error"] == 1
    api.request("RetryProcess", id=process.id)
    task = process.claim()
    last = workshop.run(server.url, "holder.py", task)
    assert "Ran on 1 element: 1 completed, 0 failed" in last.log, last.log
    end_task(server.url, task, "completed")

    assert process.retrieve()["state"] == "completed"
    assert process.activity_counts(process.run)["processed"] == MANY
    texts = scenario.transcriptions(worker_run=process.run, page_size=500)
    read = Counter(text["element"]["id"] for text in texts)
    assert read == Counter({line["id"]: 1 for line in lines})


def strip(top: int) -> list[list[int]]:
    return [[0, top], [500, top], [500, top + 10], [0, top + 10], [0, top]]


@pytest.mark.parametrize(
    ("python", "client"),
    [
        pytest.param(sys.executable, "1.3.0", id="base-worker"),
        pytest.param(CALLICO, "1.0.16", id="callico"),
    ],
)
def test_a_script_signs_with_a_run_of_its_owners(
    api: ArkindexClient, server: Server, python: Path | str, client: str
) -> None:
    scenario = Scenario.of_pages(api, "1r")
    page = scenario.pages[0]
    run = api.request("CreateUserWorkerRun", body={"summary": f"Callico {client}"})
    assert run["id"] in [it["id"] for it in api.paginate("ListUserWorkerRuns")]

    script = subprocess.run(
        [
            python,
            HERE / "signing.py",
            server.url,
            server.email,
            server.password,
            scenario.corpus["id"],
            run["id"],
            page["id"],
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"]},
    )

    assert script.returncode == 0, script.stderr
    answer = json.loads(script.stdout)
    assert answer["client"] == client
    summary = {"id": run["id"], "summary": f"Callico {client}"}
    for element in scenario.elements(worker_run=run["id"]):
        assert element["id"] == answer["line"]
        assert element["worker_run"] == summary
    (text,) = scenario.transcriptions(worker_run=run["id"])
    assert text["worker_run"] == summary
    (found,) = api.paginate("ListCorpusWorkerRuns", id=scenario.corpus["id"])
    assert found["id"] == run["id"]
    assert found["results"].items() >= dict.fromkeys(KINDS, 1).items()
