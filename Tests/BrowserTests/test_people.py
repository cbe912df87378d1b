"""People, what they may do, and what is their own: in the Enterprise edition all of it, in Community what is left without rights."""

from collections.abc import Iterator

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse
from conftest import EMAIL, PASSWORD
from reading import Reader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from serving import Server

HELPER = "helper@example.org"


@pytest.fixture(scope="module")
def keeper(keeper: ArkindexClient) -> ArkindexClient:
    """With an account that has no rights."""
    keeper.request("CreateUser", body={"email": HELPER, "display_name": "A helper", "password": PASSWORD})
    return keeper


@pytest.fixture
def corpus(keeper: ArkindexClient) -> dict:
    return keeper.request("CreateCorpus", body={"name": "Charters"})


@pytest.fixture
def visitor(browser: Chrome, institution: Server, keeper: ArkindexClient) -> Iterator[Reader]:
    visitor = Reader(browser, institution.url)
    visitor.sign_in(EMAIL, PASSWORD)
    yield visitor
    assert visitor.complaints() == []


def complaints_are(reader: Reader, status: str) -> bool:
    """The console names the page's own status; nothing else may stand there."""
    return all(status in complaint for complaint in reader.complaints())


def test_somebody_is_admitted_changed_and_taken_out(visitor: Reader, corpus: dict) -> None:
    visitor.open(f"/projects/{corpus['id']}")
    visitor.press("Members")
    visitor.wait_for_heading("Members")
    admission = visitor.find("//form[button[normalize-space()='Admit somebody']]")
    admission.find_element(By.NAME, "user").send_keys(HELPER)
    visitor.press("Admit somebody")
    assert "guest" in visitor.find("//tr[contains(., 'A helper')]").text
    visitor.find("//tr[contains(., 'A helper')]//option[@value='50']").click()
    visitor.press("Change A helper")
    visitor.find("//tr[contains(., 'A helper')]/td[normalize-space()='contributor']")
    visitor.press("Take out A helper")
    visitor.find("//main[not(contains(., 'A helper'))]")


def test_the_last_administrator_stays(visitor: Reader, corpus: dict) -> None:
    visitor.open(f"/projects/{corpus['id']}/members")
    visitor.press("Take out Administrator")
    assert "admin" in visitor.find("//*[@role='alert']").text
    assert complaints_are(visitor, "40")


def test_a_group_is_made_and_given_a_level(visitor: Reader, keeper: ArkindexClient, corpus: dict) -> None:
    visitor.open("/groups")
    visitor.find("//form[@action='/groups' and @method='post']//input[@name='name']").send_keys("Readers")
    visitor.press("Create")
    visitor.wait_for_heading("Readers")
    visitor.find("//form[button[normalize-space()='Admit somebody']]//input[@name='user']").send_keys(HELPER)
    visitor.press("Admit somebody")
    visitor.find("//tr[contains(., 'A helper')]")
    visitor.open(f"/projects/{corpus['id']}/members")
    visitor.find("//select[@name='group']/option[normalize-space()='Readers']").click()
    visitor.press("Admit somebody")
    visitor.find("//tr[contains(., 'Readers') and contains(., 'guest')]")
    member = ArkindexClient(base_url=visitor.url)
    member.login(HELPER, PASSWORD)
    assert corpus["id"] in [seen["id"] for seen in member.request("ListCorpus")]


def test_whoever_is_no_administrator_sees_members_and_changes_none(
    visitor: Reader, keeper: ArkindexClient, corpus: dict
) -> None:
    keeper.request("CreateMembership", body={"corpus": corpus["id"], "user": HELPER, "level": 10})
    visitor.sign_in(HELPER, PASSWORD)
    visitor.open(f"/projects/{corpus['id']}/members")
    assert "Administrator" in visitor.text
    assert [button.text for button in visitor.browser.find_elements(By.CSS_SELECTOR, "main button:not(.copy)")] == ["Leave"]
    visitor.open("/users")
    assert "not yours to do" in visitor.text
    assert complaints_are(visitor, "403")


def test_an_account_is_made_with_a_password_shown_once(visitor: Reader) -> None:
    visitor.open("/users")
    new = visitor.find("//form[@action='/users' and @method='post']")
    new.find_element(By.NAME, "email").send_keys("archivist@example.org")
    new.find_element(By.NAME, "can_create_workers").click()
    new.find_element(By.TAG_NAME, "button").click()
    password = visitor.find("//*[@role='status']//code").text
    visitor.open("/users?name=archivist")
    assert password not in visitor.browser.page_source
    visitor.find("//summary[contains(., 'archivist@example.org')]").click()
    assert visitor.find("//details[@open]//input[@name='can_create_workers']").is_selected()
    assert not visitor.find("//details[@open]//input[@name='is_admin']").is_selected()
    visitor.sign_in("archivist@example.org", password)


def test_a_token_works_until_it_is_revoked(visitor: Reader) -> None:
    visitor.open("/account")
    visitor.find("//form[@action='/account/tokens']//input[@name='name']").send_keys("A script")
    visitor.press("Make a token")
    token = visitor.find("//*[@role='status']//code").text
    script = ArkindexClient(base_url=visitor.url, token=token)
    assert script.request("RetrieveUser")["email"] == EMAIL
    visitor.press("Revoke A script")
    visitor.find("//main[not(contains(., 'A script'))]")
    with pytest.raises(ErrorResponse, match="not valid"):
        script.request("RetrieveUser")


def test_long_lists_of_one_s_own_are_shown_when_asked_for(visitor: Reader, keeper: ArkindexClient) -> None:
    for number in range(120):
        keeper.request("CreateToken", body={"name": f"Script {number}", "scope": "read"})
    rows = "//section[@aria-labelledby='tokens']//tbody/tr"
    visitor.open("/account")
    assert len(visitor.browser.find_elements("xpath", rows)) == 20
    visitor.find("//section[@aria-labelledby='tokens']//a[starts-with(., 'Show all')]").click()
    visitor.wait(lambda: len(visitor.browser.find_elements("xpath", rows)) == 100)
    visitor.find("//section[@aria-labelledby='tokens']//a[@rel='next']").click()
    visitor.find("//th[.='Script 0']")
    assert visitor.violations() == []


def test_a_run_of_one_s_own_signs_what_a_script_publishes(visitor: Reader, keeper: ArkindexClient, corpus: dict) -> None:
    visitor.open("/account")
    visitor.fill(summary="Typed from the card index")
    visitor.find("//form[@action='/account/worker-runs']//button").click()
    run = visitor.find("//tr[contains(., 'Typed from the card index')]//code").text
    page = keeper.request("CreateElement", body={"corpus": corpus["id"], "type": "page", "name": "1"})
    keeper.request("CreateTranscription", id=page["id"], body={"text": "Anno domini", "worker_run_id": run})
    visitor.open(f"/elements/{page['id']}")
    assert "Typed from the card index" in visitor.text


def test_what_was_done_can_be_looked_up(visitor: Reader, keeper: ArkindexClient, corpus: dict) -> None:
    keeper.request("CreateMembership", body={"corpus": corpus["id"], "user": HELPER, "level": 50})
    visitor.open(f"/audit?corpus={corpus['id']}")
    first = visitor.find("//tbody/tr[1]")
    assert "Administrator" in first.text and "membership" in first.text
    first.find_element(By.CSS_SELECTOR, "td:nth-child(3) a").click()
    visitor.find("//main[contains(., 'Show all')]")


def test_the_time_to_undo_is_set(visitor: Reader, keeper: ArkindexClient) -> None:
    visitor.open("/settings")
    visitor.fill(hours="1.5")
    visitor.press("Save")
    visitor.find("//input[@name='hours' and @value='1.5']")
    assert visitor.find("//*[@id='status']").text == "Saved."
    assert keeper.request("RetrieveSettings")["purge_horizon"] == 5400


def test_a_new_password_ends_every_session(visitor: Reader, keeper: ArkindexClient) -> None:
    keeper.request("CreateUser", body={"email": "clerk@example.org", "password": PASSWORD})
    visitor.sign_in("clerk@example.org", PASSWORD)
    visitor.open("/account")
    visitor.fill(old_password="not it at all", new_password="another long one")
    visitor.find("//form[@action='/account/password']//button").click()
    assert "not the password" in visitor.find("//*[@role='alert']").text
    assert complaints_are(visitor, "400")
    visitor.fill(old_password=PASSWORD, new_password="another long one")
    visitor.find("//form[@action='/account/password']//button").click()
    visitor.wait_for_heading("Sign in")
    visitor.sign_in("clerk@example.org", "another long one")


@pytest.mark.parametrize("place", ["/account", "/users", "/groups", "/audit", "/settings", "/projects/{corpus}/members"])
def test_every_page_of_people_is_accessible(visitor: Reader, corpus: dict, place: str) -> None:
    visitor.open(place.format(corpus=corpus["id"]))
    assert visitor.violations() == []
    visitor.browser.set_window_size(360, 740)
    try:
        assert visitor.overflow() <= 0
    finally:
        visitor.browser.set_window_size(1280, 900)


def test_community_has_no_page_of_rights(reader: Reader, archive) -> None:
    corpus = archive.scenario.corpus["id"]
    reader.open(f"/projects/{corpus}")
    assert not reader.browser.find_elements(By.LINK_TEXT, "Members")
    reader.open("/users")
    assert [tab.text for tab in reader.browser.find_elements(By.CSS_SELECTOR, ".tabs a")] == ["Users", "Audit log", "Settings"]
    for place in ("/groups", f"/projects/{corpus}/members", f"/workers/{archive.worker.id}/members"):
        reader.open(place)
        assert "There is nothing here" in reader.text
    assert complaints_are(reader, "404")
