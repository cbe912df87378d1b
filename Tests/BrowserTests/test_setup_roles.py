"""Who may set what up: in the Enterprise edition each is offered what they may do, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from arkindex import ArkindexClient
from conftest import PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from serving import Server

LEVELS = {"guest": 10, "contributor": 50, "admin": 100}


@dataclass
class Place:
    """A project with a process that has not started, a dataset and a model."""

    corpus: str
    process: str
    run: str
    dataset: str
    model: str

    @classmethod
    def make(cls, api: ArkindexClient) -> "Place":
        corpus = api.request("CreateCorpus", body={"name": "Notaries"})["id"]
        worker = api.request("CreateWorker", body={"name": "Scribe", "slug": "scribe", "type": "recognizer"})
        version = api.request(
            "CreateWorkerVersion",
            id=worker["id"],
            body={"configuration": [], "model_usage": "supported", "state": "available", "command": "true", "docker_image_iid": "scribe:1"},
        )
        process = api.request("CreateProcess", body={"corpus": corpus, "mode": "workers", "name": "Reading"})["id"]
        run = api.request("CreateWorkerRun", id=process, body={"worker_version_id": version["id"]})["id"]
        dataset = api.request("CreateDataset", id=corpus, body={"name": "Hands", "set_names": ["train"]})["id"]
        model = api.request("CreateModel", body={"name": "Cursive"})["id"]
        for role, level in LEVELS.items():
            user = api.request(
                "CreateUser", body={"email": f"{role}@notaries.example", "display_name": f"A {role}", "password": PASSWORD}
            )["id"]
            for kind, thing in {"corpus": corpus, "worker": worker["id"], "model": model}.items():
                api.request("CreateMembership", body={"user": user, kind: thing, "level": level})
        return cls(corpus, process, run, dataset, model)


@pytest.fixture(scope="module")
def place(keeper: ArkindexClient) -> Place:
    return Place.make(keeper)


@pytest.fixture
def visitor(browser: Chrome, institution: Server) -> Iterator[Reader]:
    visitor = Reader(browser, institution.url)
    yield visitor
    assert visitor.complaints() == []


def offers(visitor: Reader, path: str) -> set[str]:
    """The names of what the page's main part has to press or to follow."""
    visitor.open(path)
    assert visitor.violations() == []
    found = visitor.browser.find_elements(By.CSS_SELECTOR, "main button, main a.button, main summary")
    return {element.text for element in found if element.is_displayed()}


@pytest.mark.parametrize("role", LEVELS)
def test_everybody_is_offered_what_they_may_do(visitor: Reader, place: Place, role: str) -> None:
    visitor.sign_in(f"{role}@notaries.example", PASSWORD)
    contributes, administers = role != "guest", role == "admin"
    process = offers(visitor, f"/processes/{place.process}")
    assert process == (
        {"Start", "Choose a model", "Choose a configuration", "Remove", "Add a worker", "Apply a template", "Change the process", "Keep", "Delete the process"}
        if administers
        else set()
    )
    assert ("Administrators of its project set it up" in visitor.text) == (not administers)
    dataset = offers(visitor, f"/datasets/{place.dataset}")
    assert ("Export it" in dataset) == contributes and ("Add" in dataset) == contributes
    assert ("Train with it" in dataset) == ("Delete the dataset" in dataset) == administers
    assert ("Start an export" in offers(visitor, f"/projects/{place.corpus}/exports")) == contributes
    assert ("Create" in offers(visitor, f"/projects/{place.corpus}/datasets")) == contributes
    assert ("Create" in offers(visitor, f"/projects/{place.corpus}/process")) == administers
    assert ("Archive the model" in offers(visitor, f"/models/{place.model}")) == administers


def test_a_form_that_is_not_offered_is_refused_all_the_same(
    visitor: Reader, place: Place, keeper: ArkindexClient
) -> None:
    visitor.sign_in("guest@notaries.example", PASSWORD)
    visitor.open("/models")
    csrf = visitor.find("//input[@name='csrf']").get_dom_attribute("value")
    page = visitor.fetch(f"/processes/{place.process}/start", {"csrf": csrf}, length=None)
    assert "This needs admin access" in page
    visitor.expect("403")
    assert keeper.request("RetrieveProcess", id=place.process)["state"] == "unstarted"
