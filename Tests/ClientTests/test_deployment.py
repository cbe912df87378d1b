"""What an operator installs, as far as it can be tried without a container engine: the files by their own parsers and
linters, and all that they do to a database on a real one.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD
from serving import ROOT, Server
from test_command_line import BINARY, Cluster, palimpsest

TOOLS = Path(sys.executable).parent
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
COMPOSE = ROOT / "docker-compose.yml"
CONTAINERFILE = ROOT / "deploy/Containerfile"


def check(*command: str | Path, **options: object) -> str:
    """Runs a program that must not complain; returns what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_containerfile_passes_its_linter() -> None:
    check(TOOLS / "hadolint", CONTAINERFILE)


def test_the_compose_file_meets_its_specification() -> None:
    check(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_the_compose_file_has_no_default_password() -> None:
    for service in yaml.safe_load(COMPOSE.read_text())["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|URL|EMAIL", name):
                assert re.search(r"\$\{[A-Z_]+:\?", value), f"{name} has a default"


def test_scripts_pass_their_linter() -> None:
    tracked = check("git", "ls-files", cwd=ROOT).splitlines()
    scripts = [
        name
        for name in tracked
        if (ROOT / name).read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh"))
    ]
    assert "deploy/setup.sh" in scripts
    check(TOOLS / "shellcheck", *scripts, cwd=ROOT)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_valid_and_hardened(unit: Path, tmp_path: Path) -> None:
    # Its program need not be installed here.
    installed = tmp_path / unit.name
    installed.write_text(
        unit.read_text().replace("/usr/local/bin/palimpsest", str(BINARY))
    )
    assert not check("systemd-analyze", "verify", installed)
    # Of 100; an ordinary service has 96.
    check("systemd-analyze", "security", "--offline=yes", "--threshold=15", installed)


def test_the_image_has_the_libraries_that_the_program_needs() -> None:
    """Which package each comes from, the packages of this machine tell; Swift's own are linked into the image's program."""
    listed = re.search(r"install [^&]*?\bca-certificates\b([^&]*)", CONTAINERFILE.read_text())
    assert listed
    installed = {"libc6", "libgcc-s1", "libstdc++6", *listed[1].replace("\\", "").split()}
    needed = re.findall(r"NEEDED.*\[(.+)\]", check("readelf", "--dynamic", BINARY))
    assert needed
    for library in needed:
        if not library.startswith(("libswift", "lib_", "libFoundation", "libdispatch", "libBlocks")):
            owners = check("dpkg-query", "--search", f"*/{library}").splitlines()
            packages = {owner.partition(":")[0] for owner in owners}
            assert packages & installed, f"{library} is in {packages}, which the image lacks"


@dataclass
class Database:
    """A cluster as the image of PostgreSQL makes one: by itself, on a port, with an administrator."""

    port: int

    def url(self, role: str) -> str:
        return f"postgresql://palimpsest_{role}:{role}-password@127.0.0.1:{self.port}/palimpsest"


def as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def database(workplace: Path) -> Iterator[Database]:
    place = workplace / "given"
    place.mkdir(mode=0o700)
    if account := as_postgres():
        os.chown(place, account["user"], account["group"])
    programs = Path(check("pg_config", "--bindir").strip())
    data, port = place / "data", free_port()
    passwords = place / "password"
    passwords.write_text("administrator-password\n")
    passwords.chmod(0o644)
    check(
        *(programs / "initdb", "--pgdata", data, "--auth=scram-sha-256", "--no-sync"),
        *("--username=postgres", f"--pwfile={passwords}"),
        **as_postgres(),
        cwd="/",
    )
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
    postmaster = programs / "pg_ctl", "--pgdata", data, "--wait", "--silent"
    check(
        *(*postmaster, "--log", place / "log", "--options", options, "start"),
        **as_postgres(),
        cwd="/",
    )
    yield Database(port)
    check(*postmaster, "--mode=fast", "stop", **as_postgres(), cwd="/")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(database: Database, **more: str) -> dict[str, str]:
    """That of the container of the database."""
    return {
        "PATH": os.environ["PATH"],
        "PGHOST": "127.0.0.1",
        "PGPORT": str(database.port),
        "PGPASSWORD": "administrator-password",
        **more,
    }


def migrate(database: Database) -> subprocess.CompletedProcess[str]:
    return palimpsest(
        "migrate",
        PALIMPSEST_OWNER_URL=database.url("owner"),
        PALIMPSEST_APP_PASSWORD="app-password",
        PALIMPSEST_ADMIN_EMAIL=EMAIL,
        PALIMPSEST_ADMIN_PASSWORD=PASSWORD,
        PALIMPSEST_EDITION="",
    )


@contextmanager
def served(database: Database, workplace: Path) -> Iterator[ArkindexClient]:
    server = Server(
        workplace / "served",
        *("--database-url", database.url("app")),
        binary=BINARY,
        email=EMAIL,
        password=PASSWORD,
    )
    try:
        check(
            ROOT / "deploy/palimpsest-ready",
            env={"PATH": os.environ["PATH"], "PALIMPSEST_PORT": server.url.rpartition(":")[2]},
        )
        client = ArkindexClient(base_url=server.url)
        client.login(EMAIL, PASSWORD)
        yield client
    finally:
        assert server.stop() == 0, "\n".join(server.log[-20:])


def test_the_steps_of_the_compose_file_and_a_backup(database: Database, workplace: Path) -> None:
    check(
        ROOT / "deploy/postgres/owner.sh",
        env=environment(database, PALIMPSEST_OWNER_PASSWORD="owner-password"),
    )
    assert migrate(database).returncode == 0
    with served(database, workplace) as client:
        corpus = client.request("CreateCorpus", body={"name": "Letters"})
        client.request(
            "CreateElement", body={"corpus": corpus["id"], "type": "folder", "name": "Box 1"}
        )

    dump = workplace / "palimpsest.dump"
    refused = subprocess.run(
        ["pg_dump", "--format=custom", f"--file={dump}", database.url("app")],
        capture_output=True,
        text=True,
    )
    assert refused.returncode != 0, "the runtime role must not be able to make a backup that lacks rows"
    check("pg_dump", "--format=custom", f"--file={dump}", database.url("owner"))

    # As docs/operate.md has it.
    administrator = "psql", "--no-psqlrc", "--quiet", "--username=postgres", "--dbname=postgres"
    for statement in (
        "DROP DATABASE palimpsest",
        "CREATE DATABASE palimpsest OWNER palimpsest_owner",
    ):
        check(*administrator, "--command", statement, env=environment(database))
    assert migrate(database).returncode == 0
    check(
        *("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"),
        *("--dbname", database.url("owner"), dump),
    )
    assert migrate(database).returncode == 0
    valid = palimpsest("validate", "--database-url", database.url("app"))
    assert valid.returncode == 0, valid.stderr
    with served(database, workplace) as client:
        (restored,) = client.paginate("ListCorpus")
        assert restored["id"] == corpus["id"]
        (folder,) = client.paginate("ListElements", corpus=corpus["id"])
        assert folder["name"] == "Box 1"


def test_the_check_of_readiness_fails_where_nobody_listens() -> None:
    done = subprocess.run(
        [ROOT / "deploy/palimpsest-ready"],
        env={"PATH": os.environ["PATH"], "PALIMPSEST_PORT": str(free_port())},
        capture_output=True,
    )
    assert done.returncode != 0


def test_a_backup_of_a_running_server_comes_back_in_another(server: Server, workplace: Path) -> None:
    client = ArkindexClient(base_url=server.url)
    client.login(EMAIL, PASSWORD)
    corpus = client.request("CreateCorpus", body={"name": "Charters"})
    dump = workplace / "embedded.dump"
    check("pg_dump", "--format=custom", f"--file={dump}", Cluster(server.data).url("owner", "palimpsest"))

    def start() -> Server:
        return Server(workplace / "restored", binary=BINARY, email="other@example.org", password=PASSWORD)

    other = start()
    check(
        *("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"),
        *("--dbname", Cluster(other.data).url("owner", "palimpsest"), dump),
    )
    assert other.stop() == 0
    other = start()
    client = ArkindexClient(base_url=other.url)
    client.login(EMAIL, PASSWORD)
    assert client.request("RetrieveCorpus", id=corpus["id"])["name"] == "Charters"
    assert other.stop() == 0
