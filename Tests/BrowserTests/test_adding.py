"""Somebody with nothing but a browser makes a project and brings pages into it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from PIL import Image
from reading import Reader
from selenium.webdriver.common.by import By
from serving import ROOT

SCANS = ROOT / ".demo/scans"


@pytest.fixture
def project(reader: Reader, api: ArkindexClient) -> Iterator[str]:
    """Made as a newcomer makes one."""
    name = f"Letters {uuid.uuid4().hex[:6]}"
    reader.open("/projects")
    reader.find("//main//form[@method='post']//input[@name='name']").send_keys(name)
    reader.press("Create")
    reader.wait_for_heading(name)
    project = reader.browser.current_url.rsplit("/", 1)[1]
    yield project
    api.request("DestroyCorpus", id=project)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file that is no image."""
    file = tmp_path / "Notes.png"
    file.write_text("To be scanned on Monday")
    return file


def choose(reader: Reader, *files: Path) -> None:
    reader.find("//input[@type='file']").send_keys("\n".join(str(file) for file in files))


def names(api: ArkindexClient, project: str) -> list[str]:
    return [element["name"] for element in api.paginate("ListElements", corpus=project, type="page")]


def test_pages_are_brought_into_a_new_folder_of_a_new_project(reader: Reader, api: ArkindexClient, project: str) -> None:
    reader.press("Add pages")
    reader.wait_for_heading("Add pages")
    assert reader.violations() == []
    reader.find("//summary[.='New folder']").click()
    reader.fill(name="Box 1")
    reader.press("Create the folder")
    reader.find("//nav[@class='crumbs']/a[.='Box 1']")
    choose(reader, SCANS / "Recipe.png", SCANS / "Brochure, askew.png")
    reader.press("Add pages")
    reader.find("//ul[@id='files']//a[normalize-space()='Look at them: 2/2 added']")
    assert reader.violations() == []
    reader.press("Look at them: 2/2 added")
    reader.wait_for_heading("Box 1")
    reader.find("//a[contains(@class, 'card')][contains(., 'Brochure, askew')]//img")
    reader.find("//a[contains(@class, 'card')][contains(., 'Recipe')]").click()
    reader.find("//figure[contains(@class, 'open')]")
    assert names(api, project) == ["Recipe", "Brochure, askew"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_that_is_no_image_is_named_and_the_others_come_in(
    reader: Reader, api: ArkindexClient, project: str, notes: Path, scripts: bool
) -> None:
    def add() -> None:
        reader.open(f"/projects/{project}/pages")
        choose(reader, SCANS / "Pangram.png", notes, SCANS / "Recipe.png")
        reader.press("Add pages")

    sentence = "The file is not a JPEG, PNG, TIFF or WebP image."
    if scripts:
        add()
        refused = reader.find("//ul[@id='files']/li[contains(@class, 'bad')]")
        assert "Notes.png" in refused.text and sentence in refused.text
        reader.find("//ul[@id='files']//a[.='Look at them: 2/3 added']")
    else:
        with reader.without_scripts():
            add()
            refused = reader.find("//*[@role='alert']")
            assert "Notes.png" in refused.text and sentence in refused.text
            assert [link.text for link in reader.browser.find_elements(By.CSS_SELECTOR, ".made li a")] == ["Pangram", "Recipe"]
    assert names(api, project) == ["Pangram", "Recipe"]
    reader.expect("400")


def test_every_kind_of_image_comes_in_without_a_script(reader: Reader, api: ArkindexClient, project: str, tmp_path: Path) -> None:
    files = []
    with Image.open(SCANS / "Map.png") as scan:
        for ending in ("jpg", "png", "tif", "webp"):
            files.append(tmp_path / f"Map as {ending}.{ending}")
            scan.convert("RGB").save(files[-1])
    with reader.without_scripts():
        reader.open(f"/projects/{project}/pages")
        choose(reader, *files)
        reader.press("Add pages")
        reader.find("//*[@role='status'][contains(., 'Map as webp')]")
        reader.find("//*[@role='status']//a[contains(@class, 'button')]").click()
        reader.wait_for_heading("Letters")
    assert names(api, project) == [file.stem for file in files]


def test_what_is_missing_is_said(reader: Reader, project: str) -> None:
    reader.open(f"/projects/{project}/pages")
    csrf = reader.find("//input[@name='csrf']").get_dom_attribute("value")
    for fields, sentence in (
        ({"type": "page"}, "Choose at least one image file."),
        ({"type": "folder"}, "Choose a type of this project that is not a folder."),
        ({"type": "page", "folder": str(uuid.uuid4())}, "Choose a folder of this project."),
    ):
        assert sentence in reader.fetch(f"/projects/{project}/pages", {"csrf": csrf, **fields}, length=None)
    reader.expect("400")
