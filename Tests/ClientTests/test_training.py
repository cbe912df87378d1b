"""Training as the worker library does it: datasets, exports, versions of models in parts, artifacts; all carried out by the executor."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from uuid import UUID

import pytest
import requests
import zstandard
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse
from arkindex_export import (
    Classification,
    Dataset,
    DatasetElement,
    Element,
    Embedding,
    ElementPath,
    EntityType,
    ExportVersion,
    Image,
    Metadata,
    Transcription,
    TranscriptionEntity,
    WorkerRun,
    database,
    open_database,
)
from arkindex_export.queries import list_children

from scenario import HEIGHT, WIDTH, Process, Scenario, Worker, Workshop, eventually

pytestmark = pytest.mark.usefixtures("executing_server")


def make_dataset(scenario: Scenario, **sets: list[dict]) -> dict:
    """A dataset with these elements in its sets."""
    dataset = scenario.api.request(
        "CreateDataset",
        id=scenario.corpus["id"],
        body={"name": "Hands", "description": "By hand", "set_names": list(sets)},
    )
    for name, elements in sets.items():
        for element in elements:
            scenario.api.request(
                "CreateDatasetElement",
                id=dataset["id"],
                body={"set": name, "element_id": element["id"]},
            )
    return dataset


def train(scenario: Scenario, worker: Worker, dataset: dict, **more: object) -> Process:
    """A process over all sets of a dataset, started."""
    api = scenario.api
    process = api.request(
        "CreateProcess",
        body={
            "corpus": scenario.corpus["id"],
            "mode": "dataset",
            "dataset_sets": [item["id"] for item in dataset["sets"]],
            **more,
        },
    )
    run = api.request(
        "CreateWorkerRun",
        id=process["id"],
        body={"worker_version_id": worker.version["id"]},
    )
    api.request("StartProcess", id=process["id"], body={})
    return Process(api, process["id"], [run["id"]])


def transcribe(scenario: Scenario, element: dict, text: str) -> None:
    scenario.api.request(
        "CreateTranscription", id=element["id"], body={"text": text, "confidence": 1}
    )


def test_a_worker_reads_the_elements_of_its_sets(
    executing_api: ArkindexClient, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(executing_api, "1r", "1v", "2r")
    dataset = make_dataset(scenario, train=scenario.pages[:1], dev=scenario.pages[1:2])
    worker = scenario.make_worker(workshop.command("reader.py"))

    process = train(scenario, worker, dataset)

    assert process.wait_for("completed", "failed")["state"] == "completed", (
        process.tasks()
    )
    (task,) = process.tasks()
    assert "Ran on 2 elements: 2 completed, 0 failed" in task["logs"]
    texts = {item["text"] for item in scenario.transcriptions(worker_run=process.run)}
    assert texts == {"1r", "1v"}
    assert process.activities() == {}


def test_a_worker_publishes_what_it_has_learnt(
    executing_api: ArkindexClient, workshop: Workshop
) -> None:
    api = executing_api
    scenario = Scenario.of_pages(api, "1r", "1v", "2r")
    for page, text in zip(scenario.pages, ("ave maria", "ave", "gratia"), strict=True):
        transcribe(scenario, page, text)
    dataset = make_dataset(scenario, train=scenario.pages[:2], dev=scenario.pages[2:])
    model = api.request("CreateModel", body={"name": f"Words {dataset['id']}"})
    # The tag is taken: the library tries again without it.
    api.request("CreateModelVersion", id=model["id"], body={"tag": "best"})
    worker = scenario.make_worker(workshop.command("trainer.py"))

    process = train(scenario, worker, dataset, model_id=model["id"])

    state = process.wait_for("completed", "failed")["state"]
    (task,) = process.tasks()
    assert state == "completed", task["logs"]
    assert "Ran on 2 dataset sets: 2 completed, 0 failed" in task["logs"]
    assert "publication will be retried without it" in task["logs"]

    (version,) = api.paginate("ListModelVersions", id=model["id"], state="available")
    assert version["configuration"] == {"words": 2}
    assert version["tag"] is None
    archive = requests.get(version["s3_url"], timeout=30)
    assert archive.headers["Content-Type"] == "application/zstd"
    assert hashlib.md5(archive.content).hexdigest() == version["archive_hash"]
    assert len(archive.content) == version["size"]
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(archive.content)) as tar:
        files = tarfile.open(mode="r|", fileobj=tar)
        learnt = {
            Path(item.name).name: files.extractfile(item).read()
            for item in files
            if item.isfile()
        }
    expected = {"elements": ["1r", "1v"], "words": {"ave": 2, "maria": 1}}
    assert json.loads(learnt["words.json"]) == expected
    assert len(learnt["weights.bin"]) == 6 << 20

    artifacts = api.request("ListArtifacts", id=task["id"])
    assert [item["path"] for item in artifacts] == ["dev.json", "train.json"]
    downloaded = api.request("DownloadArtifact", id=task["id"], path="train.json")
    assert json.loads(downloaded.read()) == expected


def test_a_finished_export_is_used_again(
    executing_api: ArkindexClient,
) -> None:
    scenario = Scenario.of_pages(executing_api, "1r")
    export = finished_export(scenario)

    with pytest.raises(ErrorResponse) as refused:
        executing_api.request("StartExport", id=scenario.corpus["id"], body={})

    assert refused.value.status_code == 400
    assert refused.value.content["errors"][0]["code"] == "existing_export"
    (listed,) = executing_api.paginate("ListExports", id=scenario.corpus["id"])
    assert listed["id"] == export["id"]
    assert listed["source"] == "default"


def finished_export(scenario: Scenario, **body: str) -> dict:
    api = scenario.api
    started = api.request("StartExport", id=scenario.corpus["id"], body=body)
    assert started["state"] in ("created", "running", "done")

    def done() -> dict | None:
        exports = api.paginate("ListExports", id=scenario.corpus["id"])
        (export,) = (item for item in exports if item["id"] == started["id"])
        assert export["state"] != "failed"
        return export if export["state"] == "done" else None

    return eventually(done)


def download(scenario: Scenario, export: dict, path: Path) -> None:
    """As the worker library does it: the redirection by hand, and then without credentials."""
    api = scenario.api
    link = api.lookup_operation("DownloadExport")
    answer = api.session.get(
        api.get_url(link, {"id": export["id"]}), allow_redirects=False
    )
    assert answer.status_code == 302
    path.write_bytes(requests.get(answer.headers["Location"], timeout=30).content)


@pytest.fixture
def worked_on(executing_api: ArkindexClient, workshop: Workshop) -> Scenario:
    """Pages with results of each kind, by a worker and by hand."""
    api = executing_api
    scenario = Scenario.of_pages(api, "1r", "1v")
    worker = scenario.make_worker(workshop.command("everything.py"))
    process = scenario.start(worker)
    assert process.wait_for("completed", "failed")["state"] == "completed", (
        process.tasks()
    )
    transcribe(scenario, scenario.pages[0], "by hand")
    return scenario


def test_an_export_has_all_of_a_project(worked_on: Scenario, tmp_path: Path) -> None:
    scenario = worked_on
    api = scenario.api
    dataset = make_dataset(scenario, train=scenario.pages[:1])
    path = tmp_path / "export.sqlite"
    download(scenario, finished_export(scenario), path)
    open_database(path)
    try:
        assert ExportVersion.select().first().version >= 11
        shown = {item["id"]: item for item in scenario.elements()}
        assert {row.id for row in Element.select()} == set(shown)
        for row in Element.select():
            item = shown[row.id]
            assert (row.name, row.type) == (item["name"], item["type"])
            run = item["worker_run"]
            assert row.worker_run_id == (run and run["id"])
            zone = item["zone"]
            assert json.loads(row.polygon) == zone["polygon"] if zone else not row.polygon
        image = Image.get()
        assert (image.width, image.height) == (WIDTH, HEIGHT)
        assert image.server.url in image.url
        folder = scenario.folder["id"]
        below = {item["id"] for item in api.paginate("ListElementChildren", id=folder, recursive=True)}
        assert {row.id for row in list_children(folder)} == below
        assert ElementPath.select().where(ElementPath.parent == folder).count() == 2
        texts = {item["id"]: item["text"] for item in scenario.transcriptions()}
        assert {row.id: row.text for row in Transcription.select()} == texts
        by_hand = Transcription.select().where(Transcription.worker_run.is_null())
        assert [row.text for row in by_hand] == ["by hand"]
        (run,) = WorkerRun.select()
        assert run.worker_version.name == "Reader"
        assert run.worker_version.version == 1
        for kind in (Classification, Embedding, Metadata, TranscriptionEntity):
            rows = list(kind.select())
            assert rows and all(row.worker_run_id == run.id for row in rows), kind
        entity = TranscriptionEntity.get()
        assert entity.type == EntityType.get_by_id(entity.type_id)
        assert entity.text in entity.transcription.text
        vectors = {row.element_id: row.value for row in Embedding.select()}
        assert vectors == {page["id"]: [0.25, -1.0, 0.5] for page in scenario.pages}
        assert Dataset.get().sets == "train"
        assert DatasetElement.get().dataset_id == dataset["id"]
    finally:
        database.close()


def test_an_export_of_a_dataset_has_its_elements_and_what_is_below(
    worked_on: Scenario, tmp_path: Path
) -> None:
    scenario = worked_on
    api = scenario.api
    page = scenario.pages[0]["id"]
    dataset = make_dataset(scenario, train=scenario.pages[:1])
    path = tmp_path / "export.sqlite"
    export = finished_export(scenario, dataset_id=dataset["id"])
    (listed,) = api.paginate(
        "ListExports", id=scenario.corpus["id"], dataset_id=UUID(dataset["id"])
    )
    assert listed["id"] == export["id"]
    download(scenario, export, path)
    open_database(path)
    try:
        below = {
            item["id"] for item in api.paginate("ListElementChildren", id=page, recursive=True)
        }
        assert below
        assert {row.id for row in Element.select()} == below | {page}
        assert {row.parent_id for row in ElementPath.select()} <= below | {page}
        assert Dataset.get().id == dataset["id"]
    finally:
        database.close()
