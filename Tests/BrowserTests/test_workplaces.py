"""Every page on which a process is set up, as an administrator sees it."""

from collections.abc import Iterator

import pytest
from archive import Archive
from reading import Reader
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
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


def test_a_process_is_made_and_started_without_scripts(
    without_scripts: Reader, addresses: dict[str, str], archive: Archive
) -> None:
    reader = without_scripts
    reader.open(f"/projects/{archive.scenario.corpus['id']}/process")
    reader.fill(name="By forms alone")
    reader.press("Create")
    reader.wait_for_heading("By forms alone")
    reader.press("Apply a template")
    reader.find("//button[@aria-label='Apply Two readings and a model']").click()
    reader.wait_for_heading("By forms alone")
    # Its last worker run needs a model, and the server says so as well.
    assert "One choice is missing" in reader.text
    reader.find("//button[starts-with(@aria-label, 'Remove Learner')]").click()
    reader.wait_for_heading("By forms alone")
    reader.press("Start")
    reader.find("//h1//span[normalize-space()='pending']")


def tab_to(reader: Reader, name: str) -> None:
    """Goes on with the tabulator until something of this name has the focus."""
    for _ in range(60):
        ActionChains(reader.browser).send_keys(Keys.TAB).perform()
        focused = reader.browser.switch_to.active_element
        if (focused.get_dom_attribute("aria-label") or focused.text).startswith(name):
            return
    raise AssertionError(f"{name} is not reached")


def test_a_model_is_chosen_with_the_keyboard_alone(
    reader: Reader, addresses: dict[str, str]
) -> None:
    reader.open(addresses["process-model-missing"])
    tab_to(reader, "Choose a model for")
    ActionChains(reader.browser).send_keys(Keys.ENTER).perform()
    reader.find("//dialog[@open]//h2")
    ActionChains(reader.browser).send_keys(Keys.ESCAPE).perform()
    assert not reader.browser.find_elements(By.CSS_SELECTOR, "dialog[open]")
    # The focus is where it was.
    assert reader.browser.switch_to.active_element.text.startswith("Choose a model for")
    ActionChains(reader.browser).send_keys(Keys.ENTER).perform()
    reader.find("//dialog[@open]//h2")
    tab_to(reader, "Choose Hand of")
    ActionChains(reader.browser).send_keys(Keys.ENTER).perform()
    reader.find("//section[@class='next'][contains(., 'It can start.')]")
