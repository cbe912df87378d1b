"""What it takes to take results back: until nobody sees them, to bring them back, and to remove them; and what readers notice of it."""

import json
import statistics
import time
from functools import partial
from itertools import count
from urllib.request import Request, urlopen

from load import Load
from report import Report
from stage import ADMINISTRATOR, HERE, Stage, identifier

CORPUS = identifier(3, 1)
RESULTS = f"/api/v1/corpus/{CORPUS}/worker-results/"
# Runs that nothing else has, from this one on.
NUMBERS = count(20)


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
    for size in sizes:
        run, _ = make(stage, size)
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


def crowd(stage: Stage, load: Load, report: Report) -> None:
    """A page of 50 of a corpus of which 95 in a hundred elements have just been hidden, against the same page before."""
    person = Administrator(stage)
    pages = {
        "all": f"/api/v1/corpus/{CORPUS}/elements/?page_size=50",
        "at the top": f"/api/v1/corpus/{CORPUS}/elements/?top_level=true&page_size=50",
        "of a type": f"/api/v1/corpus/{CORPUS}/elements/?type=page&page_size=50",
        "below a folder": f"/api/v1/elements/{identifier(0, 1)}/children/?recursive=true&page_size=50",
        "of a type by name": f"/api/v1/corpus/{CORPUS}/elements/?type=page&order=name&page_size=50",
        "by name": f"/api/v1/corpus/{CORPUS}/elements/?order=name&page_size=50",
        "without images": f"/api/v1/corpus/{CORPUS}/elements/?with_zone=false&page_size=50",
    }

    # Whose the zones are; in a small corpus not all have some.
    runs = range(1, 1 + min(4, 1 + stage.size // 1000))

    def hidden(path: str) -> float:
        made = [person.ask("DELETE", f"{RESULTS}?worker_run_id={identifier(8, run)}") for run in runs]
        try:
            return load.wrk(path, 1)
        finally:
            for deletion in made:
                person.ask("POST", f"{RESULTS}restore/", {"deletion": deletion["deletion"]})

    for what, path in pages.items():
        sides = {"95 % hidden": partial(hidden, path), "nothing hidden": partial(load.wrk, path, 1)}
        report.compare(
            f"A page of 50, {what}", "/s", sides, [("95 % hidden", "nothing hidden")], p99=lambda: load.p99
        )


def purge(stage: Stage, load: Load, report: Report) -> None:
    """Removing what is hidden while nobody asks for anything, against one DELETE of as many rows; and readers during another purge, against
    readers alone."""
    size = 1_000 if report.smoke else 1_000_000 if report.full else 100_000
    person = Administrator(stage)
    path = f"/api/v1/element/{identifier(0, stage.size // 40)}/"
    alone: list[float] = []
    crowded: list[float] = []
    deleted: list[float] = []
    idle: list[float] = []
    disturbed: list[float] = []
    for _ in range(report.rounds):
        job = taken_back(person, size)
        time.sleep(1.5)  # until nobody counts as being there
        bring_forward(stage, job)
        while running(stage, job):
            time.sleep(0.2)
        alone.append(purged(stage, job, size))
        job = taken_back(person, size)
        load.wrk(path, 2)
        idle.append(load.p99)
        bring_forward(stage, job)
        latencies = []
        while running(stage, job):
            load.wrk(path, 2)
            latencies.append(load.p99)
        # The last of them was partly alone, and a purge that ended before the first look disturbed nobody.
        disturbed.append(statistics.median(latencies[:-1] or latencies or idle[-1:]))
        crowded.append(purged(stage, job, size))
        if int(stage.sql("SELECT count(*) FROM transcription t JOIN source s ON s.id = t.source_id WHERE s.purged IS NOT NULL")):
            raise SystemExit("A purge has left something behind")
        _, source = make(stage, size)
        begun = time.monotonic()
        stage.sql(
            f"DELETE FROM transcription WHERE tenant_id = '{stage.tenant}' AND corpus_id = '{CORPUS}' AND source_id = {source}"
        )
        deleted.append(size / (time.monotonic() - begun))
        stage.sql(f"DELETE FROM result_count WHERE source_id = {source}")
    report.row(f"Purge of {size:,}", "rows/s", ("purge", alone), ("one DELETE", deleted))
    report.row(f"Purge of {size:,}, with readers", "rows/s", ("purge", crowded), ("one DELETE", deleted))
    report.row("RetrieveElement meanwhile, p99", "ms", ("during the purge", disturbed), ("idle", idle))


def taken_back(person: Administrator, size: int) -> str:
    """A run of so many results that has been deleted: the job that will purge it."""
    run, _ = make(person.stage, size)
    return person.ask("DELETE", f"{RESULTS}?worker_run_id={run}")["job"]


def bring_forward(stage: Stage, job: str) -> None:
    """As `palimpsest admin purge-now` does."""
    stage.sql(f"UPDATE deletion SET undo_until = now() WHERE job_id = '{job}'; UPDATE job SET run_at = now() WHERE id = '{job}'")


def running(stage: Stage, job: str) -> bool:
    """Asked of the database: over HTTP it would be a reader."""
    return stage.sql(f"SELECT state FROM job WHERE id = '{job}'") != "done"


def purged(stage: Stage, job: str, size: int) -> float:
    return size / float(stage.sql(f"SELECT extract(epoch FROM finished - started) FROM job WHERE id = '{job}'"))


def make(stage: Stage, size: int) -> tuple[str, str]:
    """A run with so many results: its id, and that of its source."""
    number = next(NUMBERS)
    settings = [f"--set=run={number}", f"--set=size={size}", f"--set=elements={stage.size}"]
    return identifier(8, number), stage.sql(HERE / "made.sql", *settings)
