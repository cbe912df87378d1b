"""Secrets as unmodified workers read them: by name in the Enterprise edition, inline in the other."""

import hashlib
import json
import secrets
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse

from conftest import EMAIL, PASSWORD, log_in, serve
from scenario import Scenario, Workshop, end_task
from serving import Server
from test_command_line import BINARY, FAILED, USAGE, palimpsest

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


def test_secrets_get_a_new_key_and_stay_readable_meanwhile(workplace: Path) -> None:
    """Whatever interrupts it: some are sealed with one key and some with the other, and a server that has both reads all."""
    keys = workplace / "keys"
    keys.mkdir()
    old, new = keys / "old", keys / "new"
    for key in (old, new):
        key.write_text(secrets.token_hex(32) + "\n")
    data = workplace / "rekeyed"

    def serving(*options: str) -> Server:
        edition = ("--edition", "enterprise")
        return Server(data, *edition, "--secret-key-file", *map(str, options), binary=BINARY, email=EMAIL, password=PASSWORD)

    def rekey(by: Path = new, of: Path = old) -> subprocess.CompletedProcess[str]:
        return palimpsest("admin", "rekey-secrets", "--data-dir", str(data), "--key-file", str(by), "--old-key-file", str(of))

    def keep(server: Server, *names: str) -> None:
        api = log_in(server)
        for name in names:
            api.request("CreateSecret", body={"name": name, "content": f"content of {name}"})

    def reads(server: Server, *names: str) -> bool:
        api = log_in(server)
        return all(api.request("RetrieveSecret", name=name)["content"] == f"content of {name}" for name in names)

    first = [f"secret-{number}" for number in range(25)]
    server = serving(old)
    try:
        keep(server, *first)
        missing = rekey(by=keys / "none")
        assert missing.returncode == USAGE and "no key" in missing.stderr and not (keys / "none").exists()
        wrong = rekey(of=new)
        assert wrong.returncode == FAILED and "main/secret-24" in wrong.stderr and reads(server, *first)
        done = rekey()
        assert (done.returncode, done.stdout) == (0, "Sealed anew: 25. Sealed with this key already: 0.\n"), done.stderr
        # A server that has not been told of the new key goes on with the old one.
        keep(server, "late")
        assert reads(server, "late")
    finally:
        assert server.stop() == 0, server.log
    server = serving(new, "--old-secret-key-file", old)
    try:
        assert reads(server, *first, "late")
        again = rekey()
        assert again.stdout == "Sealed anew: 1. Sealed with this key already: 25.\n", again.stderr
        events = log_in(server).paginate("ListAuditEvents")
        assert [event["detail"]["secrets"] for event in events if event["kind"] == "secrets_resealed"] == [1, 5, 20]
        assert not any("content of" in line for line in server.log)
    finally:
        assert server.stop() == 0, server.log
    server = serving(new)
    try:
        assert reads(server, *first, "late")
    finally:
        assert server.stop() == 0, server.log
