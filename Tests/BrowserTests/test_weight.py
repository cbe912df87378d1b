"""What can be measured on every page: its weight, the dark, and what is there without a script."""

import pytest
from archive import Archive
from places import places
from reading import Reader
from selenium.webdriver.common.by import By
from test_pages import NAMES

WEIGHT = """
const parts = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return parts.filter(part => part.initiatorType !== "img" && !part.name.includes("/iiif/") && !part.name.endsWith(".svg"))
  .reduce((sum, part) => sum + part.encodedBodySize, 0);
"""


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_light_and_readable_in_the_dark(reader: Reader, archive: Archive, name: str) -> None:
    reader.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    # As at somebody's first visit.
    reader.browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    try:
        reader.open(places(archive)[name])
        reader.wait(lambda: reader.browser.execute_script("return document.readyState") == "complete")
        assert 0 < reader.browser.execute_script(WEIGHT) < 200_000
        assert reader.violations() == []
    finally:
        reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_every_page_reads_without_a_script(reader: Reader, archive: Archive) -> None:
    with reader.without_scripts():
        for name, place in places(archive).items():
            reader.open(place)
            assert reader.browser.find_element(By.TAG_NAME, "h1").text, name
            assert "Sign out" in reader.browser.find_element(By.TAG_NAME, "header").text, name
