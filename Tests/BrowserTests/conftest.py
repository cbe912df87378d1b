"""Fixtures: a server with an archive in it, and a browser that has signed in to its pages."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from archive import Archive
from reading import Reader
from serving import ROOT, Server, make_workplace

EMAIL = "admin@example.org"
PASSWORD = "correct horse battery staple"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--into", default=str(ROOT / ".screenshots"), help="where screenshots go")
    parser.addoption("--guide", default="", help="where pictures of the guide go; without it none are kept")


@pytest.fixture
def into(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("--into"))


def serve(*options: str) -> Iterator[Server]:
    """A server for a while: it must end with 0 when it is asked to, or the tests fail."""
    workplace = make_workplace()
    binary = os.environ.get("PALIMPSEST_BINARY", ROOT / ".build/debug/palimpsest")
    server = Server(
        workplace / "data",
        *options,
        binary=Path(binary).resolve(),
        email=EMAIL,
        password=PASSWORD,
    )
    yield server
    status = server.stop()
    shutil.rmtree(workplace, ignore_errors=True)
    assert status == 0, "\n".join(server.log[-40:])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    yield from serve()


@pytest.fixture(scope="session")
def api(server: Server) -> ArkindexClient:
    client = ArkindexClient(base_url=server.url)
    client.login(server.email, server.password)
    return client


@pytest.fixture(scope="session")
def institution() -> Iterator[Server]:
    """A server of the Enterprise edition, which all tests of rights share."""
    yield from serve("--edition", "enterprise")


@pytest.fixture(scope="session")
def keeper(institution: Server) -> ArkindexClient:
    """Its administrator, through the API."""
    client = ArkindexClient(base_url=institution.url)
    client.login(EMAIL, PASSWORD)
    return client


@pytest.fixture(scope="session")
def archive(api: ArkindexClient, server: Server) -> Archive:
    return Archive.make(api, server.url, ROOT / ".demo/scans")


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
        "--force-prefers-reduced-motion",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


@pytest.fixture
def reader(browser: webdriver.Chrome, server: Server) -> Iterator[Reader]:
    """Somebody who has signed in. What the console says against a page fails the test."""
    reader = Reader(browser, server.url)
    reader.sign_in(server.email, server.password)
    yield reader
    assert reader.complaints() == []
