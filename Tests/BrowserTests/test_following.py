"""Pages that ask again by themselves leave alone what somebody is using."""

from collections.abc import Callable, Iterator

import pytest
from archive import Archive
from reading import Reader
from scenario import Process


@pytest.fixture
def under_way(archive: Archive) -> Iterator[tuple[Process, dict]]:
    """A process of its own, whose first task has been claimed."""
    process = archive.scenario.start(archive.scenario.make_worker())
    task = process.claim()
    yield process, task
    process.api.request("StopProcess", id=process.id)


@pytest.fixture
def log(archive: Archive, under_way: tuple[Process, dict]) -> Callable[[str], None]:
    """Adds to the log of the task, as its agent does."""
    task, pieces = under_way[1], iter(range(1, 100))

    def write(text: str) -> None:
        body = {"attempt": task["attempt"], "piece": next(pieces), "text": text}
        archive.scenario.api.request("AppendTaskLog", id=task["id"], body=body)

    return write


# How often an answer has come since, whatever was made of it.
COUNT = "window.answers = 0; document.addEventListener('htmx:beforeSwap', () => window.answers++)"


def wait_for_answers(reader: Reader, number: int) -> None:
    before = reader.browser.execute_script("return window.answers")
    reader.wait(lambda: reader.browser.execute_script("return window.answers") >= before + number)


def test_the_keyboard_stays_where_it_is(reader: Reader, under_way: tuple[Process, dict]) -> None:
    reader.open(f"/processes/{under_way[0].id}")
    reader.browser.execute_script(COUNT)
    reader.browser.execute_script("document.getElementById('stop').focus(); document.getElementById('stop').dataset.before = ''")
    reader.wait(lambda: reader.browser.execute_script("return !('before' in document.getElementById('stop').dataset)"))
    assert reader.browser.execute_script("return document.activeElement.id") == "stop"
    # What opens over the page is not taken for the page.
    reader.find("//section//h3/a").click()
    assert "What it made" in reader.find("//dialog[@open]").text


def test_what_is_marked_stays_marked(reader: Reader, under_way: tuple[Process, dict]) -> None:
    reader.open(f"/processes/{under_way[0].id}")
    reader.browser.execute_script(COUNT + "; getSelection().selectAllChildren(document.querySelector('#process h1'))")
    marked = reader.browser.execute_script("return getSelection().toString()")
    # A poll that finds something marked asks for nothing.
    reader.browser.execute_script("window.skipped = 0; document.addEventListener('htmx:beforeRequest', event => { window.skipped += event.defaultPrevented })")
    reader.wait(lambda: reader.browser.execute_script("return window.skipped") >= 2)
    assert marked and reader.browser.execute_script("return getSelection().toString()") == marked
    reader.browser.execute_script("getSelection().removeAllRanges()")
    wait_for_answers(reader, 1)


def test_a_log_is_read_while_it_grows(reader: Reader, under_way: tuple[Process, dict], log: Callable[[str], None]) -> None:
    log("".join(f"line {number}\n" for number in range(400)))
    reader.open(f"/tasks/{under_way[1]['id']}")
    top = reader.browser.execute_script(
        "const log = document.querySelector('pre'); log.scrollTop = 3000; getSelection().selectAllChildren(log); return log.scrollTop"
    )
    assert top > 0
    log("and on\n")
    reader.find("//pre[contains(., 'and on')]")
    script = "return [document.querySelector('pre').scrollTop, getSelection().toString().includes('line 399')]"
    assert reader.browser.execute_script(script) == [top, True]
    reader.browser.execute_script("const log = document.querySelector('pre'); log.scrollTop = log.scrollHeight")
    log("to its end\n")
    reader.find("//pre[contains(., 'to its end')]")
    script = "const log = document.querySelector('pre'); return log.scrollHeight - log.clientHeight - log.scrollTop"
    assert abs(reader.browser.execute_script(script)) <= 1


def test_a_purge_leads_to_its_deletion(reader: Reader, archive: Archive) -> None:
    api, corpus = archive.scenario.api, archive.scenario.corpus["id"]
    deletion = api.request("DestroyWorkerResults", id=corpus, worker_run_id=archive.process.run)["deletion"]
    try:
        reader.open("/jobs")
        row = "//tr[contains(., 'Purge what') and contains(., 'queued')]"
        assert "Cancel" not in reader.find(row).text
        # A purge waits for a day; the page does not ask for it every other second.
        assert reader.find("//*[@id='jobs']").get_dom_attribute("hx-trigger") == "every 30s"
        assert reader.violations() == []
        reader.find(f"{row}//a[normalize-space()='See the deletion']").click()
        reader.wait_for_heading("Deletions")
    finally:
        api.request("RestoreWorkerResults", id=corpus, body={"deletion": deletion})
