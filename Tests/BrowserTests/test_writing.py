"""Text as people write it: from right to left too, and line by line."""

import pytest
from arkindex import ArkindexClient
from reading import Reader

HEBREW = "שלום, עולם (2)"


@pytest.fixture
def element(api: ArkindexClient) -> str:
    corpus = api.request("CreateCorpus", body={"name": "Ketubot"})["id"]
    return api.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": HEBREW})["id"]


def test_text_runs_in_the_direction_of_its_letters(reader: Reader, api: ArkindexClient, element: str) -> None:
    api.request("CreateTranscription", id=element, body={"text": HEBREW})
    reader.open(f"/elements/{element}")
    for place in ("//h1", "//p[contains(@class, 'text')]"):
        assert reader.find(place).value_of_css_property("unicode-bidi") == "plaintext", place
    reader.find("//summary[@aria-label='Edit Text']").click()
    assert reader.find("//details[@open]//textarea[@name='text']").get_dom_attribute("dir") == "auto"
    reader.open(f"/elements/{element}/edit")
    name = reader.find("//input[@name='name']")
    assert reader.browser.execute_script("return getComputedStyle(arguments[0]).direction", name) == "rtl"


def test_its_direction_is_chosen_when_it_is_written(reader: Reader, api: ArkindexClient, element: str) -> None:
    reader.open(f"/elements/{element}")
    reader.find("//summary[.='Add by hand']").click()
    reader.find("//form[contains(@action, '/transcriptions')]//textarea[@name='text']").send_keys("From top to bottom")
    reader.fill_named("orientation", "vertical-rl")
    assert reader.violations() == []
    reader.press("Add the text")
    reader.find("//p[@data-orientation='vertical-rl'][contains(., 'From top to bottom')]")


def test_lines_end_as_they_do_everywhere(reader: Reader, api: ArkindexClient, element: str) -> None:
    with reader.without_scripts():
        reader.open(f"/elements/{element}")
        reader.find("//summary[.='Add by hand']").click()
        reader.find("//form[contains(@action, '/transcriptions')]//textarea[@name='text']").send_keys("one\ntwo")
        reader.press("Add the text")
        reader.find("//p[contains(@class, 'text')][contains(., 'two')]")
    (made,) = api.paginate("ListTranscriptions", id=element)
    assert made["text"] == "one\ntwo"


def test_saving_what_was_not_changed_changes_nothing(reader: Reader, api: ArkindexClient, element: str) -> None:
    text = "\n\nafter two empty lines"
    api.request("CreateTranscription", id=element, body={"text": text})
    reader.open(f"/elements/{element}")
    reader.find("//summary[@aria-label='Edit Text']").click()
    reader.find("//details[@open]//button[.='Save']").click()
    # What is as it was is no edit, so that nothing bears anybody's name.
    reader.wait(lambda: not reader.browser.find_elements("xpath", "//details[@class='edit'][@open]"))
    assert "edited by" not in reader.text
    assert [made["text"] for made in api.paginate("ListTranscriptions", id=element)] == [text]
