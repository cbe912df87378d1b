"""Every page on which a process is set up, as an administrator sees it."""

from collections.abc import Iterator

import pytest
from archive import Archive
from reading import Reader
from selenium.webdriver.common.by import By
from workplaces import workplaces
from workshop import Workshop


@pytest.fixture(scope="module")
def addresses(archive: Archive) -> dict[str, str]:
    return workplaces(Workshop.make(archive))


@pytest.fixture
def without_scripts(reader: Reader) -> Iterator[Reader]:
    reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield reader
    reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_page_is_accessible_wide_and_narrow(
    reader: Reader, addresses: dict[str, str]
) -> None:
    faults = []
    for name, address in addresses.items():
        reader.open(address)
        assert "Palimpsest" in reader.browser.title, name
        faults += [f"{name}: {violation}" for violation in reader.violations()]
        reader.browser.set_window_size(360, 740)
        if reader.overflow() > 0:
            faults.append(f"{name}: {reader.overflow()} pixels too wide")
        reader.browser.set_window_size(1280, 900)
    assert faults == []


def test_a_run_is_set_up_without_scripts(
    without_scripts: Reader, addresses: dict[str, str]
) -> None:
    reader = without_scripts
    reader.open(addresses["process-set-up"])
    reader.find("//section[@class='next']//a[contains(., 'Choose a model for')]").click()
    reader.wait_for_heading("Choose a model")
    reader.find("//button[starts-with(@aria-label, 'Choose Hand of')]").click()
    reader.wait_for_heading("Read and then read again")
    assert "It can start." in reader.text
    reader.open(addresses["order-run"])
    for box in reader.browser.find_elements(By.NAME, "parent"):
        box.click()
    reader.press("Save")
    reader.wait_for_heading("Read and then read again")
    run = addresses["order-run"].split("/")[2]
    assert "After" not in reader.find(f"//li[@id='run-{run}']").text
