"""kill -9 of the server while it publishes and while it purges: nothing is lost, nothing doubled, nothing half gone."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient

from conftest import EMAIL, PASSWORD, log_in
from scenario import Scenario, end_task, eventually
from serving import ROOT, Server

BATCH = 2_000
BATCHES = 20


class Phoenix:
    """A server that is killed and started again on the same data."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.server = self.rise()

    def rise(self) -> Server:
        binary = os.environ.get("PALIMPSEST_BINARY", ROOT / ".build/debug/palimpsest")
        return Server(
            self.data, binary=Path(binary).resolve(), email=EMAIL, password=PASSWORD
        )

    def die(self) -> None:
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.wait()

    @property
    def api(self) -> ArkindexClient:
        return log_in(self.server)


@pytest.fixture
def phoenix(workplace: Path) -> Iterator[Phoenix]:
    phoenix = Phoenix(workplace / "killed")
    yield phoenix
    assert phoenix.server.stop() == 0


def publish(url: str, task: dict, page: str, number: int) -> None:
    """One batch, whose texts say which it is."""
    items = [
        {"element_id": page, "text": f"{number}", "confidence": 1}
        for _ in range(BATCH)
    ]
    client = ArkindexClient(base_url=url, token=task["token"], auth_scheme="Ponos")
    body = {"worker_run_id": task["worker_run_id"], "transcriptions": items}
    client.request("CreateTranscriptions", body=body)


def count(api: ArkindexClient, page: str) -> int:
    return api.request("ListTranscriptions", id=page, page_size=1)["count"]


def test_a_killed_server_loses_nothing_and_purges_on(phoenix: Phoenix) -> None:
    api = phoenix.api
    scenario = Scenario.of_pages(api, "1r")
    page = scenario.pages[0]["id"]
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    by_hand = api.request("CreateTranscription", id=page, body={"text": "by hand"})

    # Killed while one batch is on its way: it is there whole, or not at all.
    published: list[int] = []

    def keep_publishing() -> None:
        try:
            for number in range(BATCHES):
                publish(phoenix.server.url, task, page, number)
                published.append(number)
        except OSError:
            # The server is gone.
            return

    publisher = threading.Thread(target=keep_publishing)
    publisher.start()
    eventually(lambda: len(published) >= 3)
    phoenix.die()
    publisher.join()
    phoenix.server = phoenix.rise()
    api = phoenix.api
    found = count(api, page) - 1
    assert found % BATCH == 0
    assert found // BATCH in (len(published), len(published) + 1)
    for number in range(found // BATCH, BATCHES):
        publish(phoenix.server.url, task, page, number)
    end_task(phoenix.server.url, task, "completed")

    # Deleted, and killed again and again while it is purged.
    api.request("PartialUpdateSettings", body={"purge_horizon": 0})
    made = api.request(
        "DestroyWorkerResults",
        id=scenario.corpus["id"],
        worker_run_id=process.runs[0],
    )
    assert count(api, page) == 1
    seen = 0
    # Each time its lease of half a minute has to run out before anybody else may go on: once is enough here.
    for _ in range(1):
        job = eventually(
            lambda seen=seen: moved(phoenix.api, made["job"], seen), patience=60
        )
        if job["state"] == "done":
            break
        phoenix.die()
        phoenix.server = phoenix.rise()
        api = phoenix.api
        assert count(api, page) == 1
        later = api.request("RetrieveJob", id=made["job"])
        # What was counted as done was committed with it.
        assert later["done"] >= job["done"]
        seen = later["done"]
    job = eventually(lambda: finished(phoenix.api, made["job"]), patience=120)
    assert job["done"] == BATCH * BATCHES
    assert count(api, page) == 1
    kept = api.request("ListTranscriptions", id=page)["results"]
    assert [item["id"] for item in kept] == [by_hand["id"]]


def moved(api: ArkindexClient, job: str, seen: int) -> dict | None:
    """The job, once it has done more than that."""
    found = api.request("RetrieveJob", id=job)
    return found if found["done"] > seen or found["state"] == "done" else None


def finished(api: ArkindexClient, job: str) -> dict | None:
    found = api.request("RetrieveJob", id=job)
    return found if found["state"] == "done" else None
