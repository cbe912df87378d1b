"""Workers, a model and processes to set up."""

import hashlib
import uuid
from dataclasses import dataclass

import requests
from archive import Archive
from arkindex import ArkindexClient
from scenario import Worker


@dataclass
class Named:
    """A worker under a name of its own, so that it is found among those of other tests."""

    worker: Worker
    name: str

    @property
    def version(self) -> str:
        return self.worker.version["id"]

    def configure(self, name: str, **values: object) -> dict:
        return self.worker.configure(name, **values)


@dataclass
class Workshop:
    api: ArkindexClient
    archive: Archive
    reader: Named
    needy: Named
    model: str
    model_id: str
    model_version: str
    configuration: str
    configured: str

    @classmethod
    def make(cls, archive: Archive) -> "Workshop":
        api = archive.scenario.api
        mark = uuid.uuid4().hex[:6]
        reader = cls._worker(api, f"Scribe {mark}", "disabled")
        needy = cls._worker(api, f"Learner {mark}", "required")
        configured = f"With a cross {mark}"
        configuration = reader.configure(configured, prefix="✠ ")
        model = api.request("CreateModel", body={"name": f"Hand of {mark}", "description": "Cursive of the 18th century"})
        version = cls._publish(api, model["id"])
        return cls(api, archive, reader, needy, model["name"], model["id"], version, configuration["id"], configured)

    @staticmethod
    def _worker(api: ArkindexClient, name: str, model_usage: str) -> Named:
        fields = [{"key": "prefix", "display_name": "Text before each line", "type": "string", "default": ""}]
        worker = api.request(
            "CreateWorker", body={"name": name, "slug": name.lower().replace(" ", "-"), "type": "recognizer", "description": "Reads lines."}
        )
        version = api.request(
            "CreateWorkerVersion",
            id=worker["id"],
            body={"configuration": fields, "model_usage": model_usage, "state": "available", "command": "true", "docker_image_iid": "registry/reader:1"},
        )
        return Named(Worker(api, worker["id"], version), name)

    def publish(self, model: str) -> str:
        """Another version of a model."""
        return self._publish(self.api, model)

    @staticmethod
    def _publish(api: ArkindexClient, model: str) -> str:
        archive = b"what a model knows"
        version = api.request(
            "CreateModelVersion",
            id=model,
            body={"size": len(archive), "archive_hash": hashlib.md5(archive).hexdigest(), "tag": "best", "configuration": {"beam": 5}},
        )
        answer = requests.put(version["s3_put_url"], data=archive)
        answer.raise_for_status()
        api.request("PartialUpdateModelVersion", id=version["id"], body={"state": "available"})
        return version["id"]

    def process(self, name: str, **choice: object) -> str:
        body = {"corpus": self.archive.scenario.corpus["id"], "mode": "workers", "name": name, "element_type": "page", **choice}
        return self.api.request("CreateProcess", body=body)["id"]

    def add(self, process: str, configuration: str | None = None) -> str:
        body = {"worker_version_id": self.reader.version, "configuration_id": configuration}
        return self.api.request("CreateWorkerRun", id=process, body=body)["id"]

    def add_needy(self, process: str) -> str:
        """A run that needs a model."""
        return self.api.request("CreateWorkerRun", id=process, body={"worker_version_id": self.needy.version})["id"]

    def order(self, run: str, after: list[str]) -> None:
        self.api.request("PartialUpdateWorkerRun", id=run, body={"parents": after})

    def keep(self, process: str) -> str:
        return self.api.request("CreateProcessTemplate", id=process, body={"name": "Two readings and a model"})["id"]

    def dataset(self) -> str:
        """One with an element in its first set."""
        body = {"name": f"Hands {uuid.uuid4().hex[:6]}", "description": "One page by each hand", "set_names": ["train", "validation", "test"]}
        dataset = self.api.request("CreateDataset", id=self.archive.scenario.corpus["id"], body=body)
        element = {"element_id": self.archive.page["id"], "set": "train"}
        self.api.request("CreateDatasetElement", id=dataset["id"], body=element)
        return dataset["id"]
