"""A project with results in it, made through the API: what the pages are to show."""

from dataclasses import dataclass
from pathlib import Path

import requests
from arkindex import ArkindexClient
from scenario import Process, Scenario, Worker, end_task

# Where the first line stands on the encyclopedia's scan, and what it says.
LINE = [[195, 405], [2250, 405], [2250, 472], [195, 472]]
TEXT = "Optical character recognition (optical character reader, OCR) is the mechanical or"
TERM = "Optical character recognition"


@dataclass
class Archive:
    scenario: Scenario
    worker: Worker
    process: Process
    page: dict
    line: dict

    @classmethod
    def make(cls, api: ArkindexClient, url: str, scans: Path) -> "Archive":
        corpus = api.request(
            "CreateCorpus",
            body={"name": "Reading room", "description": "Scans of printed pages"},
        )
        folder = api.request(
            "CreateElement",
            body={"corpus": corpus["id"], "type": "folder", "name": "Scans"},
        )
        scenario = Scenario(api, corpus, folder)
        scenario.pages = [
            cls._page(api, corpus, folder, scans / f"{name}.png")
            for name in ("Encyclopedia", "Recipe")
        ]
        api.request(
            "CreateTranscription", id=scenario.pages[0]["id"], body={"text": "By hand"}
        )
        worker = scenario.make_worker()
        process = scenario.start(worker, worker.configure("With a mark", prefix="¶ "))
        task = process.claim()
        line = cls._publish(url, task, scenario.pages[0])
        end_task(url, task, "completed")
        line["name"] = api.request("RetrieveElement", id=line["id"])["name"]
        return cls(scenario, worker, process, scenario.pages[0], line)

    def another_page(self, name: str) -> dict:
        """On the first scan, so that what is changed there is nobody else's."""
        api = self.scenario.api
        image = api.request("RetrieveElement", id=self.page["id"])["zone"]["image"]["id"]
        return api.request(
            "CreateElement",
            body={
                "corpus": self.scenario.corpus["id"],
                "parent": self.scenario.folder["id"],
                "type": "page",
                "name": name,
                "image": image,
            },
        )

    @staticmethod
    def _page(api: ArkindexClient, corpus: dict, folder: dict, scan: Path) -> dict:
        """A page with its scan, which the server keeps."""
        image = api.request("CreateImage", body={"path": f"{corpus['id']}/{scan.name}"})
        requests.put(
            image["s3_put_url"],
            data=scan.read_bytes(),
            headers={"Content-Type": "image/png"},
            timeout=60,
        ).raise_for_status()
        api.request("PartialUpdateImage", id=image["id"], body={"status": "checked"})
        return api.request(
            "CreateElement",
            body={
                "corpus": corpus["id"],
                "parent": folder["id"],
                "type": "page",
                "name": scan.stem,
                "image": image["id"],
            },
        )

    @staticmethod
    def _publish(url: str, task: dict, page: dict) -> dict:
        """A line with its text and an entity in it, a class and metadata, as a worker's task makes them."""
        worker = ArkindexClient(base_url=url, token=task["token"], auth_scheme="Ponos")
        run = task["worker_run_id"]
        (made,) = worker.request(
            "CreateElementTranscriptions",
            id=page["id"],
            body={
                "element_type": "text_line",
                "worker_run_id": run,
                "return_elements": True,
                "transcriptions": [
                    {
                        "polygon": LINE,
                        "text": TEXT,
                        "confidence": 0.91,
                    }
                ],
            },
        )
        kind = worker.request(
            "CreateEntityType",
            body={"name": "term", "corpus": page["corpus"]["id"], "color": "aa3300"},
        )
        worker.request(
            "CreateTranscriptionEntity",
            id=made["id"],
            body={
                "type_id": kind["id"],
                "offset": 0,
                "length": len(TERM),
                "worker_run_id": run,
                "confidence": 0.8,
            },
        )
        worker.request(
            "CreateMetaData",
            id=page["id"],
            body={
                "type": "text",
                "name": "Language",
                "value": "English",
                "worker_run_id": run,
            },
        )
        kind = worker.request("CreateMLClass", id=page["corpus"]["id"], body={"name": "printed matter"})
        worker.request(
            "CreateClassification",
            body={
                "element": made["element_id"],
                "ml_class": kind["id"],
                "worker_run_id": run,
                "confidence": 0.7,
            },
        )
        return {"id": made["element_id"], "transcription": made["id"]}
