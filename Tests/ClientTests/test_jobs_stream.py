"""Jobs over server-sent events, as a program that follows them meets them."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from arkindex import ArkindexClient

from conftest import log_in, serve
from scenario import Scenario, end_task
from serving import Server


def stream(server: Server, token: str, last: str | None = None, query: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a stream as they come, until it ends."""
    headers = {"Authorization": f"Token {token}"} | ({"Last-Event-ID": last} if last else {})
    request = urllib.request.Request(f"{server.url}/api/v1/jobs/stream/{query}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        for line in response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name in ("data", "id"):
                yield name, value


def published(server: Server, api: ArkindexClient) -> tuple[str, str]:
    """A run that has published, and its corpus."""
    scenario = Scenario.of_pages(api, "1r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    body = {"worker_run_id": process.runs[0], "transcriptions": [{"element_id": scenario.pages[0]["id"], "text": "a"}]}
    client = ArkindexClient(base_url=server.url, token=task["token"], auth_scheme="Ponos")
    client.request("CreateTranscriptions", body=body)
    end_task(server.url, task, "completed")
    return process.runs[0], scenario.corpus["id"]


def test_a_purge_is_followed_to_its_end_and_the_stream_ends_with_the_server(workplace: Path) -> None:
    serving = serve(workplace, "streaming")
    server = next(serving)
    api = log_in(server)
    token = api.request("CreateToken", body={"name": "stream", "scope": "read"})["token"]
    run, corpus = published(server, api)
    api.request("PartialUpdateSettings", body={"purge_horizon": 0})
    told = stream(server, token)
    mark = next(value for name, value in told if name == "id")
    job = api.request("DestroyWorkerResults", id=corpus, worker_run_id=run)["job"]
    states = []
    for name, value in told:
        if name == "data" and json.loads(value)["id"] == job:
            states.append(json.loads(value)["state"])
            if states[-1] == "done":
                break
    assert states[0] in ("queued", "running", "done")
    # Somebody who was away meanwhile is told how it ended.
    missed = dict(stream(server, token, mark, "?seconds=0"))
    assert json.loads(missed["data"])["state"] == "done"

    rest: list[tuple[str, str]] = []
    listener = threading.Thread(target=lambda: rest.extend(told))
    listener.start()
    # It must not keep the server from stopping.
    assert next(serving, None) is None
    listener.join(30)
    assert not listener.is_alive()
