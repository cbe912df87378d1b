"""What it takes to take results back: until nobody sees them, to bring them back, and to remove them for good."""

import json
import threading
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
    page(person, stage, load, report)
    purge(person, stage, load, report, sizes[1])


def page(person: Administrator, stage: Stage, load: Load, report: Report) -> None:
    """A page of 50 of the corpus, before and right after most of it was hidden: what the runs 1 to 4 made, 19 elements of 20."""
    stage.sql("UPDATE task SET state = 'completed', lease_until = NULL, token_digest = NULL WHERE worker_run_id <> '%s'" % identifier(8, 5))
    path = f"/api/v1/corpus/{CORPUS}/elements/?page_size=50&page="
    first = [load.wrk(path + "1", 1) for _ in range(report.rounds)]
    deletions = [person.ask("DELETE", f"{RESULTS}?worker_run_id={identifier(8, run)}")["deletion"] for run in range(1, 5)]
    count = person.ask("GET", path + "1")["count"]
    last = count // 50
    after = [load.wrk(path + f"{last}", 1) for _ in range(report.rounds)]
    for made in reversed(deletions):
        person.ask("POST", f"{RESULTS}restore/", {"deletion": made})
    report.row("A page of 50 of the corpus", "/s", ("most of it hidden, the last page", after), ("nothing hidden, the first", first))


def purge(person: Administrator, stage: Stage, load: Load, report: Report, size: int) -> None:
    """The purge, against one DELETE of as many rows; and what readers notice of it."""
    path = f"/api/v1/corpus/{CORPUS}/elements/?worker_run={identifier(8, 1)}&page_size=50"
    rates, peers, idle, busy = [], [], [], []
    for number in range(report.rounds):
        run, _ = make(stage, 40 + 2 * number, size)
        _, source = make(stage, 41 + 2 * number, size)
        load.wrk(path, 2)
        idle.append(load.p99)
        made = person.ask("DELETE", f"{RESULTS}?worker_run_id={run}")
        stage.sql(f"UPDATE deletion SET undo_until = now() WHERE id = '{made['deletion']}'")
        stage.sql(f"UPDATE job SET run_at = now() WHERE id = '{made['job']}'; NOTIFY jobs")
        reader = threading.Thread(target=load.wrk, args=(path, 2))
        reader.start()
        while (job := person.ask("GET", f"/api/v1/jobs/{made['job']}/"))["state"] != "done":
            if job["state"] == "failed":
                raise SystemExit(job["error"])
            time.sleep(0.05)
        reader.join()
        busy.append(load.p99)
        seconds = float(stage.sql(f"SELECT extract(epoch FROM finished - started) FROM job WHERE id = '{made['job']}'"))
        rates.append(size / seconds)
        begun = time.monotonic()
        stage.sql(f"DELETE FROM transcription WHERE source_id = {source}")
        peers.append(size / (time.monotonic() - begun))
    report.row(f"Purge of {size:,}", "rows/s", ("the job, with its pauses", rates), ("one DELETE by psql", peers))
    report.row("Readers' p99", "ms", ("during a purge", busy), ("idle", idle))


def make(stage: Stage, number: int, size: int) -> tuple[str, str]:
    """A run with so many results: its id, and that of its source."""
    settings = [f"--set=run={number}", f"--set=size={size}", f"--set=elements={stage.size}"]
    return identifier(8, number), stage.sql(HERE / "made.sql", *settings)
