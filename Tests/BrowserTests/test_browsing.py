"""Finding elements in a project: filters, pages, and what one has selected."""

from urllib.parse import parse_qs, urlsplit

import pytest
from archive import Archive
from arkindex import ArkindexClient
from reading import Reader
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


@pytest.fixture(scope="module")
def crowd(archive: Archive) -> dict:
    """A project with more elements than one page of a list shows."""
    api = archive.scenario.api
    corpus = api.request("CreateCorpus", body={"name": "Many"})
    folder = api.request("CreateElement", body={"corpus": corpus["id"], "type": "folder", "name": "Box"})
    names = [f"Sheet {number:03}" for number in range(120)]
    sheets = [
        api.request("CreateElement", body={"corpus": corpus["id"], "parent": folder["id"], "type": "page", "name": name, "confidence": 0.5 if name < "Sheet 060" else 0.9})
        for name in names[:5] + names[115:]
    ]
    for name in names[5:115]:
        api.request("CreateElement", body={"corpus": corpus["id"], "parent": folder["id"], "type": "page", "name": name})
    api.request("CreateMetaData", id=sheets[0]["id"], body={"type": "text", "name": "Hand", "value": "A"})
    kind = api.request("CreateMLClass", id=corpus["id"], body={"name": "recto"})
    api.request("CreateClassification", body={"element": sheets[1]["id"], "ml_class": kind["id"]})
    return corpus


def query(reader: Reader) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(reader.browser.current_url).query).items()}


def names(reader: Reader) -> list[str]:
    # At one moment: the list may be swapped for another meanwhile.
    return reader.browser.execute_script("return [...document.querySelectorAll('#found .card strong')].map(name => name.textContent)")


def test_every_filter_narrows_and_stays_in_the_address(reader: Reader, crowd: dict) -> None:
    reader.open(f"/projects/{crowd['id']}?order=name")
    cases = [
        ({"metadata_name": "Hand", "metadata_value": "A"}, ["Sheet 000"]),
        ({"confidence": "80"}, [f"Sheet {number}" for number in range(115, 120)]),
        ({"name": "Sheet 11", "by": "hand"}, [f"Sheet {number}" for number in range(110, 120)]),
        ({"name": "Sheet 11", "by": "machine"}, []),
    ]
    for fields, expected in cases:
        reader.open(f"/projects/{crowd['id']}?order=name")
        reader.fill(**fields)
        reader.press("Apply")
        reader.wait(lambda: fields.items() <= query(reader).items())
        reader.wait(lambda: names(reader) == expected)
        reader.browser.refresh()
        assert names(reader) == expected
    reader.open(f"/projects/{crowd['id']}?order=name")
    reader.browser.find_element(By.XPATH, "//select[@name='ml_class']/option[.='recto']").click()
    reader.press("Apply")
    reader.wait(lambda: names(reader) == ["Sheet 001"])
    assert "Class: recto" in reader.text
    reader.press("Without Class")
    reader.wait(lambda: names(reader) == ["Box"])


def test_a_run_is_picked_by_its_summary(reader: Reader, archive: Archive) -> None:
    run = archive.process.run
    reader.open(f"/projects/{archive.scenario.corpus['id']}")
    assert not reader.browser.find_elements(By.CSS_SELECTOR, "datalist option")
    reader.find("//input[@name='worker_run']").click()
    reader.wait(lambda: reader.browser.find_elements(By.CSS_SELECTOR, f"datalist option[value='{run}']"))
    option = reader.browser.find_element(By.CSS_SELECTOR, f"datalist option[value='{run}']")
    assert "Worker Reader @ 1" in option.get_attribute("textContent")
    assert "5 results" in option.get_attribute("textContent")
    reader.fill(worker_run=run, carrying="results")
    reader.press("Apply")
    reader.wait(lambda: len(names(reader)) == 2)
    assert "Encyclopedia" in names(reader)
    assert "Carrying results of: Worker Reader" in reader.text
    # The summary opens the run's details over the page.
    reader.find("//ul[contains(@class, 'chips')]//a[contains(., 'Worker Reader')]").click()
    assert "What it made" in reader.find("//dialog[@open]").text
    reader.find("//dialog//button").click()


def test_what_is_wrong_with_a_filter_is_told_in_its_place(reader: Reader, archive: Archive) -> None:
    reader.open(f"/projects/{archive.scenario.corpus['id']}")
    reader.fill(worker_run="the first one")
    reader.press("Apply")
    assert "worker_run" in reader.find("//section[@id='found']//*[@role='alert']").text
    assert reader.browser.find_element(By.NAME, "worker_run").get_property("value") == "the first one"


def test_keys_turn_pages(reader: Reader, crowd: dict) -> None:
    reader.open(f"/projects/{crowd['id']}?type=page&order=name")
    assert "1–100 of 120" in reader.text
    reader.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_RIGHT)
    reader.wait(lambda: names(reader)[:1] == ["Sheet 100"])
    assert query(reader)["page"] == "2"
    reader.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_LEFT)
    reader.wait(lambda: names(reader)[:1] == ["Sheet 000"])


def test_what_is_selected_is_counted_and_made_a_process_of(reader: Reader, crowd: dict) -> None:
    reader.open(f"/projects/{crowd['id']}?type=page&order=name")
    reader.press("Select the ticked")
    assert "Tick at least one element" in reader.find("//*[@role='alert']").text
    # The list stays, and what is chosen next leads back to it.
    assert names(reader)[:1] == ["Sheet 000"] and query(reader) == {"type": "page", "order": "name"}
    for name in ("Sheet 003", "Sheet 007"):
        reader.find(f"//input[@aria-label='Tick {name}']").send_keys(Keys.SPACE)
    reader.press("Select the ticked")
    reader.find("//aside[contains(., '2 selected')]")
    assert reader.violations() == []
    reader.press("Look at the selection")
    reader.wait_for_heading("Selection")
    assert "Sheet 003" in reader.text and "Sheet 004" not in reader.text
    assert reader.violations() == []
    reader.press("Remove Sheet 003")
    reader.find("//main[not(contains(., 'Sheet 003'))]")
    reader.fill(name="The seventh")
    reader.press("Make a process of these")
    reader.wait_for_heading("The seventh")
    reader.open(f"/projects/{crowd['id']}?type=page")
    reader.press("Select all shown")
    reader.find("//aside[contains(., '100 selected') or contains(., '101 selected')]")
    reader.press("Clear the selection")
    reader.find("//main[not(.//aside)]")


def test_filters_and_the_selection_work_without_a_script(reader: Reader, crowd: dict) -> None:
    with reader.without_scripts():
        reader.open(f"/projects/{crowd['id']}")
        reader.fill(name="Sheet 01")
        reader.press("More filters")
        reader.fill(order="name", within="all")
        reader.press("Apply")
        reader.wait(lambda: names(reader)[:1] == ["Sheet 010"])
        reader.press("Select the ticked")
        reader.find("//*[@role='alert'][contains(., 'Tick at least one element')]")
        reader.wait(lambda: names(reader)[:1] == ["Sheet 010"])
        reader.find("//input[@aria-label='Tick Sheet 010']").click()
        reader.press("Select the ticked")
        assert "1 selected" in reader.find("//aside").text
        assert query(reader)["name"] == "Sheet 01"
        reader.press("Clear the selection")
        reader.find("//main[not(.//aside)]")


def test_a_way_is_shown_to_what_is_in_two_folders(reader: Reader, api: ArkindexClient) -> None:
    corpus = api.request("CreateCorpus", body={"name": "Two boxes"})["id"]
    room, first, second = (
        api.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": name})["id"] for name in ("Room", "Box A", "Box B")
    )
    api.request("CreateElementParent", child=first, parent=room)
    element = api.request("CreateElement", body={"corpus": corpus, "type": "page", "name": "In both", "parent": first})["id"]
    api.request("CreateElementParent", child=element, parent=second)
    reader.open(f"/elements/{element}")
    crumbs = reader.find("//nav[@class='crumbs']")
    way = [link.text for link in crumbs.find_elements("xpath", "./a")]
    also = [link.text for link in crumbs.find_elements("xpath", "./small/a")]
    assert (way, also) in [
        (["Projects", "Two boxes", "Room", "Box A"], ["Box B"]),
        (["Projects", "Two boxes", "Box B"], ["Box A"]),
    ]


def test_a_search_for_processes_that_finds_none_says_so(reader: Reader) -> None:
    reader.open("/processes?name=no+process+is+called+this")
    assert "There is no process yet." not in reader.text and "Nothing has that name." in reader.text
