"""Fault 35: one tenant's slow requests keep no other waiting, however many they are."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from arkindex import ArkindexClient

from conftest import EMAIL, PASSWORD
from scenario import eventually
from serving import Server
from test_command_line import BINARY, Cluster, cluster, migrated  # noqa: F401
from test_pgbouncer import tokens

CONNECTIONS = 4
SLOW = 12
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_whoever_waits_behind_their_own_locks_keeps_nobody_else(
    workplace: Path, cluster: Cluster, migrated: str  # noqa: F811
) -> None:
    crowd, other = tokens(cluster, migrated)
    server = Server(
        workplace / "fair", "--database-url", cluster.url("app", migrated), binary=BINARY, email=EMAIL, password=PASSWORD
    )
    try:
        crowd, other = (ArkindexClient(base_url=server.url, token=token) for token in (crowd, other))
        corpus = crowd.request("CreateCorpus", body={"name": "Parish"})["id"]
        assert other.request("ListCorpus") == []
        with ThreadPoolExecutor(SLOW) as people, Held(cluster.url("owner", migrated), corpus):
            body = {"corpus": corpus, "type": "folder", "name": "Volume"}
            slow = [people.submit(crowd.request, "CreateElement", body=body) for _ in range(SLOW)]
            eventually(lambda: cluster.ask(migrated, WAITING) == str(CONNECTIONS))
            # All that the crowd can have is held, and the others are not behind it.
            for number in range(20):
                other.request("CreateCorpus", body={"name": f"Abbey {number}"})
            assert len(other.request("ListCorpus")) == 20
            assert cluster.ask(migrated, WAITING) == str(CONNECTIONS)
            assert not any(request.done() for request in slow)
        assert len({request.result()["id"] for request in slow}) == SLOW
        assert server.stop() == 0, server.log
    finally:
        server.stop()


class Held:
    """What writers in a project wait for, held by somebody who does not write."""

    def __init__(self, url: str, corpus: str) -> None:
        self._psql = subprocess.Popen(["psql", "-qXAt", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._corpus = corpus

    def __enter__(self) -> None:
        assert self._psql.stdin and self._psql.stdout
        self._psql.stdin.write(f"SELECT 'held' FROM pg_advisory_lock(visibility_lock('{self._corpus}'));\n")
        self._psql.stdin.flush()
        assert self._psql.stdout.readline() == "held\n"

    def __exit__(self, *_: object) -> None:
        self._psql.communicate(timeout=30)
        assert self._psql.returncode == 0
