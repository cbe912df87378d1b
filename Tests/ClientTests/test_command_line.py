"""The binary as an operator meets it: commands, exit codes, refusals, and what becomes of a server that is killed."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD, serve
from scenario import Scenario, end_task, eventually
from serving import ROOT, Server
from test_images import scan, upload

BINARY = Path(os.environ.get("PALIMPSEST_BINARY", ROOT / ".build/debug/palimpsest")).resolve()
FAILED, USAGE, UNREACHABLE, BEHIND = 1, 2, 3, 4


def palimpsest(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with nothing in its environment that could point it at another database."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith(("PALIMPSEST_", "PG"))
    }
    return subprocess.run(
        [BINARY, *arguments],
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


class Cluster:
    """The embedded cluster of a server, seen by its operator: a place for further databases."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def url(self, role: str, database: str) -> str:
        password = (self.data / f"secrets/{role}.password").read_text().strip()
        socket = self.data / "run"
        user = {"owner": "palimpsest_owner", "app": "palimpsest_app"}[role]
        return f"host={socket} user={user} dbname={database} password={password}"

    def create(self, database: str) -> None:
        subprocess.run(
            ["psql", "-qX", self.url("owner", "postgres"), "-c", f"CREATE DATABASE {database}"],
            check=True,
        )

    def ask(self, database: str, question: str) -> str:
        answer = subprocess.run(
            ["psql", "-qXAt", self.url("owner", database), "-c", question],
            check=True,
            capture_output=True,
            text=True,
        )
        return answer.stdout.strip()


@pytest.fixture
def cluster(server: Server) -> Cluster:
    return Cluster(server.data)


@pytest.fixture
def migrated(cluster: Cluster) -> Iterator[str]:
    """A second database of the cluster, migrated by the command."""
    name = "migrated"
    cluster.create(name)
    done = palimpsest(
        "migrate",
        "--edition",
        "enterprise",
        PALIMPSEST_OWNER_URL=cluster.url("owner", name),
        PALIMPSEST_ADMIN_PASSWORD=PASSWORD,
    )
    assert done.returncode == 0, done.stderr
    yield name
    cluster.ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_the_first_password_is_made_and_shown_once(cluster: Cluster) -> None:
    name = "fresh"
    cluster.create(name)
    owner = cluster.url("owner", name)
    try:
        made = palimpsest("migrate", PALIMPSEST_OWNER_URL=owner)
        assert made.returncode == 0, made.stderr
        accounts = "SELECT count(*), bool_and(is_admin) FROM user_account"
        assert cluster.ask(name, accounts) == "1|t"
        [password] = re.findall(r"Password \(shown once\): (\S+)", made.stdout)
        # Nobody can read it later, and nobody gets another one.
        assert password not in cluster.ask(name, "SELECT to_jsonb(u) FROM user_account u")
        again = palimpsest("migrate", PALIMPSEST_OWNER_URL=owner)
        assert again.returncode == 0, again.stderr
        assert "Password" not in again.stdout
        assert cluster.ask(name, accounts) == "1|t"
        # One that is given has to be one.
        short = palimpsest(
            *("user", "create", "--email", "short@example.org", "--password-file", "/dev/null"),
            PALIMPSEST_OWNER_URL=owner,
        )
        assert short.returncode != 0
    finally:
        cluster.ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_a_password_that_is_none_makes_no_administrator(cluster: Cluster) -> None:
    name = "guessable"
    cluster.create(name)
    try:
        weak = palimpsest(
            "migrate", PALIMPSEST_ADMIN_PASSWORD="admin", PALIMPSEST_OWNER_URL=cluster.url("owner", name)
        )
        assert weak.returncode == FAILED
        assert "PALIMPSEST_ADMIN_PASSWORD" in weak.stderr
    finally:
        cluster.ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_a_misspelt_variable_is_an_error() -> None:
    done = palimpsest("serve", PALIMPSEST_EDITON="enterprise")
    assert done.returncode == USAGE
    assert "PALIMPSEST_EDITON" in done.stderr


def test_a_database_that_cannot_be_reached_is_told_apart() -> None:
    done = palimpsest("serve", "--database-url", "host=/nowhere-at-all dbname=x")
    assert done.returncode == UNREACHABLE, done.stderr


def test_no_password_is_in_an_error(cluster: Cluster) -> None:
    done = palimpsest("serve", "--database-url", cluster.url("app", "missing").replace("run", "nowhere"))
    assert done.returncode == UNREACHABLE
    secret = (cluster.data / "secrets/app.password").read_text().strip()
    assert secret not in done.stdout + done.stderr


def test_the_executor_stays_on_loopback() -> None:
    done = palimpsest("serve", "--host", "0.0.0.0", "--executor", "process")
    assert done.returncode == USAGE
    assert "loopback" in done.stderr


def test_a_schema_that_is_behind_is_not_served(cluster: Cluster, migrated: str) -> None:
    cluster.ask(migrated, "DELETE FROM schema_file WHERE path LIKE 'policies/element.sql'")
    done = palimpsest("serve", "--port", "0", "--database-url", cluster.url("app", migrated))
    assert done.returncode == BEHIND
    assert "palimpsest migrate" in done.stderr
    assert palimpsest("validate", "--database-url", cluster.url("app", migrated)).returncode == BEHIND


def test_a_migrated_database_is_valid_and_migrating_again_changes_nothing(cluster: Cluster, migrated: str) -> None:
    before = cluster.ask(migrated, "SELECT max(applied) FROM schema_file")
    again = palimpsest("migrate", PALIMPSEST_OWNER_URL=cluster.url("owner", migrated))
    assert again.returncode == 0, again.stderr
    assert cluster.ask(migrated, "SELECT max(applied) FROM schema_file") == before
    valid = palimpsest("validate", "--database-url", cluster.url("app", migrated))
    assert valid.returncode == 0, valid.stderr


def test_an_owner_is_refused_as_runtime_role(cluster: Cluster, migrated: str) -> None:
    done = palimpsest("serve", "--port", "0", "--database-url", cluster.url("owner", migrated))
    assert done.returncode == FAILED
    assert "superuser" in done.stderr


def test_another_edition_is_refused_and_set_by_its_command(cluster: Cluster, migrated: str) -> None:
    done = palimpsest(
        "serve", "--port", "0", "--edition", "community", "--database-url", cluster.url("app", migrated)
    )
    assert done.returncode == FAILED
    assert "palimpsest edition set community" in done.stderr

    owner = {"PALIMPSEST_OWNER_URL": cluster.url("owner", migrated)}
    assert palimpsest("edition", "set", "community", **owner).returncode == 0
    assert cluster.ask(migrated, "SELECT edition FROM deployment") == "community"
    audited = cluster.ask(migrated, "SELECT detail->>'from', detail->>'to' FROM audit_event WHERE kind = 'edition_changed'")
    assert audited == "enterprise|community"


def test_accounts_and_tokens_are_made_from_the_command_line(server: Server) -> None:
    place = ("--data-dir", str(server.data))
    made = palimpsest("user", "create", "--email", "reader@example.org", *place)
    assert made.returncode == 0, made.stderr
    ArkindexClient(base_url=server.url).login("reader@example.org", made.stdout.strip())

    twice = palimpsest("user", "create", "--email", "Reader@example.org", *place)
    assert twice.returncode == FAILED
    assert "address already" in twice.stderr

    token = palimpsest("user", "token", "--email", "reader@example.org", "--name", "script", *place)
    assert token.returncode == 0, token.stderr
    client = ArkindexClient(base_url=server.url, token=token.stdout.strip())
    assert client.request("RetrieveUser")["email"] == "reader@example.org"


def test_the_document_is_printed_as_it_is_served(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/api/v1/openapi/?format=json") as answer:
        served = json.load(answer)
    assert json.loads(palimpsest("openapi", "--edition", "community").stdout) == served
    # What is reviewed is the whole, that of the Enterprise edition.
    whole = json.loads(palimpsest("openapi").stdout)
    reviewed = json.loads((ROOT / "docs/openapi.json").read_text())
    assert reviewed == whole, "the API has changed: run `make openapi` and review the difference"
    routes = palimpsest("routes").stdout.splitlines()
    assert len(routes) == sum(len(path) for path in whole["paths"].values())
    marked = {
        (path, method)
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
        if operation.get("x-edition") == "enterprise"
    }
    assert ("/api/v1/secret/{name}", "get") in marked
    common = {
        path: {method: it for method, it in methods.items() if (path, method) not in marked}
        for path, methods in whole["paths"].items()
    }
    assert served == {**whole, "paths": {path: methods for path, methods in common.items() if methods}}


def test_a_killed_server_finds_its_cluster_again(workplace: Path) -> None:
    """kill -9 leaves PostgreSQL running; the next server attaches to it, and everything is still there."""
    first = start(workplace)
    corpus = client_of(first).request("CreateCorpus", body={"name": "Survivor"})
    postmaster = (workplace / "killed/postgres/postmaster.pid").read_text().splitlines()[0]
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()

    second = start(workplace)
    assert (workplace / "killed/postgres/postmaster.pid").read_text().splitlines()[0] == postmaster
    assert client_of(second).request("RetrieveCorpus", id=corpus["id"])["name"] == "Survivor"

    third = palimpsest("serve", "--port", "0", "--data-dir", str(workplace / "killed"))
    assert third.returncode == FAILED
    assert second.stop() == 0
    assert not (workplace / "killed/postgres/postmaster.pid").exists()


def start(workplace: Path) -> Server:
    return Server(workplace / "killed", binary=BINARY, email=EMAIL, password=PASSWORD)


def client_of(server: Server) -> ArkindexClient:
    client = ArkindexClient(base_url=server.url)
    client.login(EMAIL, PASSWORD)
    return client


def test_a_new_capability_key_ends_addresses_when_it_is_to(
    api: ArkindexClient, server: Server
) -> None:
    def information() -> str:
        image = api.request("RetrieveImage", id=made["id"])
        return f"{image['url']}/info.json"

    def rotate(*options: str) -> subprocess.CompletedProcess[str]:
        command = ("capability", "rotate", "--data-dir", str(server.data))
        return palimpsest(*command, *options)

    made = upload(api, scan(80, 120, "PNG"))
    first = information()
    assert requests.get(first, timeout=60).status_code == 200
    done = rotate()
    assert (done.returncode, done.stdout) == (0, "New keys: 1.\n"), done.stderr
    second = information()
    assert second != first
    assert requests.get(first, timeout=60).status_code == 200
    assert rotate("--at-once", "--tenant", "main").returncode == 0
    assert requests.get(first, timeout=60).status_code == 403
    assert requests.get(second, timeout=60).status_code == 403
    assert requests.get(information(), timeout=60).status_code == 200
    unknown = rotate("--tenant", "nobody")
    assert unknown.returncode == FAILED
    assert "no such tenant" in unknown.stderr


def test_an_operator_sees_what_waits_and_purges_before_the_time(server: Server, api: ArkindexClient) -> None:
    scenario = Scenario.of_pages(api, "1r")
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    page, corpus = scenario.pages[0]["id"], scenario.corpus["id"]
    body = {"worker_run_id": process.runs[0], "transcriptions": [{"element_id": page, "text": "a"}] * 3}
    ArkindexClient(base_url=server.url, token=task["token"], auth_scheme="Ponos").request("CreateTranscriptions", body=body)
    end_task(server.url, task, "completed")
    made = api.request("DestroyWorkerResults", id=corpus, worker_run_id=process.runs[0])

    place = ("--data-dir", str(server.data))
    listed = palimpsest("admin", "jobs", *place)
    assert listed.returncode == 0, listed.stderr
    (line,) = [line for line in listed.stdout.splitlines() if line.startswith(made["job"])]
    assert line.split()[1:4] == ["purge", "queued", "0/3"]
    assert "queued" in listed.stdout.splitlines()[-1]

    purge = ("admin", "purge-now", *place, "--deletion")
    assert palimpsest(*purge, "everything").returncode == USAGE
    unknown = palimpsest(*purge, "0198c0de-0000-7000-8000-000000000000")
    assert unknown.returncode == FAILED
    assert "no such deletion" in unknown.stderr
    done = palimpsest(*purge, made["deletion"])
    assert done.returncode == 0, done.stderr
    eventually(lambda: api.request("RetrieveJob", id=made["job"])["state"] == "done")
    (deletion,) = api.request("ListDeletions", id=corpus)["results"]
    assert deletion["state"] == "purged"
    again = palimpsest(*purge, made["deletion"])
    assert again.returncode == FAILED
    assert "purged already" in again.stderr
    assert made["job"] not in palimpsest("admin", "jobs", *place).stdout


def test_monitoring_reads_numbers_at_an_address_of_its_own(workplace: Path) -> None:
    serving = serve(workplace, "monitored", "--metrics-address", "127.0.0.1:0")
    server = next(serving)
    (announced,) = [line for line in server.log if "metrics on " in line] or eventually(
        lambda: [line for line in server.log if "metrics on " in line]
    )
    with urllib.request.urlopen(announced.split("metrics on ", 1)[1]) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "palimpsest_database_up 1.0" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{server.url}/metrics")
    assert next(serving, None) is None
    wrong = palimpsest("serve", "--metrics-address", "9090")
    assert wrong.returncode == USAGE
    assert "127.0.0.1:9090" in wrong.stderr
