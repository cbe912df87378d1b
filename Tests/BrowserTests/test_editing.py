"""Changing things by hand on the page of an element, and seeing afterwards that a person did."""

from collections.abc import Iterator

import pytest
from archive import Archive
from reading import Reader
from selenium.webdriver.common.by import By


@pytest.fixture
def page(archive: Archive) -> Iterator[dict]:
    """A page of its own on the first scan, so that what is changed is nobody else's."""
    api = archive.scenario.api
    page = archive.another_page("To change")
    yield page
    api.request("DestroyElement", id=page["id"])


def open_details(reader: Reader, name: str) -> None:
    reader.find(f"//summary[normalize-space()='{name}' or @aria-label='{name}']").click()


def add_and_change_text(reader: Reader, page: dict) -> None:
    reader.open(f"/elements/{page['id']}")
    open_details(reader, "Add by hand")
    reader.find("//form[contains(@action, '/transcriptions')]//textarea[@name='text']").send_keys("Optical charakter")
    reader.press("Add the text")
    reader.find("//p[@class='text'][contains(., 'Optical charakter')]")
    open_details(reader, "Edit Text")
    field = reader.find("//details[@open]//textarea[@name='text']")
    field.clear()
    field.send_keys("Optical character")
    reader.find("//details[@open]//button[normalize-space()='Save']").click()
    reader.find("//p[@class='text'][normalize-space()='Optical character']")
    assert "edited by Administrator" in reader.find("//*[@class='by-hand']").text


def test_text_is_written_and_corrected(reader: Reader, page: dict) -> None:
    add_and_change_text(reader, page)
    assert reader.violations() == []
    open_details(reader, "Edit Text")
    reader.find("//details[@open]//button[normalize-space()='Remove']").click()
    reader.find("//p[contains(., 'Nothing has been said')]")


def test_text_is_written_and_corrected_without_a_script(reader: Reader, page: dict) -> None:
    with reader.without_scripts():
        add_and_change_text(reader, page)


def test_classes_and_metadata_are_added_judged_and_removed(reader: Reader, archive: Archive, page: dict) -> None:
    reader.open(f"/elements/{page['id']}")
    open_details(reader, "Add by hand")
    reader.find("//input[@name='class']").send_keys("printed")
    reader.press("Add the class")
    reader.find("//li[contains(., 'printed')]")
    open_details(reader, "Add by hand")
    form = reader.find("//form[substring(@action, string-length(@action) - 8) = '/metadata']")
    form.find_element(By.NAME, "name").send_keys("Shelf")
    form.find_element(By.NAME, "value").send_keys("12")
    reader.press("Add the metadata")
    reader.find("//dt[.='Shelf']")
    open_details(reader, "Edit Shelf")
    value = reader.find("//details[@open]//input[@name='value']")
    value.clear()
    value.send_keys("13")
    reader.find("//details[@open]//button[normalize-space()='Save']").click()
    reader.find("//dd[contains(., '13') and contains(., 'edited by Administrator')]")
    reader.press("Remove printed")
    reader.find("//section[@aria-labelledby='results'][not(.//li[contains(., 'printed')])]")
    found = archive.scenario.api.request("RetrieveElement", id=page["id"])
    assert found["classifications"] == [] and [item["value"] for item in found["metadata"]] == ["13"]


def test_a_machine_s_class_is_validated_and_rejected(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.line['id']}")
    reader.press("Validate printed matter")
    reader.find("//li[contains(., 'printed matter') and contains(., 'validated')]")
    reader.press("Reject printed matter")
    reader.find("//li[contains(., 'printed matter') and contains(., 'rejected')]")


def test_what_is_refused_says_why(reader: Reader, page: dict) -> None:
    reader.open(f"/elements/{page['id']}/edit")
    for name, value in {"zone_name": "Too far", "left": "100", "top": "100", "wide": "99999", "high": "10"}.items():
        reader.fill_named(name, value)
    reader.press("Add the zone")
    assert "polygon" in reader.find("//*[@role='alert']").text
    assert reader.browser.find_element(By.NAME, "wide").get_property("value") == "99999"
    assert all("400" in complaint for complaint in reader.complaints())


def test_an_element_is_renamed_given_a_zone_moved_and_deleted(reader: Reader, archive: Archive, page: dict) -> None:
    api, corpus = archive.scenario.api, archive.scenario.corpus["id"]
    reader.open(f"/elements/{page['id']}")
    reader.press("Change")
    reader.wait_for_heading("Change")
    assert reader.violations() == []
    reader.fill(name="Changed")
    reader.press("Save")
    reader.wait_for_heading("Changed")
    assert "edited by Administrator" in reader.browser.find_element(By.CLASS_NAME, "origin").text
    reader.press("Change")
    for name, value in {"zone_name": "Title", "left": "195", "top": "200", "wide": "1600", "high": "120"}.items():
        reader.fill_named(name, value)
    reader.press("Add the zone")
    reader.wait_for_heading("Changed")
    (zone,) = api.paginate("ListElementChildren", id=page["id"])
    assert zone["name"] == "Title" and zone["zone"]["polygon"][0] == [195, 200]
    reader.find(f"//figure//*[name()='a'][@data-element='{zone['id']}']")
    box = api.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": "Another box"})
    reader.press("Change")
    reader.fill(to=box["id"])
    reader.press("Move")
    reader.find("//nav[@class='crumbs']//a[.='Another box']")
    reader.open(f"/elements/{zone['id']}/edit")
    reader.press("Delete this element")
    reader.wait_for_heading("Changed")
    assert list(api.paginate("ListElementChildren", id=page["id"])) == []
