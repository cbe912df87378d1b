"""Fixtures: one server for the whole session, one that carries out tasks, and a client logged in to each."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient

from scenario import HERE, Workshop
from serving import ROOT, Server, lend_interpreter, lend_programs, make_workplace

EMAIL = "admin@example.org"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    place = make_workplace()
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def workshop(workplace: Path) -> Workshop:
    return Workshop(
        python=lend_interpreter(Path(sys.executable), workplace),
        programs=lend_programs((HERE / "workers").glob("*.py"), workplace),
        tasks=workplace / "tasks",
    )


def serve(workplace: Path, name: str, *options: str) -> Iterator[Server]:
    """A server for a while: it must end with 0 when it is asked to, or the tests of the session fail."""
    binary = os.environ.get("PALIMPSEST_BINARY", ROOT / ".build/debug/palimpsest")
    server = Server(
        workplace / name,
        *options,
        binary=Path(binary).resolve(),
        email=EMAIL,
        password=PASSWORD,
    )
    yield server
    status = server.stop()
    assert status == 0, "\n".join(
        [f"the server ended with {status}", *server.log[-40:]]
    )


@pytest.fixture(scope="session")
def server(workplace: Path) -> Iterator[Server]:
    yield from serve(workplace, "data")


@pytest.fixture(scope="session")
def executing_server(workplace: Path) -> Iterator[Server]:
    yield from serve(workplace, "executing", "--executor", "process")


def log_in(server: Server) -> ArkindexClient:
    client = ArkindexClient(base_url=server.url)
    client.login(server.email, server.password)
    return client


@pytest.fixture
def api(server: Server) -> ArkindexClient:
    return log_in(server)


@pytest.fixture
def executing_api(executing_server: Server) -> ArkindexClient:
    return log_in(executing_server)
