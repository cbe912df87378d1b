"""The server behind PgBouncer in transaction mode: each transaction may meet another connection, and none leaves anything there."""

import os
import pwd
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse

from conftest import EMAIL, PASSWORD
from scenario import eventually
from serving import Server
from test_command_line import BINARY, FAILED, Cluster, cluster, migrated, palimpsest  # noqa: F401

CONNECTIONS = 2
SECOND = "keeper@second.example.org"


class Bouncer:
    """PgBouncer before one database, as whoever runs the cluster."""

    PORT = 6432

    def __init__(self, place: Path, data: Path, database: str, mode: str = "transaction", size: int = CONNECTIONS) -> None:
        place.mkdir()
        self.place = place
        self.database = database
        settings = place / "pgbouncer.ini"
        password = (data / "secrets/app.password").read_text().strip()
        (place / "users.txt").write_text(f'"palimpsest_app" "{password}"\n')
        settings.write_text(
            f"""
            [databases]
            {database} = host={data / "run"} dbname={database}
            [pgbouncer]
            listen_addr =
            listen_port = {self.PORT}
            unix_socket_dir = {place}
            auth_type = plain
            auth_file = {place / "users.txt"}
            pool_mode = {mode}
            default_pool_size = {size}
            stats_users = palimpsest_app
            """
        )
        account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if account:
            for path in (place, *place.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        self.password = password
        self._process = subprocess.Popen(
            ["/usr/sbin/pgbouncer", settings],
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout
        self.log = []
        for line in self._process.stdout:
            self.log.append(line)
            if "process up" in line:
                break
        else:
            raise AssertionError("".join(self.log))

    @property
    def url(self) -> str:
        return f"host={self.place} port={self.PORT} user=palimpsest_app dbname={self.database} password={self.password}"

    def ask(self, question: str, database: str | None = None) -> list[list[str]]:
        url = self.url.replace(f"dbname={self.database}", f"dbname={database or self.database}")
        answer = subprocess.run(["psql", "-qXAt", url, "-c", question], check=True, capture_output=True, text=True)
        return [line.split("|") for line in answer.stdout.splitlines()]

    def stop(self) -> str:
        self._process.terminate()
        rest, _ = self._process.communicate(timeout=30)
        return "".join(self.log) + rest


@pytest.fixture
def bouncer(workplace: Path, cluster: Cluster, migrated: str) -> Iterator[Bouncer]:  # noqa: F811
    bouncer = Bouncer(workplace / f"bouncer-{uuid.uuid4().hex[:6]}", cluster.data, migrated)
    yield bouncer
    log = bouncer.stop()
    assert "WARNING" not in log and "ERROR" not in log and "FATAL" not in log, log


@pytest.mark.parametrize("misled", ["--database-url", "--direct-url"])
def test_a_pooler_that_lends_by_transaction_is_noticed_at_the_start(
    cluster: Cluster, migrated: str, bouncer: Bouncer, misled: str  # noqa: F811
) -> None:
    """Fault 79: before a statement fails now and then, or a notification does not come."""
    straight = cluster.url("app", migrated)
    urls = {"--database-url": straight, "--direct-url": straight, misled: bouncer.url}
    refused = palimpsest("serve", "--port", "0", "--data-dir", str(cluster.data), *(part for pair in urls.items() for part in pair))
    assert refused.returncode == FAILED and "listening" not in refused.stdout, refused.stdout
    said = {"--database-url": "--statement-cache off", "--direct-url": "Let it lead past the pooler"}
    assert "by transaction" in refused.stderr and said[misled] in refused.stderr, refused.stderr
    assert bouncer.password not in refused.stderr


def test_a_pooler_that_lends_by_session_is_served_through_with_all_there_is(
    workplace: Path, cluster: Cluster, migrated: str  # noqa: F811
) -> None:
    bouncer = Bouncer(workplace / f"bouncer-{uuid.uuid4().hex[:6]}", cluster.data, migrated, mode="session", size=20)
    try:
        server = Server(workplace / "by-session", "--database-url", bouncer.url, binary=BINARY, email=EMAIL, password=PASSWORD)
        try:
            first, _ = tokens(cluster, migrated)
            story(ArkindexClient(base_url=server.url, token=first), "Parish")
        finally:
            assert server.stop() == 0, server.log
    finally:
        bouncer.stop()


def tokens(cluster: Cluster, database: str) -> list[str]:  # noqa: F811
    """One of each of two tenants."""
    owner = {"PALIMPSEST_OWNER_URL": cluster.url("owner", database)}
    first = cluster.ask(database, "UPDATE tenant SET host = 'first.example.org' RETURNING slug")
    made = palimpsest(
        "tenant", "create", "--slug", "second", "--host", "second.example.org", "--admin-email", SECOND, **owner
    )
    assert made.returncode == 0, made.stderr
    people = {first: cluster.ask(database, "SELECT min(email) FROM user_account WHERE is_admin AND email <> '" + SECOND + "'"), "second": SECOND}
    found = []
    for slug, email in people.items():
        place = ("--database-url", cluster.url("app", database))
        token = palimpsest("user", "token", "--tenant", slug, "--email", email, *place, **owner)
        assert token.returncode == 0, token.stderr
        found.append(token.stdout.strip())
    return found


@pytest.mark.parametrize("direct", [True, False], ids=["notified", "polling"])
def test_two_tenants_share_connections_and_nothing_else(
    workplace: Path, cluster: Cluster, migrated: str, bouncer: Bouncer, direct: bool  # noqa: F811
) -> None:
    held = tokens(cluster, migrated)
    options = ["--database-url", bouncer.url, "--statement-cache", "off"]
    if direct:
        options += ["--direct-url", cluster.url("app", migrated)]
    server = Server(workplace / f"pooled-{direct}", *options, binary=BINARY, email=EMAIL, password=PASSWORD)
    try:
        clients = [ArkindexClient(base_url=server.url, token=token) for token in held]
        with ThreadPoolExecutor(8) as people:
            stories = [people.submit(story, clients[number % 2], f"Parish {number % 2}.{number}") for number in range(8)]
            for told in stories:
                told.result()
        for number, client in enumerate(clients):
            names = [corpus["name"] for corpus in client.request("ListCorpus")]
            assert sorted(names) == sorted(f"Parish {number}.{n}" for n in range(number, 8, 2))
        # All of it went through a few connections, and what comes next on one finds no tenant there.
        assert len(bouncer.ask("SHOW SERVERS", "pgbouncer")) <= CONNECTIONS
        left = "SELECT coalesce(current_setting('app.tenant_id', true), ''), (SELECT count(*) FROM corpus), (SELECT count(*) FROM pg_prepared_statements)"
        for _ in range(2 * CONNECTIONS):
            assert bouncer.ask(left) == [["", "0", "0"]]
        status = server.stop()
        assert status == 0, server.log
    finally:
        server.stop()


def story(client: ArkindexClient, name: str) -> None:
    """Makes a project with pages, is refused now and then, and has it exported by a job."""
    corpus = client.request("CreateCorpus", body={"name": name})["id"]
    folder = client.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": name})["id"]
    for page in range(5):
        client.request("CreateElement", body={"corpus": corpus, "type": "page", "name": f"{name}, {page}", "parent": folder})
        # What fails in the middle ends its transaction, and nobody else's.
        refused(404, lambda: client.request("RetrieveElement", id=str(uuid.uuid4())))
        refused(400, lambda: client.request("CreateElement", body={"corpus": corpus, "type": "no-such", "name": "x"}))
    below = client.paginate("ListElementChildren", id=folder)
    assert [element["name"] for element in below] == [f"{name}, {page}" for page in range(5)]
    export = client.request("StartExport", id=corpus, body={})["id"]

    def done() -> bool:
        (found,) = (item for item in client.paginate("ListExports", id=corpus) if item["id"] == export)
        assert found["state"] != "failed"
        return found["state"] == "done"

    eventually(done)


def refused(status: int, call: Callable[[], object]) -> None:
    with pytest.raises(ErrorResponse) as refusal:
        call()
    assert refusal.value.status_code == status, refusal.value.content
