"""What the tests tell stories with: pages to read, a worker to read them, and its process, all made through the API."""

import os
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from arkindex import ArkindexClient

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1000, 1400
WHOLE_IMAGE = [[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT], [0, 0]]

T = TypeVar("T")


def eventually(look: Callable[[], T | None], patience: float = 30) -> T:
    """What `look` returns once that is something. The API does not push yet, so this asks again until the deadline."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing after {patience} s"
        time.sleep(0.1)
    return found


@dataclass
class Scenario:
    """A folder of pages in a corpus of its own, so that tests share a server and nothing else."""

    api: ArkindexClient
    corpus: dict
    folder: dict
    pages: list[dict] = field(default_factory=list)

    @classmethod
    def of_pages(cls, api: ArkindexClient, *names: str) -> "Scenario":
        corpus = api.request("CreateCorpus", body={"name": f"Corpus {uuid.uuid4()}"})
        folder = api.request(
            "CreateElement",
            body={"corpus": corpus["id"], "type": "folder", "name": "Register"},
        )
        scenario = cls(api, corpus, folder)
        scenario.pages = [scenario.make_page(name) for name in names]
        return scenario

    def make_page(self, name: str) -> dict:
        """A page whose image is never fetched: its size is given."""
        image = self.api.request(
            "CreateIIIFURL",
            body={
                "url": f"https://images.example.org/{uuid.uuid4()}",
                "width": WIDTH,
                "height": HEIGHT,
            },
        )
        return self.api.request(
            "CreateElement",
            body={
                "corpus": self.corpus["id"],
                "parent": self.folder["id"],
                "type": "page",
                "name": name,
                "image": image["id"],
                "polygon": WHOLE_IMAGE,
            },
        )

    def make_worker(self, command: str = "true") -> "Worker":
        return Worker.make(self.api, command)

    def start(
        self,
        worker: "Worker",
        *configurations: dict,
        chunks: int = 1,
        element_type: str = "page",
    ) -> "Process":
        """A process over the folder's pages or what is on them, started, with a run of the worker for each configuration."""
        process = self.api.request(
            "CreateProcess",
            body={
                "corpus": self.corpus["id"],
                "mode": "workers",
                "name": "Read the register",
                "element": self.folder["id"],
                "element_type": element_type,
                "load_children": True,
            },
        )
        runs = [
            self.api.request(
                "CreateWorkerRun",
                id=process["id"],
                body={
                    "worker_version_id": worker.version["id"],
                    "configuration_id": configuration.get("id"),
                },
            )
            for configuration in configurations or ({},)
        ]
        self.api.request("StartProcess", id=process["id"], body={"chunks": chunks})
        return Process(self.api, process["id"], [run["id"] for run in runs])

    def transcriptions(self, **filters: object) -> list[dict]:
        """Those of the whole folder, at any depth."""
        return list(
            self.api.paginate(
                "ListTranscriptions", id=self.folder["id"], recursive=True, **filters
            )
        )

    def elements(self, **filters: object) -> list[dict]:
        return list(
            self.api.paginate("ListElements", corpus=self.corpus["id"], **filters)
        )


@dataclass
class Worker:
    api: ArkindexClient
    id: str
    version: dict

    @classmethod
    def make(cls, api: ArkindexClient, command: str) -> "Worker":
        slug = f"reader-{uuid.uuid4().hex[:8]}"
        description = {
            "slug": slug,
            "display_name": "Reader",
            "type": "recognizer",
            "description": "Reads pages for a test.",
            "docker": {"command": command},
            "configuration": [
                {
                    "key": "prefix",
                    "display_name": "Text before each line",
                    "type": "string",
                    "default": "",
                },
                {
                    "key": "password",
                    "display_name": "What to show to the archive",
                    "type": "secret",
                },
            ],
        }
        worker = api.request(
            "CreateWorker",
            body={
                "name": "Reader",
                "slug": slug,
                "type": "recognizer",
                "description": description["description"],
                "repository_url": None,
            },
        )
        version = api.request(
            "ImportWorkerVersion",
            id=worker["id"],
            body={
                "yaml": yaml.safe_dump(description),
                "revision_url": None,
                "docker_image_iid": None,
            },
        )
        return cls(api, worker["id"], version)

    def configure(self, name: str, **values: object) -> dict:
        return self.api.request(
            "CreateWorkerConfiguration",
            id=self.id,
            body={"name": name, "configuration": values},
        )


@dataclass
class Process:
    api: ArkindexClient
    id: str
    runs: list[str]

    @property
    def run(self) -> str:
        (only,) = self.runs
        return only

    def retrieve(self) -> dict:
        return self.api.request("RetrieveProcess", id=self.id)

    def tasks(self) -> list[dict]:
        return [
            self.api.request("RetrieveTask", id=task["id"])
            for task in self.retrieve()["tasks"]
        ]

    def claim(self) -> dict:
        """The next task of this process as an agent gets it: with its token and its environment."""
        task = self.api.request("ClaimTask", body={"process": self.id})
        assert task, "there is no task to claim"
        return task

    def wait_for(self, *states: str) -> dict:
        def look() -> dict | None:
            process = self.retrieve()
            return process if process["state"] in states else None

        return eventually(look)

    def activities(self) -> dict[str, str]:
        """The state of each element's activity, by element."""
        activities = self.api.paginate("ListWorkerActivities", id=self.id)
        return {activity["element"]["id"]: activity["state"] for activity in activities}

    def activity_counts(self, run: str) -> Counter[str]:
        (stats,) = (
            stats
            for stats in self.api.request("ProcessActivityStats", id=self.id)
            if stats["worker_run"]["id"] == run
        )
        states = ("queued", "started", "processed", "error")
        return Counter({state: stats[state] for state in states})


def end_task(url: str, task: dict, state: str) -> None:
    """Reports a task's end with the task's own token, as an agent does."""
    client = ArkindexClient(base_url=url, token=task["token"], auth_scheme="Ponos")
    client.request("PartialUpdateTask", id=task["id"], body={"state": state})


@dataclass
class Ended:
    """A worker that has run to its end."""

    status: int
    log: str


@dataclass
class Workshop:
    """Where worker programs lie and run."""

    python: Path
    programs: Path
    tasks: Path

    def command(self, program: str) -> str:
        return f"{self.python} {self.programs / program}"

    def start(
        self, url: str, program: str, task: dict, *arguments: str, **environment: str
    ) -> subprocess.Popen[str]:
        """Starts a worker as an agent would: with the task's environment and little else."""
        directory = self.tasks / task["id"]
        (directory / "current").mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [self.python, self.programs / program, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "ARKINDEX_API_URL": url,
                **task["environment"],
                "PONOS_DATA": str(directory),
                **environment,
            },
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(
        self, url: str, program: str, task: dict, *arguments: str, **environment: str
    ) -> Ended:
        return finish(self.start(url, program, task, *arguments, **environment))


def finish(worker: subprocess.Popen[str], patience: float = 120) -> Ended:
    try:
        log, _ = worker.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        worker.kill()
        log, _ = worker.communicate()
        raise AssertionError(f"the worker did not end:\n{log}") from None
    return Ended(worker.returncode, log)
