"""kill -9 of the server while it publishes and while it purges: nothing is lost, nothing doubled, nothing half gone."""

import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse, SchemaError

from conftest import EMAIL, PASSWORD, log_in
from scenario import Scenario, end_task, eventually
from serving import ROOT, Server
from test_images import scan

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
        except (OSError, SchemaError):
            # The server is gone, perhaps before a client knew what it offers.
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


def send(url: str, content: bytes, announced: int) -> socket.socket:
    """The beginning of a PUT, whose answer nobody waits for."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    target = f"{parts.path}?{parts.query}"
    head = f"PUT {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    connection.sendall(f"{head}Content-Length: {announced}\r\n\r\n".encode() + content)
    return connection


def held(data: Path) -> int:
    """How many bytes of files are there, whole ones or parts."""
    # One may get its place while we look.
    places = [place for place in (data / "files").rglob("*") if place.is_file()]
    return sum(place.stat().st_size for place in places if place.exists())


def test_a_killed_server_takes_no_half_of_an_image(phoenix: Phoenix) -> None:
    image = phoenix.api.request("CreateImage", body={"path": f"scans/{uuid.uuid4()}"})
    path = image["s3_put_url"].removeprefix(phoenix.server.url)
    # More than the server puts to the disk at once.
    content = scan(1500, 1500, "TIFF")
    half = len(content) // 2
    assert half > 2 << 20
    before = held(phoenix.data)

    with send(phoenix.server.url + path, content[:half], len(content)):
        eventually(lambda: held(phoenix.data) > before)
        phoenix.die()
    phoenix.server = phoenix.rise()
    api = phoenix.api
    found = api.request("RetrieveImage", id=image["id"])
    assert (found["status"], found["width"]) == ("unchecked", 0)
    with pytest.raises(ErrorResponse) as refused:
        api.request("PartialUpdateImage", id=image["id"], body={"status": "checked"})
    assert refused.value.content["errors"][0]["code"] == "no_file"

    # All of it was sent, and then nobody can say how far the server got.
    left = held(phoenix.data)
    with send(phoenix.server.url + path, content, len(content)):
        eventually(lambda: held(phoenix.data) >= left + len(content))
        phoenix.die()
    phoenix.server = phoenix.rise()
    api = phoenix.api
    found = api.request("RetrieveImage", id=image["id"])
    assert found["status"] == "unchecked"
    assert found["width"] in (0, 1500)

    # The same address takes it again.
    assert requests.put(phoenix.server.url + path, data=content, timeout=60).ok
    body = {"status": "checked"}
    checked = api.request("PartialUpdateImage", id=image["id"], body=body)
    assert (checked["status"], checked["width"]) == ("checked", 1500)
    shown = requests.get(f"{checked['url']}/full/100,/0/default.jpg", timeout=60)
    assert shown.status_code == 200
