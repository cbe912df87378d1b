"""What the details of a worker run tell and lead to, whatever it made and whoever looks."""

import uuid

import pytest
from archive import Archive
from arkindex import ArkindexClient
from reading import Reader
from selenium.webdriver.common.by import By


@pytest.fixture
def corpus(api: ArkindexClient) -> dict:
    return api.request("CreateCorpus", body={"name": f"Diaries {uuid.uuid4().hex[:6]}"})


def sign(api: ArkindexClient, corpus: str, made: str | None = None) -> tuple[str, str]:
    """A user worker run whose text stands on an element, which the run has made where it is given a type."""
    run = api.request("CreateUserWorkerRun", body={"summary": f"Read at home {uuid.uuid4().hex[:6]}"})["id"]
    body = {"corpus": corpus, "type": "page", "name": "A page that it read"}
    element = api.request("CreateElement", body=body | ({"worker_run_id": run} if made else {}))["id"]
    api.request("CreateTranscription", id=element, body={"text": "Thursday. Rain.", "worker_run_id": run, "confidence": 0.9})
    return run, element


def links(reader: Reader, name: str) -> list[str]:
    return [link.get_dom_attribute("href") for link in reader.browser.find_elements(By.XPATH, f"//main//a[normalize-space()='{name}']")]


def test_a_run_that_made_no_elements_leads_to_what_carries_its_results(reader: Reader, api: ArkindexClient, corpus: dict) -> None:
    run, element = sign(api, corpus["id"])
    reader.open(f"/projects/{corpus['id']}/runs")
    reader.press("Show only its results")
    reader.wait_for_text("A page that it read")
    reader.open(f"/runs/{run}")
    reader.press("Show only its results")
    reader.wait_for_text("A page that it read")


def test_a_user_worker_run_leads_to_each_project_with_its_results(reader: Reader, api: ArkindexClient, corpus: dict) -> None:
    run, _ = sign(api, corpus["id"], made="page")
    other = api.request("CreateCorpus", body={"name": "Letters home"})["id"]
    element = api.request("CreateElement", body={"corpus": other, "type": "page", "name": "A letter"})["id"]
    api.request("CreateTranscription", id=element, body={"text": "Dear all", "worker_run_id": run, "confidence": 0.9})
    api.request("CreateCorpus", body={"name": "Has nothing of it"})
    reader.open(f"/runs/{run}")
    assert corpus["name"] in reader.text and "Letters home" in reader.text and "Has nothing of it" not in reader.text
    assert set(links(reader, "Show only its results")) == {
        f"/projects/{corpus['id']}?worker_run={run}",
        f"/projects/{other}?worker_run={run}&carrying=results",
    }
    assert len(links(reader, "Delete its results …")) == 2
    reader.find(f"//main//a[@href='/projects/{other}/deletion?worker_run={run}']").click()
    reader.wait_for_heading("Delete a run's results")
    reader.press("Delete")
    reader.wait_for_heading("Deletions")
    reader.open(f"/runs/{run}")
    assert links(reader, "Show only its results") == [f"/projects/{corpus['id']}?worker_run={run}"]


def test_a_run_of_a_process_leads_to_its_own_project(reader: Reader, archive: Archive) -> None:
    reader.open(f"/runs/{archive.process.run}")
    assert links(reader, "Show only its results") == [f"/projects/{archive.scenario.corpus['id']}?worker_run={archive.process.run}"]
    assert len(links(reader, "Delete its results …")) == 1
