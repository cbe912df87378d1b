"""Secrets as unmodified workers read them: by name in the Enterprise edition, inline in the other."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse

from conftest import log_in, serve
from scenario import Scenario, Workshop, end_task
from serving import Server

CREDENTIALS = json.dumps({"password": f"open {uuid.uuid4()}", "user": "clerk"}, sort_keys=True)


@pytest.fixture(scope="module")
def enterprise_server(workplace: Path) -> Iterator[Server]:
    yield from serve(workplace, "enterprise", "--edition", "enterprise")


def read_by_a_worker(server: Server, workshop: Workshop, password: str) -> tuple[Scenario, str]:
    """What a worker with this value in its configuration wrote, and its log."""
    api = log_in(server)
    scenario = Scenario.of_pages(api, "1r")
    worker = scenario.make_worker()
    process = scenario.start(worker, worker.configure("With a password", password=password))
    task = process.claim()
    ended = workshop.run(server.url, "keyholder.py", task)
    assert ended.status == 0, ended.log
    end_task(server.url, task, "completed")
    (text,) = scenario.transcriptions()
    return text["text"], ended.log


def test_a_worker_reads_the_secret_that_its_configuration_names(enterprise_server: Server, workshop: Workshop) -> None:
    api = log_in(enterprise_server)
    name = "archive/credentials.json"
    made = api.request("CreateSecret", body={"name": name, "content": CREDENTIALS})
    assert made["name"] == name and "content" not in made
    assert [secret["name"] for secret in api.paginate("ListSecrets")] == [name]

    text, log = read_by_a_worker(enterprise_server, workshop, name)
    assert text == hashlib.sha256(CREDENTIALS.encode()).hexdigest()
    assert f"Loaded API secret {name}" in log
    password = json.loads(CREDENTIALS)["password"]
    assert not any(password in line or name in line for line in enterprise_server.log)
    assert password not in (enterprise_server.data / "secret.key").read_text()

    with pytest.raises(ErrorResponse) as refusal:
        read_by_a_worker(enterprise_server, workshop, "no-such-secret")
    assert refusal.value.status_code == 400
    assert refusal.value.content["errors"][0]["attr"] == ["configuration", "password"]

    api.request("DestroySecret", id=made["id"])
    assert list(api.paginate("ListSecrets")) == []


def test_in_the_community_edition_the_value_itself_stands_there(
    server: Server, api: ArkindexClient, workshop: Workshop
) -> None:
    assert "RetrieveSecret" not in api.document.links
    text, log = read_by_a_worker(server, workshop, CREDENTIALS)
    assert text == hashlib.sha256(CREDENTIALS.encode()).hexdigest()
    assert "Loaded API secret" not in log
