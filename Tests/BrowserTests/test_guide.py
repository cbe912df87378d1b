"""The walk of docs/guide, step by step on the demo's scans, by a person with a browser. `--guide DIR` keeps a picture of each step."""

import io
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD, serve
from demo import PROGRAMS, Demo
from PIL import Image
from reading import Reader
from scans import SCANS
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from serving import ROOT, Server, lend_interpreter, lend_programs, make_workplace

PAGES = [scan for scan in SCANS if scan.name in ("Pangram", "Recipe")]
Picture = Callable[[str], None]


@pytest.fixture(scope="module")
def workplace() -> Iterator[Path]:
    place = make_workplace()
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def executing_server() -> Iterator[Server]:
    yield from serve("--executor", "process")


@pytest.fixture(scope="module")
def demo(executing_server: Server, workplace: Path) -> Demo:
    """The demo on two of its pages, read by both runs."""
    api = ArkindexClient(base_url=executing_server.url)
    api.login(EMAIL, PASSWORD)
    demo = Demo(api)
    demo.make_pages(PAGES, ROOT / ".demo/scans")
    python = lend_interpreter(Path(sys.executable), workplace)
    demo.import_worker(f"{python} {lend_programs(PROGRAMS, workplace) / 'worker.py'}")
    demo.configure_process()
    demo.carry_out()
    return demo


@pytest.fixture
def person(browser: Chrome, executing_server: Server, demo: Demo) -> Iterator[Reader]:
    person = Reader(browser, executing_server.url)
    person.sign_in(EMAIL, PASSWORD)
    yield person
    assert person.complaints() == []


@pytest.fixture
def picture(browser: Chrome, pytestconfig: pytest.Config) -> Picture:
    """Keeps what the browser shows, small enough for a repository."""
    folder = pytestconfig.getoption("--guide")

    def take(name: str) -> None:
        if not folder:
            return
        shot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
        shot.save(Path(folder) / f"{name}.webp", quality=80, method=6)

    return take


def test_one_sees_which_run_wrote_which_line(person: Reader, demo: Demo, picture: Picture) -> None:
    person.open("/projects")
    person.find("//a[contains(., 'Demo')]").click()
    person.wait_for_heading("Demo")
    person.find("//a[contains(., 'Scans')]").click()
    person.wait_for_heading("Scans")
    first = person.find("//a[contains(@class, 'card')][contains(., 'Recipe')]//img")
    person.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", first)
    picture("folder")
    person.find("//a[contains(@class, 'card')][contains(., 'Recipe')]").click()
    person.wait_for_heading("Recipe")
    assert "Worker Tesseract @ 1 using configuration 'French, one block'" in person.text
    picture("page")
    person.find("//section[contains(., 'Results')]//a[@class='run'][contains(., 'French')]").click()
    dialog = person.find("//dialog[@open]")
    assert "one block" in dialog.text and "differs from the default" in dialog.text
    picture("details")


def test_one_filters_by_a_run(person: Reader, demo: Demo, picture: Picture) -> None:
    run = demo.runs[1]["id"]
    person.open(f"/projects/{demo.corpus['id']}?worker_run={run}&view=list")
    made = demo.count_lines(worker_run=run)
    assert f"{made} " in person.find("//*[@class='count']").text
    picture("filter")


def test_one_takes_results_back_and_brings_them_again(person: Reader, demo: Demo, picture: Picture) -> None:
    run = demo.runs[1]["id"]
    before = demo.count_lines(transcription_worker_run=run)
    assert before
    person.open(f"/runs/{run}")
    person.press("Delete its results …")
    person.wait_for_heading("Delete a run's results")
    picture("preview")
    person.press("Delete")
    person.wait_for_heading("Deletions")
    assert demo.count_lines(transcription_worker_run=run) == 0
    picture("deleted")
    person.press("Undo")
    person.find("//span[normalize-space()='restored']")
    assert demo.count_lines(transcription_worker_run=run) == before


def test_one_takes_back_what_a_run_made_of_one_page(person: Reader, demo: Demo, picture: Picture) -> None:
    run, page = demo.runs[1], demo.pages[0]
    person.open(f"/elements/{page['id']}")
    person.find(f"//article[contains(., 'French')]//a[contains(@href, '{run['id']}&element=')]").click()
    person.wait_for_heading("Delete a run's results")
    assert f"Only here and below: {page['name']}" in person.text
    person.press("Delete")
    person.wait_for_heading("Deletions")
    assert not demo.texts(page, run) and demo.texts(demo.pages[1], run)
    person.press("Undo")
    person.find("//main[not(.//button[normalize-space()='Undo'])]")
    assert demo.texts(page, run)


def test_one_sets_up_a_process_with_a_configuration_of_one_s_own(person: Reader, demo: Demo, picture: Picture) -> None:
    person.open(f"/projects/{demo.corpus['id']}/process?element={demo.folder['id']}")
    person.fill(name="Read once more", element_type="page")
    person.press("Create")
    person.wait_for_heading("Read once more")
    person.press("Add a worker")
    person.find(f"//input[@value='{demo.version['id']}']/..//button").click()
    person.wait_for_heading("Read once more")
    picture("process")
    person.press("Choose a configuration")
    person.wait_for_heading("Choose a configuration")
    person.find("//section//input[@name='name']").send_keys("Only what it is sure of")
    person.fill_named("field.minimum_confidence", "0.8")
    picture("configuration")
    person.press("Create and choose")
    person.wait_for_heading("Read once more")
    assert "Only what it is sure of" in person.text
    person.press("Start")
    person.find("//h1//span[normalize-space()='completed']")
    picture("completed")


def test_one_archives_a_configuration(person: Reader, demo: Demo, picture: Picture) -> None:
    person.open(f"/workers/{demo.worker['id']}")
    picture("worker")
    person.press("Archive French, one block")
    person.press("Un-archive French, one block")
    person.find("//button[@aria-label='Archive French, one block']")
    assert not person.browser.find_elements(By.XPATH, "//button[contains(@aria-label, 'Un-archive')]")


def test_one_brings_in_a_page_of_one_s_own(person: Reader, demo: Demo, picture: Picture) -> None:
    person.open(f"/elements/{demo.folder['id']}")
    person.press("Add pages")
    person.wait_for_heading("Add pages")
    person.find("//input[@type='file']").send_keys(str(ROOT / ".demo/scans/Map.png"))
    person.press("Add pages")
    person.find("//a[.='Look at them: 1/1 added']")
    picture("adding")
    person.press("Look at them: 1/1 added")
    person.find("//a[contains(@class, 'card')][contains(., 'Map')]").click()
    person.wait_for_heading("Map")
    assert "by hand, " in person.text
