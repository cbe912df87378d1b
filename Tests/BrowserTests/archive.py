"""A project with results in it, made through the API: what the pages are to show."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from arkindex import ArkindexClient
from scenario import Process, Scenario, Worker, end_task

# One grey pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


class Pictures(BaseHTTPRequestHandler):
    """An image server that has the same picture at every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: the tests' output is for the tests."""


def serve_pictures() -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass
class Archive:
    scenario: Scenario
    worker: Worker
    process: Process
    page: dict
    line: dict

    @classmethod
    def make(cls, api: ArkindexClient, url: str, pictures: str) -> "Archive":
        corpus = api.request(
            "CreateCorpus",
            body={"name": "Parish registers", "description": "Baptisms and burials"},
        )
        folder = api.request(
            "CreateElement",
            body={"corpus": corpus["id"], "type": "folder", "name": "Register of 1743"},
        )
        scenario = Scenario(api, corpus, folder)
        scenario.pages = [
            cls._page(api, corpus, folder, pictures, name)
            for name in ("Folio 1 recto", "Folio 1 verso")
        ]
        api.request(
            "CreateTranscription", id=scenario.pages[0]["id"], body={"text": "By hand"}
        )
        worker = scenario.make_worker()
        process = scenario.start(worker, worker.configure("With a mark", prefix="¶ "))
        task = process.claim()
        line = cls._publish(url, task, scenario.pages[0])
        end_task(url, task, "completed")
        return cls(scenario, worker, process, scenario.pages[0], line)

    @staticmethod
    def _page(
        api: ArkindexClient, corpus: dict, folder: dict, pictures: str, name: str
    ) -> dict:
        image = api.request(
            "CreateIIIFURL",
            body={
                "url": f"{pictures}/iiif/{folder['id']}-{name.replace(' ', '-')}",
                "width": 1000,
                "height": 1400,
            },
        )
        return api.request(
            "CreateElement",
            body={
                "corpus": corpus["id"],
                "parent": folder["id"],
                "type": "page",
                "name": name,
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
                        "polygon": [[100, 100], [900, 100], [900, 180], [100, 180]],
                        "text": "Die 3 martii baptizata est Anna",
                        "confidence": 0.91,
                    }
                ],
            },
        )
        kind = worker.request(
            "CreateEntityType",
            body={"name": "person", "corpus": page["corpus"]["id"], "color": "aa3300"},
        )
        worker.request(
            "CreateTranscriptionEntity",
            id=made["id"],
            body={
                "type_id": kind["id"],
                "offset": 27,
                "length": 4,
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
                "value": "Latin",
                "worker_run_id": run,
            },
        )
        return {"id": made["element_id"], "transcription": made["id"]}
