"""What it takes to take results back: until nobody sees them, and to bring them back."""

import json
import time
from urllib.request import Request, urlopen

from load import Load
from report import Report
from stage import ADMINISTRATOR, HERE, Stage, identifier

CORPUS = identifier(3, 1)
RESULTS = f"/api/v1/corpus/{CORPUS}/worker-results/"


class Administrator:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.token = stage, ""
        self.token = self.ask("POST", "/api/v1/user/login/", ADMINISTRATOR)["auth_token"]

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.stage.server.url + path, data, headers, method=method)) as answer:
            return json.load(answer)

    def timed(self, method: str, path: str, body: dict | None = None) -> tuple[float, dict]:
        begun = time.monotonic()
        answer = self.ask(method, path, body)
        return (time.monotonic() - begun) * 1000, answer


def deletion(stage: Stage, load: Load, report: Report) -> None:
    sizes = [100, 1_000] if report.smoke else [1_000, 100_000] + ([10_000_000] if report.full else [])
    person = Administrator(stage)
    hidden: dict[int, list[float]] = {}
    restored: dict[int, list[float]] = {}
    for number, size in enumerate(sizes):
        run, _ = make(stage, 20 + number, size)
        hidden[size], restored[size] = [], []
        for _ in range(report.rounds * 4):
            took, made = person.timed("DELETE", f"{RESULTS}?worker_run_id={run}")
            hidden[size].append(took)
            seen = person.ask("GET", f"/api/v1/process/workers/{run}/")["results"]["transcriptions"]
            if seen:
                raise SystemExit(f"{seen} results are still there")
            took, _ = person.timed("POST", f"{RESULTS}restore/", {"deletion": made["deletion"]})
            restored[size].append(took)
    for size in sizes[1:]:
        report.row(f"Deleted, {size:,}", "ms", (f"{size:,} results", hidden[size]), (f"{sizes[0]:,}", hidden[sizes[0]]))
        report.row(f"Undone, {size:,}", "ms", (f"{size:,} results", restored[size]), (f"{sizes[0]:,}", restored[sizes[0]]))


def make(stage: Stage, number: int, size: int) -> tuple[str, str]:
    """A run with so many results: its id, and that of its source."""
    settings = [f"--set=run={number}", f"--set=size={size}", f"--set=elements={stage.size}"]
    return identifier(8, number), stage.sql(HERE / "made.sql", *settings)
