"""Names that were not right the first time, and a process that is to work on something else."""

import uuid
from collections.abc import Iterator

import pytest
from archive import Archive
from arkindex import ArkindexClient
from reading import Reader
from selenium.webdriver.common.by import By


@pytest.fixture
def project(api: ArkindexClient) -> Iterator[str]:
    project = api.request("CreateCorpus", body={"name": "Leters", "description": "Of 1750"})["id"]
    yield project
    api.request("DestroyCorpus", id=project)


def save(reader: Reader, summary: str, **fields: str) -> None:
    reader.find(f"//summary[.='{summary}']").click()
    for name, text in fields.items():
        field = reader.find(f"//details[@open]//*[@name='{name}']")
        field.clear()
        field.send_keys(text)
    reader.find("//details[@open]//button[normalize-space()='Save']").click()


def test_a_project_is_renamed(reader: Reader, api: ArkindexClient, project: str) -> None:
    reader.open(f"/projects/{project}")
    save(reader, "Change the project", name="Letters", description="")
    reader.wait_for_heading("Letters")
    found = api.request("RetrieveCorpus", id=project)
    assert found["name"] == "Letters" and not found["description"]


def test_a_dataset_and_its_set_are_renamed(reader: Reader, api: ArkindexClient, project: str) -> None:
    dataset = api.request("CreateDataset", id=project, body={"name": "Hnds", "set_names": ["trian", "test"]})["id"]
    reader.open(f"/datasets/{dataset}")
    save(reader, "Change the dataset", name="Hands")
    reader.wait_for_heading("Hands")
    save(reader, "Rename the set", set_name="train")
    reader.find("//nav[@class='tabs']/a[.='train' and @aria-current]")
    assert [item["name"] for item in api.request("RetrieveDataset", id=dataset)["sets"]] == ["train", "test"]
    save(reader, "Rename the set", set_name="test")
    reader.find("//*[@role='alert']")
    reader.expect("40")


def test_a_process_that_has_not_started_works_on_something_else(reader: Reader, api: ArkindexClient, archive: Archive) -> None:
    corpus = archive.scenario.corpus["id"]
    body = {"corpus": corpus, "mode": "workers", "name": f"Reading {uuid.uuid4().hex[:6]}", "element_type": "page", "name_contains": "Recipe"}
    process = api.request("CreateProcess", body=body)["id"]
    reader.open(f"/processes/{process}")
    reader.press("Change the process")
    reader.wait_for_heading("Change the process")
    assert reader.violations() == []
    reader.fill(name="Read lines", element_type="text_line", name_contains="")
    reader.press("Save")
    reader.wait_for_heading("Read lines")
    changed = api.request("RetrieveProcess", id=process)
    assert (changed["element_type"], changed["name_contains"]) == ("text_line", None)
    api.request("DestroyProcess", id=process)


def test_a_process_that_was_started_can_only_be_renamed(reader: Reader, archive: Archive) -> None:
    reader.open(f"/processes/{archive.process.id}/edit")
    assert not reader.browser.find_elements(By.NAME, "element_type")
    name = reader.browser.find_element(By.NAME, "name").get_property("value")
    reader.press("Save")
    reader.wait_for_heading(name)
