"""Every page, as an administrator sees it."""

import pytest
import requests
from archive import Archive
from places import places
from reading import Reader
from selenium.webdriver.common.keys import Keys

NAMES = [
    "projects", "project", "found-by-run", "nothing-found", "folder", "page", "edit-element", "add-pages", "selection", "more-filters", "line", "project-runs", "run", "processes", "process",
    "task", "new-process", "add-worker", "configuration", "delete-results", "deletions", "jobs", "workers",
    "worker", "account", "users", "audit", "settings",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_accessible_wide_and_narrow(
    reader: Reader, archive: Archive, name: str
) -> None:
    reader.open(places(archive)[name])
    assert "Palimpsest" in reader.browser.title
    assert reader.violations() == []
    reader.browser.set_window_size(360, 740)
    try:
        assert reader.overflow() <= 0
    finally:
        reader.browser.set_window_size(1280, 900)


def test_every_page_is_in_the_list(archive: Archive) -> None:
    assert list(places(archive)) == NAMES


def test_what_is_not_there_says_so(reader: Reader) -> None:
    reader.open("/elements/00000000-0000-0000-0000-000000000000")
    assert "There is nothing here" in reader.text
    # The console names the page's own status.
    assert all("404" in complaint for complaint in reader.complaints())


def test_an_address_where_nothing_is_says_so_on_a_page(reader: Reader) -> None:
    reader.open("/nowhere/at/all")
    reader.wait_for_heading("There is nothing here")
    reader.expect("404")
    # What came back from a form, loaded anew.
    reader.open("/account/tokens")
    reader.wait_for_heading("Administrator")
    assert requests.get(f"{reader.url}/nowhere/at/all", headers={"Accept": "application/json"}).json()["detail"]


def test_pages_are_for_those_who_have_signed_in(reader: Reader, server) -> None:
    reader.browser.delete_all_cookies()
    reader.open("/processes")
    reader.wait_for_heading("Sign in")
    reader.fill(email=server.email, password="wrong")
    reader.press("Sign in")
    assert "do not belong together" in reader.find("//*[@role='alert']").text
    assert all("400" in complaint for complaint in reader.complaints())
    reader.fill(email=server.email, password=server.password)
    reader.press("Sign in")
    reader.wait_for_heading("Processes")


def test_the_top_bar_is_one_line_and_opens_where_it_is_narrow(reader: Reader) -> None:
    reader.browser.set_window_size(360, 740)
    try:
        with reader.without_scripts():
            reader.open("/projects")
            assert reader.browser.find_element("css selector", ".top").rect["height"] < 70
            assert not reader.find("//nav/a[.='Jobs']").is_displayed()
            reader.find("//button[.='Menu']").send_keys(Keys.ENTER)
            reader.wait(lambda: reader.find("//nav/a[.='Jobs']").is_displayed())
            reader.find("//nav/a[.='Jobs']").click()
            reader.wait_for_heading("Jobs")
        reader.open("/projects")
        reader.find("//button[.='Menu']").click()
        reader.wait(lambda: reader.find("//button[.='Sign out']").is_displayed())
        assert reader.violations() == []
    finally:
        reader.browser.set_window_size(1280, 900)
