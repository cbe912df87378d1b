"""A form that was refused comes back as it was sent."""

import uuid
from collections.abc import Iterator

import pytest
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import Select
from serving import Server


@pytest.fixture
def visitor(browser: Chrome, institution: Server, keeper: ArkindexClient) -> Iterator[Reader]:
    visitor = Reader(browser, institution.url)
    visitor.sign_in(EMAIL, PASSWORD)
    yield visitor
    visitor.expect("40")


def chosen(visitor: Reader, path: str) -> str:
    return Select(visitor.find(path)).first_selected_option.text


def test_an_admission_keeps_its_level_and_its_group(visitor: Reader, keeper: ArkindexClient) -> None:
    corpus = keeper.request("CreateCorpus", body={"name": "Rolls"})["id"]
    group = f"Readers {uuid.uuid4().hex[:6]}"
    keeper.request("CreateGroup", body={"name": group})
    visitor.open(f"/projects/{corpus}/members")
    form = "//form[button[normalize-space()='Admit somebody']]"
    Select(visitor.find(f"{form}//select[@name='level']")).select_by_visible_text("contributor")
    Select(visitor.find(f"{form}//select[@name='group']")).select_by_visible_text(group)
    visitor.find(f"{form}//input[@name='user']").send_keys("nobody@example.org")
    visitor.press("Admit somebody")
    visitor.find("//*[@role='alert']")
    assert chosen(visitor, f"{form}//select[@name='level']") == "contributor"
    assert chosen(visitor, f"{form}//select[@name='group']") == group


def test_a_new_account_keeps_its_permissions(visitor: Reader) -> None:
    visitor.open("/users")
    form = "//form[@action='/users' and @method='post']"
    visitor.find(f"{form}//input[@name='email']").send_keys(EMAIL)
    visitor.find(f"{form}//input[@name='can_create_workers']").click()
    visitor.find(f"{form}//button").click()
    visitor.find("//*[@role='alert']")
    assert visitor.find(f"{form}//input[@name='email']").get_property("value") == EMAIL
    assert visitor.find(f"{form}//input[@name='can_create_workers']").is_selected()
    assert not visitor.find(f"{form}//input[@name='can_upload_images']").is_selected()


def test_a_changed_account_stays_open_with_its_changes(visitor: Reader, keeper: ArkindexClient) -> None:
    email = f"{uuid.uuid4().hex[:6]}@rolls.example"
    keeper.request("CreateUser", body={"email": email, "display_name": "A reader", "password": PASSWORD})
    visitor.open(f"/users?name={email}")
    visitor.find(f"//summary[contains(., '{email}')]").click()
    visitor.find("//details[@open]//input[@name='can_upload_images']").click()
    name = visitor.find("//details[@open]//input[@name='display_name']")
    name.clear()
    name.send_keys("Another name")
    # Long enough for the browser, and too long for a password.
    visitor.browser.execute_script("arguments[0].value = 'x'.repeat(5000)", visitor.find("//details[@open]//input[@name='password']"))
    visitor.find("//details[@open]//button").click()
    visitor.find("//*[@role='alert']")
    entry = f"//details[@open][contains(., '{email}')]"
    assert visitor.find(f"{entry}//input[@name='display_name']").get_property("value") == "Another name"
    assert visitor.find(f"{entry}//input[@name='can_upload_images']").is_selected()
    new = visitor.find("//form[@action='/users' and @method='post']//input[@name='display_name']")
    assert new.get_property("value") == ""
