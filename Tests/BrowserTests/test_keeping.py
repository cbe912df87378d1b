"""What somebody has written is not lost when it cannot be saved, and is saved once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from archive import Archive
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD
from reading import Reader
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

TEXT = "Written for an hour"


@pytest.fixture
def page(archive: Archive) -> Iterator[dict]:
    """A page with its scan, and a number that a person wrote."""
    api = archive.scenario.api
    page = archive.another_page("To keep")
    api.request("CreateMetaData", id=page["id"], body={"type": "numeric", "name": "Leaves", "value": "20"})
    yield page
    if any(child["id"] == page["id"] for child in api.paginate("ListElementChildren", id=archive.scenario.folder["id"])):
        api.request("DestroyElement", id=page["id"])


def adding(reader: Reader) -> WebElement:
    return reader.find("//form[substring(@action, string-length(@action) - 14) = '/transcriptions']")


def write(reader: Reader, page: dict) -> None:
    reader.open(f"/elements/{page['id']}")
    reader.find("//summary[.='Add by hand']").click()
    adding(reader).find_element(By.NAME, "text").send_keys(TEXT)


def written(reader: Reader) -> str:
    return adding(reader).find_element(By.NAME, "text").get_property("value")


@contextmanager
def another_tab(reader: Reader, address: str) -> Iterator[None]:
    here = reader.browser.current_window_handle
    reader.browser.switch_to.new_window("tab")
    reader.browser.get(address)
    yield
    reader.browser.close()
    reader.browser.switch_to.window(here)


def test_a_session_that_ended_keeps_what_was_written(reader: Reader, page: dict) -> None:
    write(reader, page)
    reader.browser.delete_all_cookies()
    reader.press("Add the text")
    link = reader.find("//*[@role='alert']//a[normalize-space()='Sign in']")
    assert written(reader) == TEXT and reader.browser.current_url.endswith(f"/elements/{page['id']}")
    assert reader.violations() == []
    reader.expect("401")
    # Signed in beside it, it is sent once more: the form is not of that session, and is of it then.
    with another_tab(reader, link.get_property("href")):
        reader.fill(email=EMAIL, password=PASSWORD)
        reader.press("Sign in")
        reader.wait_for_heading("To keep")
    reader.press("Add the text")
    reader.find("//*[@role='alert'][contains(., 'signed in anew')]")
    assert written(reader) == TEXT
    reader.press("Add the text")
    reader.find(f"//p[@class='text'][.='{TEXT}']")
    reader.find("//*[@id='status'][.='Saved.']")
    reader.expect("403")


def test_an_element_that_is_gone_keeps_what_was_written(reader: Reader, archive: Archive, page: dict) -> None:
    write(reader, page)
    archive.scenario.api.request("DestroyElement", id=page["id"])
    reader.press("Add the text")
    assert "still here" in reader.find("//*[@role='alert']").text
    assert written(reader) == TEXT and reader.browser.current_url.endswith(f"/elements/{page['id']}")
    reader.expect("404")


def spoil(reader: Reader, page: dict) -> None:
    reader.open(f"/elements/{page['id']}")
    reader.find("//summary[@aria-label='Edit Leaves']").click()
    value = reader.find("//details[@open]//input[@name='value']")
    value.clear()
    value.send_keys("twenty-one")
    reader.find("//details[@open]//button[.='Save']").click()
    reader.find("//details[@open]//form//*[@role='alert']")
    value = reader.find("//details[@open]//input[@name='value']")
    assert value.get_property("value") == "twenty-one" and value == reader.browser.switch_to.active_element
    reader.expect("400")


def test_what_is_refused_stays_in_its_form(reader: Reader, page: dict) -> None:
    spoil(reader, page)
    assert reader.violations() == []
    value = reader.find("//details[@open]//input[@name='value']")
    value.clear()
    value.send_keys("21")
    reader.find("//details[@open]//button[.='Save']").click()
    reader.find("//dd[contains(., '21')]")
    reader.find("//*[@id='status'][.='Saved.']")
    reader.wait(lambda: reader.browser.switch_to.active_element.get_dom_attribute("aria-label") == "Edit Leaves")
    reader.find("//summary[.='Add by hand']").click()
    form = reader.find("//form[substring(@action, string-length(@action) - 8) = '/metadata']")
    form.find_element(By.CSS_SELECTOR, "option:nth-child(5)").click()
    form.find_element(By.NAME, "name").send_keys("Lines")
    form.find_element(By.NAME, "value").send_keys("many")
    reader.press("Add the metadata")
    reader.find("//details[@open]//form//*[@role='alert']")
    form = reader.find("//form[substring(@action, string-length(@action) - 8) = '/metadata']")
    assert [form.find_element(By.NAME, name).get_property("value") for name in ("type", "name", "value")] == ["numeric", "Lines", "many"]
    reader.expect("400")


def test_what_is_refused_stays_in_its_form_without_a_script(reader: Reader, page: dict) -> None:
    with reader.without_scripts():
        spoil(reader, page)


def test_a_plain_form_of_an_ended_session_says_where_to_sign_in(reader: Reader, page: dict) -> None:
    reader.open(f"/elements/{page['id']}/edit")
    reader.browser.delete_all_cookies()
    reader.fill(name=TEXT)
    reader.press("Save")
    assert reader.find("//main//textarea").get_property("value") == TEXT
    assert reader.violations() == []
    reader.press("Sign in")
    reader.fill(email=EMAIL, password=PASSWORD)
    reader.press("Sign in")
    reader.wait_for_heading("Change")
    assert reader.browser.current_url.endswith(f"/elements/{page['id']}/edit")
    reader.expect("401")


def test_one_goes_back_to_a_page_that_is_whole(reader: Reader, archive: Archive, page: dict) -> None:
    reader.open("/processes")
    write(reader, page)
    reader.press("Add the text")
    reader.find("//*[@id='status'][.='Saved.']")
    reader.browser.back()
    reader.wait_for_heading("Processes")
    # What was chosen there is a page of its own, and the scan is opened anew.
    scan = f"/elements/{archive.page['id']}"
    reader.open(scan)
    reader.find("//figure[contains(@class, 'open')]")
    reader.press("List")
    reader.wait(lambda: "view=list" in reader.browser.current_url)
    reader.browser.back()
    reader.wait(lambda: reader.browser.current_url.endswith(scan))
    reader.find("//figure[contains(@class, 'open')]//img[contains(@class, 'leaflet-tile-loaded')]")
    assert len(reader.browser.find_elements(By.CLASS_NAME, "stage")) == 1


TWICE = """
const [form] = arguments;
let sent = 0;
form.addEventListener("formdata", () => sent++);
for (const press of [1, 2]) form.querySelector("button").click();
return sent;
"""


def test_a_second_press_makes_no_second_thing(reader: Reader, api: ArkindexClient) -> None:
    reader.open("/projects")
    form = reader.find("//main//form[@method='post']")
    form.find_element(By.NAME, "name").send_keys("Only once")
    assert reader.browser.execute_script(TWICE, form) == 1
    reader.wait_for_heading("Only once")
    (made,) = [corpus for corpus in api.request("ListCorpus") if corpus["name"] == "Only once"]
    api.request("DestroyCorpus", id=made["id"])
