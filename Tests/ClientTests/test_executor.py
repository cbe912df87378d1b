"""`serve --executor process`: the server runs the workers' commands itself."""

import os
import uuid
from pathlib import Path

import pytest
from arkindex import ArkindexClient

from scenario import Scenario, Workshop, eventually

pytestmark = pytest.mark.usefixtures("executing_server")


def test_the_server_carries_out_a_process(
    executing_api: ArkindexClient, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(executing_api, "1r", "1v", "2r")
    worker = scenario.make_worker(workshop.command("reader.py"))
    process = scenario.start(worker, {}, worker.configure("Starred", prefix="* "))

    state = process.wait_for("completed", "failed")["state"]

    assert state == "completed", process.tasks()

    for task in process.tasks():
        assert task["state"] == "completed"
        assert task["exit_code"] == 0
        assert "Ran on 3 elements: 3 completed, 0 failed" in task["logs"]
    for run, prefix in zip(process.runs, ("", "* "), strict=True):
        assert process.activity_counts(run)["processed"] == 3
        texts = {item["text"] for item in scenario.transcriptions(worker_run=run)}
        assert texts == {f"{prefix}1r", f"{prefix}1v", f"{prefix}2r"}


def test_a_task_gets_a_clean_environment(executing_api: ArkindexClient) -> None:
    scenario = Scenario.of_pages(executing_api, "1r")
    process = scenario.start(scenario.make_worker("env"))

    assert process.wait_for("completed", "failed")["state"] == "completed"

    (task,) = process.tasks()
    names = {line.partition("=")[0] for line in task["logs"].splitlines()}
    assert names >= {
        "ARKINDEX_API_URL",
        "ARKINDEX_TASK_TOKEN",
        "ARKINDEX_WORKER_RUN_ID",
        "PONOS_TASK",
        "PONOS_DATA",
    }
    assert not {name for name in names if name.startswith(("PALIMPSEST_", "PG"))}


def test_arguments_are_split_as_a_shell_would(executing_api: ArkindexClient) -> None:
    scenario = Scenario.of_pages(executing_api, "1r")
    process = scenario.start(
        scenario.make_worker("""printf '%s|' "one argument" two '$HOME' ';'""")
    )

    assert process.wait_for("completed", "failed")["state"] == "completed"

    (task,) = process.tasks()
    assert "one argument|two|$HOME|;|" in task["logs"]


@pytest.mark.parametrize("command", ["false", "/no/such/program"])
def test_a_failing_command_fails_the_process(
    executing_api: ArkindexClient, command: str
) -> None:
    scenario = Scenario.of_pages(executing_api, "1r")
    process = scenario.start(scenario.make_worker(command))

    assert process.wait_for("completed", "failed")["state"] == "failed"

    (task,) = process.tasks()
    assert task["state"] == "failed"
    assert task["exit_code"] != 0


def test_stopping_a_process_kills_its_worker(executing_api: ArkindexClient) -> None:
    mark = f"asleep-{uuid.uuid4()}"
    scenario = Scenario.of_pages(executing_api, "1r")
    # The shell and its child both bear the mark, so what the worker itself had started must end too.
    process = scenario.start(
        scenario.make_worker(f"""sh -c 'sh -c "sleep 600; : {mark}"; : {mark}'""")
    )
    eventually(lambda: running(mark))

    executing_api.request("StopProcess", id=process.id)

    assert process.wait_for("stopped", "failed", "completed")["state"] == "stopped"
    eventually(lambda: not running(mark))


def running(mark: str) -> list[str]:
    """Processes of this machine with the mark on their command line."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in Path(f"/proc/{number}/cmdline").read_text():
                found.append(number)
        except OSError:
            continue
    return found
