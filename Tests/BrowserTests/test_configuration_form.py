"""The form that is made from a worker's fields: what it shows is what is kept."""

import uuid

import pytest
from archive import Archive
from arkindex import ArkindexClient
from reading import Reader
from selenium.webdriver.common.by import By

FIELDS = [
    {"key": "mark", "display_name": "Mark", "type": "string", "default": "¶ "},
    {"key": "note", "display_name": "Note", "type": "text", "default": "Read by machine"},
    {"key": "words", "display_name": "Words", "type": "string", "many": True, "default": ["and", "or"]},
    {"key": "script", "display_name": "Script", "type": "enum", "choices": ["latin", "greek"], "default": "latin"},
    {"key": "hand", "display_name": "Hand", "type": "enum", "choices": ["round", "sharp"]},
    {"key": "flag", "display_name": "Flag", "type": "bool"},
    {"key": "fast", "display_name": "Fast", "type": "bool", "default": True},
]


@pytest.fixture
def run(api: ArkindexClient, archive: Archive) -> dict:
    name = f"Many fields {uuid.uuid4().hex[:6]}"
    worker = api.request("CreateWorker", body={"name": name, "slug": name.lower().replace(" ", "-"), "type": "recognizer"})
    body = {"configuration": FIELDS, "model_usage": "disabled", "state": "available", "command": "true", "docker_image_iid": "many:1"}
    version = api.request("CreateWorkerVersion", id=worker["id"], body=body)
    process = api.request("CreateProcess", body={"corpus": archive.scenario.corpus["id"], "mode": "workers", "name": "Set up"})
    return api.request("CreateWorkerRun", id=process["id"], body={"worker_version_id": version["id"]})


def fill_in(reader: Reader, run: dict, name: str) -> None:
    reader.open(f"/worker-runs/{run['id']}/configuration")
    reader.find("//form[contains(@action, '/configurations')]//input[@name='name']").send_keys(name)


def kept(api: ArkindexClient, run: dict) -> dict:
    return api.request("RetrieveWorkerRun", id=run["id"])["configuration"]["configuration"]


def test_what_was_emptied_is_kept_empty(reader: Reader, api: ArkindexClient, run: dict) -> None:
    fill_in(reader, run, "All empty")
    for key in ("mark", "note", "words"):
        reader.find(f"//*[@name='field.{key}']").clear()
    reader.press("Create and choose")
    reader.wait_for_heading("Set up")
    assert kept(api, run) == {"mark": "", "note": "", "words": []}


def test_what_nobody_touched_is_the_default(reader: Reader, api: ArkindexClient, run: dict) -> None:
    fill_in(reader, run, "Untouched")
    reader.press("Create and choose")
    assert "default values" in reader.find("//*[@role='alert']").text
    reader.expect("400")
    assert api.request("RetrieveWorkerRun", id=run["id"])["configuration"] is None


def test_a_box_is_taken_as_it_stands(reader: Reader, api: ArkindexClient, run: dict) -> None:
    fill_in(reader, run, "Slowly")
    reader.find("//*[@name='field.fast']").click()
    reader.find("//*[@name='field.flag']").click()
    reader.press("Create and choose")
    reader.wait_for_heading("Set up")
    assert kept(api, run) == {"fast": False, "flag": True}


def test_nothing_is_a_choice_only_where_there_is_no_default(reader: Reader, run: dict) -> None:
    reader.open(f"/worker-runs/{run['id']}/configuration")
    choices = {
        key: [option.text for option in reader.browser.find_elements(By.XPATH, f"//select[@name='field.{key}']/option")]
        for key in ("script", "hand")
    }
    assert choices == {"script": ["latin", "greek"], "hand": ["–", "round", "sharp"]}
