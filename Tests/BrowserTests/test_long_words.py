"""Names and lines that are one long word stay within the page, however wide that is."""

import pytest
from archive import Archive
from arkindex import ArkindexClient
from reading import Reader

LONG = "W" * 60
DOTS = "." * 110
ADDRESS = "https://archive.example/" + "a" * 110


@pytest.fixture(scope="module")
def places(api: ArkindexClient, archive: Archive) -> list[str]:
    """The pages of a project in which everything has a long name."""
    corpus = api.request("CreateCorpus", body={"name": LONG, "description": ADDRESS})["id"]
    folder = api.request("CreateElement", body={"corpus": corpus, "type": "folder", "name": LONG})["id"]
    image = api.request("RetrieveElement", id=archive.page["id"])["zone"]["image"]["id"]
    page = api.request("CreateElement", body={"corpus": corpus, "parent": folder, "type": "page", "name": LONG, "image": image})["id"]
    body = {"corpus": corpus, "parent": page, "type": "text_line", "name": LONG, "image": image, "polygon": [[9, 9], [90, 9], [90, 90], [9, 90]]}
    line = api.request("CreateElement", body=body)["id"]
    run = api.request("CreateUserWorkerRun", body={"summary": LONG})["id"]
    for element, text in ((page, DOTS), (line, DOTS), (line, LONG)):
        api.request("CreateTranscription", id=element, body={"text": text, "worker_run_id": run, "confidence": 0.9})
    api.request("CreateMetaData", id=page, body={"type": "url", "name": LONG, "value": ADDRESS})
    ml_class = api.request("CreateMLClass", id=corpus, body={"name": LONG})["id"]
    api.request("CreateClassification", body={"element": page, "ml_class": ml_class})
    process = api.request("CreateProcess", body={"corpus": corpus, "mode": "workers", "name": LONG})["id"]
    dataset = api.request("CreateDataset", id=corpus, body={"name": LONG, "set_names": [LONG[:50]]})["id"]
    return [
        "/projects", f"/projects/{corpus}", f"/projects/{corpus}?more=1&ml_class={ml_class}", f"/projects/{corpus}?view=list",
        f"/projects/{corpus}/runs", f"/projects/{corpus}/process", f"/projects/{corpus}/deletion?worker_run={run}", f"/projects/{corpus}/pages",
        f"/elements/{folder}", f"/elements/{page}", f"/elements/{line}", f"/elements/{page}/edit", f"/runs/{run}", f"/processes/{process}",
        f"/processes/{process}/edit", f"/processes/{process}/workers", f"/datasets/{dataset}", f"/projects/{corpus}/datasets", f"/projects/{corpus}/exports",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_wider_than_the_page(reader: Reader, places: list[str], width: int) -> None:
    reader.browser.set_window_size(width, 900)
    try:
        for place in places:
            reader.open(place)
            # What was added by hand is behind these.
            reader.browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
            assert reader.overflow() <= 0, place
    finally:
        reader.browser.set_window_size(1280, 900)
