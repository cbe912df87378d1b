"""Models, datasets and exports, as the people see them who train."""

import uuid

import pytest
from archive import Archive
from reading import Reader
from workshop import Workshop


@pytest.fixture(scope="module")
def workshop(archive: Archive) -> Workshop:
    return Workshop.make(archive)


def test_a_model_is_made_archived_and_taken_back(
    reader: Reader, workshop: Workshop
) -> None:
    name = f"Charters {uuid.uuid4().hex[:6]}"
    reader.open("/models")
    make = "//form[@method='post' and @action='/models']"
    reader.find(f"{make}//input[@name='name']").send_keys(name)
    reader.press("Create")
    reader.wait_for_heading(name)
    assert "This model has no version yet." in reader.text
    reader.press("Archive the model")
    reader.find("//p[contains(., 'It is archived')]")
    reader.open(f"/models?name={name}")
    assert "No model fits." in reader.text
    reader.open(f"/models?name={name}&archived=1")
    reader.find(f"//a[contains(., '{name}')]").click()
    reader.press("Un-archive")
    reader.find("//button[normalize-space()='Archive the model']")
    # The same name again leads to what is there.
    reader.open("/models")
    reader.find(f"{make}//input[@name='name']").send_keys(name)
    reader.press("Create")
    reader.expect("400")
    reader.press("Show the existing model")
    reader.wait_for_heading(name)


def test_a_model_shows_its_versions(reader: Reader, workshop: Workshop) -> None:
    child = workshop.api.request(
        "CreateModelVersion", id=workshop.model_id, body={"parent": workshop.model_version}
    )
    reader.open(f"/models/{workshop.model_id}")
    assert "beam" in reader.text and "18 B" in reader.text
    card = reader.find(f"//li[@id='version-{child['id']}']")
    assert "Trained from\nbest" in card.text and "created" in card.text
    card.find_element("name", "tag").send_keys("second")
    reader.press(f"Save the tag {child['id'][:6]}")
    reader.find("//h3[starts-with(normalize-space(), 'second')]")


def test_a_model_is_said_to_be_meant_for_a_worker(reader: Reader, workshop: Workshop) -> None:
    reader.open(f"/models/{workshop.model_id}")
    reader.fill(worker=workshop.needy.worker.id)
    reader.press("Add")
    reader.find(f"//li/a[normalize-space()='{workshop.needy.name}']")
    # Where one is meant, it alone is offered first, and all on request.
    other = workshop.api.request("CreateModel", body={"name": f"Other {uuid.uuid4().hex[:6]}"})
    workshop.publish(other["id"])
    run = workshop.add_needy(workshop.process("Which model"))
    reader.open(f"/worker-runs/{run}/model")
    assert workshop.model in reader.text and other["name"] not in reader.text
    reader.find("//input[@name='all']").click()
    reader.press("Find")
    reader.find(f"//h2[normalize-space()='{other['name']}']")
    reader.open(f"/models/{workshop.model_id}")
    reader.press(f"Remove {workshop.needy.name}")
    reader.find("//p[contains(., 'offered to all')]")


def test_a_dataset_is_made_and_filled_with_what_is_selected(
    reader: Reader, workshop: Workshop
) -> None:
    corpus = workshop.archive.scenario.corpus["id"]
    name = f"Hands {uuid.uuid4().hex[:6]}"
    reader.open(f"/projects/{corpus}/datasets")
    form = f"//form[@method='post' and @action='/projects/{corpus}/datasets']"
    reader.find(f"{form}//input[@name='name']").send_keys(name)
    reader.press("Create")
    reader.wait_for_heading(name)
    assert "Nothing is in this set yet." in reader.text
    workshop.api.request("AddSelection", body={"ids": [workshop.archive.page["id"]]})
    reader.browser.refresh()
    reader.press("Put into train")
    page = workshop.archive.page["name"]
    reader.find(f"//td[normalize-space()='{page}']")
    # What is there already is named, and nothing is lost.
    reader.press("Put into train")
    assert "already in this set" in reader.find("//*[@role='status']").text
    workshop.api.request("RemoveSelection", body={"corpus": corpus})
    reader.press(f"Take out {page}")
    reader.find("//p[normalize-space()='Nothing is in this set yet.']")
    reader.find("//form[contains(@action, '/sets')]//input[@name='name']").send_keys("extra")
    reader.press("Add")
    reader.find("//a[@aria-current='true' and normalize-space()='extra']")
    reader.find("//summary[normalize-space()='Delete the dataset']").click()
    reader.press("Delete")
    reader.wait_for_heading("Datasets")
    assert name not in reader.text


def test_an_export_is_made_and_fetched(reader: Reader, workshop: Workshop) -> None:
    corpus = workshop.archive.scenario.corpus["id"]
    reader.open(f"/projects/{corpus}/exports")
    reader.press("Start an export")
    # The page follows by itself.
    button = reader.find("//button[starts-with(@aria-label, 'Download')]")
    export = button.find_element("xpath", "../input[@name='export']").get_dom_attribute("value")
    csrf = reader.find("//input[@name='csrf']").get_dom_attribute("value")
    file = reader.fetch(f"/projects/{corpus}/exports/file", {"csrf": csrf, "export": export})
    assert file.startswith("SQLite format 3")
