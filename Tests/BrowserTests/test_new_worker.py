"""A worker and a version of it, from the file that describes it, with nothing but a browser."""

import uuid
from pathlib import Path

from arkindex import ArkindexClient
from reading import Reader
from serving import ROOT

FILE = ROOT / "deploy/demo/worker.yml"


def test_a_worker_is_made_from_its_file(reader: Reader, api: ArkindexClient, tmp_path: Path) -> None:
    name = f"Tesseract {uuid.uuid4().hex[:6]}"
    reader.open("/workers")
    form = "//form[@action='/workers' and @method='post']"
    reader.find(f"{form}//input[@name='name']").send_keys(name)
    reader.find(f"{form}//input[@name='type']").send_keys("recognizer")
    reader.press("Create")
    reader.wait_for_heading(name)
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(FILE.read_text().replace("type: float", "type: number"))
    reader.find("//summary[.='New version from a file']").click()
    assert reader.violations() == []
    reader.find("//input[@type='file']").send_keys(str(wrong))
    reader.press("Make the version")
    assert "configuration 3 type" in reader.find("//*[@role='alert']").text
    reader.find("//details[@open]//input[@type='file']").send_keys(str(FILE))
    reader.press("Make the version")
    reader.find("//table//td[.='1']")
    worker = reader.browser.current_url.rsplit("/", 1)[1]
    (version,) = api.paginate("ListWorkerVersions", id=worker)
    assert version["state"] == "available"
    reader.expect("400")
