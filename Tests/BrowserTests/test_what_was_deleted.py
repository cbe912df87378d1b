"""What somebody is told of what they have deleted, and what the list of deletions calls it."""

import uuid

import pytest
from arkindex import ArkindexClient
from conftest import PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from serving import Server


def test_a_contributor_is_told_who_brings_it_back(browser: Chrome, institution: Server, keeper: ArkindexClient) -> None:
    email = f"{uuid.uuid4().hex[:6]}@deeds.example"
    corpus = keeper.request("CreateCorpus", body={"name": "Deeds"})["id"]
    keeper.request("CreateUser", body={"email": email, "display_name": "A clerk", "password": PASSWORD})
    keeper.request("CreateMembership", body={"user": email, "corpus": corpus, "level": 50})
    element = keeper.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": "Box of deeds"})["id"]
    clerk = Reader(browser, institution.url)
    clerk.sign_in(email, PASSWORD)
    clerk.open(f"/elements/{element}/edit")
    assert "Administrators of the project can bring it back" in clerk.text
    clerk.press("Delete this element")
    clerk.wait_for_heading("Deeds")
    told = clerk.find("//*[@role='status']").text
    assert "Administrators of the project can bring it back until" in told and "Deletions" not in told
    clerk.fill_named("type", "page")
    clerk.press("Apply")
    clerk.wait_for_text("Nothing fits this filter.")
    assert "deleted=" not in browser.current_url
    assert clerk.complaints() == []


def test_an_administrator_is_led_to_the_deletion_of_what_was_deleted(reader: Reader, api: ArkindexClient) -> None:
    corpus = api.request("CreateCorpus", body={"name": "Seals"})["id"]
    element = api.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": "Box of seals"})["id"]
    reader.open(f"/elements/{element}/edit")
    reader.press("Delete this element")
    reader.wait_for_heading("Seals")
    reader.find("//*[@role='status']//a[.='Deletions']").click()
    reader.wait_for_heading("Deletions")
    assert reader.find("//article/h2").text == "Box of seals"
    assert "1 Element\n" in reader.text
    reader.press("Undo")
    reader.find("//span[normalize-space()='restored']")
    assert reader.find("//article/h2").text == "Box of seals"
