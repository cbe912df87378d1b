"""Each generation of arkindex-client that is in use, in its own virtual environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from arkindex import ArkindexClient

from scenario import HERE, Scenario
from serving import ROOT, Server

CALLICO = os.environ.get("PALIMPSEST_CALLICO_PYTHON", ROOT / ".venv-callico/bin/python")


@pytest.fixture(scope="module")
def forty_five_pages(server: Server) -> Scenario:
    client = ArkindexClient(base_url=server.url)
    client.login(server.email, server.password)
    return Scenario.of_pages(client, *(f"page {number}" for number in range(45)))


@pytest.mark.parametrize(
    ("python", "client"),
    [
        pytest.param(sys.executable, "1.3.0", id="base-worker"),
        pytest.param(CALLICO, "1.0.16", id="callico"),
    ],
)
def test_a_client_logs_in_and_turns_three_pages(
    server: Server, forty_five_pages: Scenario, python: Path | str, client: str
) -> None:
    listing = subprocess.run(
        [
            python,
            HERE / "listing.py",
            server.url,
            server.email,
            server.password,
            forty_five_pages.corpus["id"],
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert listing.returncode == 0, listing.stderr
    answer = json.loads(listing.stdout)
    assert answer["client"] == client
    assert answer["user"] == server.email
    assert answer["pages"] == 3
    assert sorted(answer["names"]) == sorted(f"page {number}" for number in range(45))
