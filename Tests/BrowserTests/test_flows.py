"""What people come for: finding what a run made, and setting a process up."""

from archive import TERM, Archive
from reading import Reader
from selenium.webdriver.common.by import By


def test_a_project_is_made_and_opened(reader: Reader) -> None:
    reader.open("/projects")
    reader.fill(description="Kept at home")
    reader.find("//form[@method='post' and @action='/projects']//input[@name='name']").send_keys("Letters")
    reader.press("Create")
    reader.wait_for_heading("Letters")
    assert "Nothing is here yet." in reader.text


def test_the_filter_finds_what_a_run_made_and_stays_in_the_address(
    reader: Reader, archive: Archive
) -> None:
    reader.open(f"/projects/{archive.scenario.corpus['id']}")
    assert "Scans" in reader.text
    reader.fill(worker_run=archive.process.run)
    reader.press("Apply")
    found = reader.find("//section[@id='found'][contains(., 'text_line')]")
    assert "1 Element" in found.text and "Scans" not in found.text
    assert archive.process.run in reader.browser.current_url
    # Nothing was loaded anew: the bar is the one that was filled in.
    reader.browser.refresh()
    reader.wait_for_text("text_line")


def test_an_element_tells_who_said_what(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.line['id']}")
    origin = reader.browser.find_element(By.CLASS_NAME, "origin").text
    assert "Worker Reader @ 1 using configuration 'With a mark'" in origin
    assert reader.browser.find_element(By.TAG_NAME, "mark").text == TERM
    reader.find("//p[@class='origin']//a[@class='run']").click()
    dialog = reader.find("//dialog[@open]")
    assert "differs from the default" in dialog.text and "¶" in dialog.text
    reader.find("//dialog//button").click()


def test_a_person_s_text_comes_before_the_machines(
    reader: Reader, archive: Archive
) -> None:
    reader.open(f"/elements/{archive.page['id']}")
    groups = reader.browser.find_elements(By.CSS_SELECTOR, ".group")
    assert "By hand" in groups[0].text and "by hand" in groups[0].text
    assert "Language" in groups[1].text
    # The line's outline leads to the line.
    href = reader.find("//*[name()='svg']//*[name()='a']").get_dom_attribute("href")
    assert href == f"/elements/{archive.line['id']}"


def test_a_process_is_set_up_and_started(reader: Reader, archive: Archive) -> None:
    reader.open(
        f"/projects/{archive.scenario.corpus['id']}/process?element={archive.scenario.folder['id']}"
    )
    reader.fill(name="Second reading", element_type="page")
    reader.press("Create")
    reader.wait_for_heading("Second reading")
    # There is nothing to start yet, and the page says what to do.
    assert "Now say which workers are to run" in reader.text
    assert not reader.browser.find_elements(By.XPATH, "//button[normalize-space()='Start']")
    reader.press("Add a worker")
    reader.find(f"//input[@value='{archive.worker.version['id']}']/..//button").click()
    reader.wait_for_heading("Second reading")
    reader.press("Choose a configuration")
    reader.wait_for_heading("Choose a configuration")
    assert "With a mark" in reader.text
    reader.find("//form[@method='post']//input[@name='name']").send_keys("The default again")
    reader.press("Create and choose")
    assert "default values" in reader.find("//*[@role='alert']").text
    assert all("400" in complaint for complaint in reader.complaints())
    reader.fill_named("field.prefix", "§ ")
    reader.press("Create and choose")
    reader.wait_for_heading("Second reading")
    assert "The default again" in reader.text
    reader.press("Start")
    reader.find("//h1//span[normalize-space()='pending']")
    reader.press("Stop")
    reader.find("//h1//span[normalize-space()='stopped']")


def test_results_are_taken_back_and_brought_back(
    reader: Reader, archive: Archive
) -> None:
    run = archive.process.run
    found = f"/projects/{archive.scenario.corpus['id']}?worker_run={run}"
    reader.open(f"/runs/{run}")
    reader.press("Delete its results …")
    reader.wait_for_heading("Delete a run's results")
    assert "1 Element\n" in reader.text and "1 Transcription\n" in reader.text
    reader.press("Delete")
    reader.wait_for_heading("Deletions")
    reader.open(found)
    assert "Nothing fits this filter." in reader.text
    # What the person wrote is still there.
    reader.open(f"/elements/{archive.page['id']}")
    assert "By hand" in reader.text and "English" not in reader.text
    reader.open(f"/projects/{archive.scenario.corpus['id']}/deletions")
    reader.press("Undo")
    reader.find("//span[normalize-space()='restored']")
    reader.open(found)
    assert "1 Element" in reader.text


def test_a_configuration_is_archived_and_taken_back(
    reader: Reader, archive: Archive
) -> None:
    archive.worker.configure("Rarely used", prefix="†")
    reader.open(f"/workers/{archive.worker.id}")
    reader.press("Archive Rarely used")
    reader.find("//h3[contains(., 'Rarely used')]/span[normalize-space()='archived']")
    reader.press("Un-archive Rarely used")
    reader.find("//button[@aria-label='Archive Rarely used']")
