"""Unmodified base-worker programs, started as an agent starts them, against a live server."""

from collections.abc import Callable

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse

from scenario import WHOLE_IMAGE, Process, Scenario, Workshop, end_task, finish
from serving import Server


def test_a_task_brings_its_environment(api: ArkindexClient) -> None:
    scenario = Scenario.of_pages(api, "1r")
    process = scenario.start(scenario.make_worker())

    task = process.claim()

    assert task["worker_run_id"] == process.run
    assert task["process_id"] == process.id
    assert task["command"] == "true"
    assert task["environment"]["ARKINDEX_TASK_TOKEN"] == task["token"]
    assert task["environment"]["ARKINDEX_WORKER_RUN_ID"] == process.run
    assert task["environment"]["PONOS_TASK"] == task["id"]
    assert api.request("ClaimTask", body={"process": process.id}) is None


def test_a_worker_makes_one_of_everything(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r", "1v", "2r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    worker = workshop.run(server.url, "everything.py", task)

    assert worker.status == 0, worker.log
    assert "Ran on 3 elements: 3 completed, 0 failed" in worker.log
    assert worker.log.count("This worker run has already set charter on element") == 3
    assert "API error" not in worker.log

    assert set(process.activities().values()) == {"processed"}
    assert process.activity_counts(process.run)["processed"] == 3
    end_task(server.url, task, "completed")
    assert process.retrieve()["state"] == "completed"


def test_each_result_is_signed_by_its_run(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r", "1v")
    page = scenario.pages[0]
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    worker = workshop.run(server.url, "everything.py", task)
    assert worker.status == 0, worker.log
    by_hand = api.request(
        "CreateTranscription",
        id=page["id"],
        body={"text": "by hand", "confidence": 1.0},
    )

    run = api.request("RetrieveWorkerRun", id=process.run)
    assert (
        run["results"].items()
        >= {
            "elements": 2 * 5,
            "transcriptions": 2 * 5,
            "classifications": 2 * 3,
            "metadata": 2 * 3,
            "transcription_entities": 2 * 3,
            "embeddings": 2,
        }.items()
    )

    made = scenario.elements(worker_run=process.run)
    assert len(made) == 10
    for element in made:
        element = api.request("RetrieveElement", id=element["id"])
        assert element["worker_run"] == {
            "id": process.run,
            "summary": run["summary"],
        }
    manual = {element["id"] for element in scenario.elements(worker_run=False)}
    assert manual == {element["id"] for element in [scenario.folder, *scenario.pages]}

    signed = scenario.transcriptions(worker_run=process.run)
    assert len(signed) == 10
    assert {item["worker_run"]["id"] for item in signed} == {process.run}
    (found,) = scenario.transcriptions(worker_run=False)
    assert found["id"] == by_hand["id"]
    assert found["worker_run"] is None

    classifications = api.request("RetrieveElement", id=page["id"])["classifications"]
    assert {item["ml_class"]["name"] for item in classifications} == {
        "charter",
        "latin",
        "damaged",
    }
    assert {item["worker_run"]["id"] for item in classifications} == {process.run}


def test_a_drained_queue_stops_the_next_worker(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r")
    task = scenario.start(scenario.make_worker()).claim()
    assert workshop.run(server.url, "reader.py", task).status == 0

    again = workshop.run(server.url, "reader.py", task)

    assert again.status == 1
    assert "No elements to process" in again.log
    assert len(scenario.transcriptions()) == 1


def test_two_workers_share_the_elements_and_none_twice(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, *(f"page {number}" for number in range(60)))
    process = scenario.start(scenario.make_worker(), chunks=2)
    tasks = [process.claim(), process.claim()]
    assert tasks[0]["id"] != tasks[1]["id"]

    workers = [workshop.start(server.url, "reader.py", task) for task in tasks]
    logs = [finish(worker).log for worker in workers]

    # A worker that starts when the other has taken everything finds an empty queue: that is an end like another.
    assert all("0 failed" in log or "No elements to process" in log for log in logs)
    read = [item["element"]["id"] for item in scenario.transcriptions()]
    assert sorted(read) == sorted(page["id"] for page in scenario.pages)
    assert process.activity_counts(process.run)["processed"] == 60


def test_two_runs_of_one_version_keep_their_results_apart(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r", "1v")
    worker = scenario.make_worker()
    process = scenario.start(
        worker,
        worker.configure("Starred", prefix="* "),
        worker.configure("Dashed", prefix="- "),
    )

    for task in (process.claim(), process.claim()):
        ended = workshop.run(server.url, "reader.py", task)
        assert ended.status == 0, ended.log
        end_task(server.url, task, "completed")

    texts = [
        {item["text"] for item in scenario.transcriptions(worker_run=run)}
        for run in process.runs
    ]
    assert texts == [{"* 1r", "* 1v"}, {"- 1r", "- 1v"}]
    assert process.retrieve()["state"] == "completed"


def test_an_element_is_started_once(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r", "1v")
    page = scenario.pages[0]["id"]
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    first = workshop.run(server.url, "listed.py", task, "--element", page)
    assert first.status == 0, first.log
    assert "Ran on 1 element: 1 completed, 0 failed" in first.log
    assert process.activities()[page] == "processed"

    second = workshop.run(server.url, "listed.py", task, "--element", page)
    assert second.status == 0, second.log
    assert f"Skipping element {page} as it was already processed" in second.log
    assert len(scenario.transcriptions()) == 1


def test_one_failing_element_does_not_fail_the_worker(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r", "torn 1v", "2r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    worker = workshop.run(server.url, "reader.py", task)

    assert worker.status == 0, worker.log
    assert "Ran on 3 elements: 2 completed, 1 failed" in worker.log
    assert process.activities()[scenario.pages[1]["id"]] == "error"
    counts = process.activity_counts(process.run)
    assert (counts["processed"], counts["error"]) == (2, 1)


def test_a_worker_that_fails_on_everything_ends_with_1(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "torn 1r", "torn 1v")
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    worker = workshop.run(server.url, "reader.py", task)

    assert worker.status == 1
    assert "Ran on 2 elements: 0 completed, 2 failed" in worker.log
    end_task(server.url, task, "failed")
    assert process.retrieve()["state"] == "failed"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda token: "", id="none"),
        pytest.param(lambda token: "wrong", id="nonsense"),
        pytest.param(lambda token: token[:-8] + "AAAAAAAA", id="altered"),
    ],
)
def test_a_wrong_token_opens_nothing(
    api: ArkindexClient,
    server: Server,
    workshop: Workshop,
    forge: Callable[[str], str],
) -> None:
    scenario = Scenario.of_pages(api, "1r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    worker = workshop.run(
        server.url, "reader.py", task, ARKINDEX_TASK_TOKEN=forge(task["token"])
    )

    assert worker.status == 1
    assert "Failed to configure this worker" in worker.log
    assert set(process.activities().values()) == {"queued"}


def test_a_token_dies_with_its_task(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api, "1r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    end_task(server.url, task, "completed")

    worker = workshop.run(server.url, "reader.py", task)

    assert worker.status == 1
    assert scenario.transcriptions() == []


def test_a_task_signs_for_its_own_run_only(api: ArkindexClient, server: Server) -> None:
    scenario = Scenario.of_pages(api, "1r")
    worker = scenario.make_worker()
    mine = scenario.start(worker).claim()
    other = scenario.start(worker)
    client = ArkindexClient(
        base_url=server.url, token=mine["token"], auth_scheme="Ponos"
    )

    with pytest.raises(ErrorResponse) as refusal:
        client.request(
            "CreateTranscription",
            id=scenario.pages[0]["id"],
            body={"text": "?", "worker_run_id": other.run, "confidence": 1.0},
        )

    assert 400 <= refusal.value.status_code < 500
    assert scenario.transcriptions() == []


def test_a_worker_of_another_corpus_sees_and_changes_nothing(
    api: ArkindexClient, server: Server
) -> None:
    ours, theirs = Scenario.of_pages(api, "1r"), Scenario.of_pages(api, "1r")
    process: Process = ours.start(ours.make_worker())
    task = process.claim()
    client = ArkindexClient(
        base_url=server.url, token=task["token"], auth_scheme="Ponos"
    )

    for operation, arguments in {
        "RetrieveElement": {"id": theirs.pages[0]["id"]},
        "CreateTranscription": {
            "id": theirs.pages[0]["id"],
            "body": {"text": "?", "worker_run_id": process.run, "confidence": 1.0},
        },
        "CreateElement": {
            "body": {
                "corpus": theirs.corpus["id"],
                "type": "page",
                "name": "?",
                "parent": theirs.folder["id"],
                "worker_run_id": process.run,
                "polygon": WHOLE_IMAGE,
            }
        },
    }.items():
        with pytest.raises(ErrorResponse) as refusal:
            client.request(operation, **arguments)
        assert refusal.value.status_code in (400, 403, 404), operation
    assert len(theirs.elements()) == 2
    assert theirs.transcriptions() == []
