"""Workers on which somebody has no access, or not enough: in the Enterprise edition nothing is offered that ends in a refusal."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from arkindex import ArkindexClient
from conftest import PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from serving import Server

FIELDS = [{"key": "prefix", "display_name": "Before each line", "type": "string", "default": ""}]


@dataclass
class Office:
    """A project whose administrator has another level on each worker."""

    api: ArkindexClient
    corpus: str
    email: str
    versions: dict[str, str]

    @classmethod
    def make(cls, api: ArkindexClient) -> "Office":
        mark = uuid.uuid4().hex[:6]
        corpus = api.request("CreateCorpus", body={"name": f"Wills {mark}"})["id"]
        email = f"{mark}@office.example"
        user = api.request("CreateUser", body={"email": email, "display_name": "A registrar", "password": PASSWORD})["id"]
        api.request("CreateMembership", body={"user": user, "corpus": corpus, "level": 100})
        versions = {}
        for called, level in {"hidden": None, "guest": 10, "contributor": 50, "admin": 100}.items():
            name = f"Reader {mark} {called}"
            worker = api.request("CreateWorker", body={"name": name, "slug": name.lower().replace(" ", "-"), "type": "recognizer"})["id"]
            body = {"configuration": FIELDS, "model_usage": "disabled", "state": "available", "command": "true", "docker_image_iid": "r:1"}
            versions[called] = api.request("CreateWorkerVersion", id=worker, body=body)["id"]
            if level:
                api.request("CreateMembership", body={"user": user, "worker": worker, "level": level})
        return cls(api, corpus, email, versions)

    def process(self, name: str) -> str:
        return self.api.request("CreateProcess", body={"corpus": self.corpus, "mode": "workers", "name": name})["id"]

    def run(self, called: str) -> dict:
        """A run of a process of its own, which an administrator of everything has added."""
        return self.api.request("CreateWorkerRun", id=self.process(f"By {called}"), body={"worker_version_id": self.versions[called]})


@pytest.fixture(scope="module")
def office(keeper: ArkindexClient) -> Office:
    return Office.make(keeper)


@pytest.fixture
def registrar(browser: Chrome, institution: Server, office: Office) -> Iterator[Reader]:
    registrar = Reader(browser, institution.url)
    registrar.sign_in(office.email, PASSWORD)
    yield registrar
    assert registrar.complaints() == []


def pressable(reader: Reader) -> set[str]:
    found = reader.browser.find_elements(By.CSS_SELECTOR, "main button, main a.button, main summary")
    return {element.text for element in found if element.is_displayed()}


def test_details_of_a_run_are_shown_without_its_values(registrar: Reader, office: Office) -> None:
    run = office.run("hidden")
    registrar.open(f"/processes/{run['process']['id']}")
    registrar.find(f"//a[@href='/runs/{run['id']}']").click()
    dialog = registrar.find("//dialog[@open]")
    assert "You have no access to this worker, so its values are not shown." in dialog.text
    assert "What it made" in dialog.text and "Nobody can set anything" not in dialog.text


def test_only_workers_that_one_may_use_can_be_added(registrar: Reader, office: Office) -> None:
    registrar.open(f"/processes/{office.process('To be added to')}/workers")
    offered = {
        called: len(registrar.browser.find_elements(By.XPATH, f"//form[.//input[@value='{version}']]//button"))
        for called, version in office.versions.items()
    }
    assert offered == {"hidden": 0, "guest": 0, "contributor": 1, "admin": 1}
    assert "You are a guest of this worker" in registrar.text


@pytest.mark.parametrize("called", ["hidden", "guest", "contributor", "admin"])
def test_a_run_is_set_up_as_far_as_its_worker_allows(registrar: Reader, office: Office, called: str) -> None:
    run = office.run(called)
    registrar.open(f"/processes/{run['process']['id']}")
    usable = called in ("contributor", "admin")
    assert ("It can start." in registrar.text) == ("Start" in pressable(registrar)) == usable
    assert ("You may not use this worker" in registrar.text) == (not usable)
    assert ("Choose a configuration" in pressable(registrar)) == (called != "hidden")
    registrar.open(f"/worker-runs/{run['id']}/configuration")
    assert ("so its configurations are not shown" in registrar.text) == (called == "hidden")
    assert ("Create and choose" in pressable(registrar)) == (called == "admin")


def test_whoever_leaves_is_shown_what_is_left(registrar: Reader, office: Office) -> None:
    api = office.api
    corpus = api.request("CreateCorpus", body={"name": "Left behind"})["id"]
    api.request("CreateMembership", body={"user": office.email, "corpus": corpus, "level": 10})
    registrar.open(f"/projects/{corpus}/members")
    registrar.press("Leave")
    registrar.wait_for_heading("Projects")
    assert "Left behind" not in registrar.text
    group = api.request("CreateGroup", body={"name": "Left alone"})["id"]
    api.request("CreateMembership", body={"user": office.email, "group_target": group, "level": 10})
    registrar.open(f"/groups/{group}")
    registrar.press("Leave")
    registrar.wait_for_heading("Administration")
    assert registrar.browser.current_url.endswith("/groups")
