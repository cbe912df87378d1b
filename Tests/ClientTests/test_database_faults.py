"""The database is stopped and started, and its backends are terminated, under bulk publishing, deletion, undo and purge.

Nothing that was acknowledged is lost, nothing is there twice, and whoever reads meanwhile sees all of something or nothing of it.
"""

import contextlib
import itertools
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse

from conftest import log_in, serve
from scenario import Scenario, end_task, eventually
from serving import Server

BATCH = 500
BATCHES = 24


class Database:
    """The PostgreSQL of a server, in the hands of somebody who means it no good."""

    def __init__(self, server: Server) -> None:
        self.data = server.data

    def ask(self, question: str) -> str:
        password = (self.data / "secrets/owner.password").read_text().strip()
        url = f"host={self.data / 'run'} user=palimpsest_owner dbname=palimpsest password={password}"
        answer = subprocess.run(["psql", "-qXAt", url, "-c", question], check=True, capture_output=True, text=True)
        return answer.stdout.strip()

    def terminate(self) -> int:
        """Every connection of the server, in the midst of whatever it does."""
        return int(
            self.ask(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'palimpsest_app'"
            )
        )

    def restart(self, how: signal.Signals) -> None:
        """SIGINT ends every connection; SIGQUIT ends PostgreSQL as a crash would, and it recovers from its log."""
        cluster = self.data / "postgres"
        postmaster = int((cluster / "postmaster.pid").read_text().split()[0])
        command = shlex.split((cluster / "postmaster.opts").read_text())
        account = cluster.stat()
        os.kill(postmaster, how)
        eventually(lambda: has_ended(postmaster))
        subprocess.Popen(
            command,
            user=account.st_uid if os.geteuid() == 0 else None,
            group=account.st_gid if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            cwd=self.data,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def faults(self) -> Iterator[None]:
        """One fault after the other."""
        for strike in itertools.cycle([self.terminate, lambda: self.restart(signal.SIGINT), lambda: self.restart(signal.SIGQUIT)]):
            strike()
            eventually(self.is_up)
            yield

    def is_up(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.ask("SELECT true") == "t"
        return False


@pytest.fixture
def faulty(workplace: Path) -> Iterator[Server]:
    yield from serve(workplace, "faulty")


def has_ended(process: int) -> bool:
    """Whoever started it may not have looked yet."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


class Reader:
    """Looks again and again at how much there is, and keeps what it saw."""

    def __init__(self, server: Server, page: str) -> None:
        self.api = log_in(server)
        self.page = page
        self.seen: list[int] = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self) -> None:
        while not self.ended.is_set():
            with contextlib.suppress(ErrorResponse, OSError):
                self.seen.append(texts(self.api, self.page))

    def __enter__(self) -> "Reader":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def sees_more(self, than: int) -> bool:
        return len(self.seen) > than


def texts(api: ArkindexClient, page: str) -> int:
    return api.request("ListTranscriptions", id=page, page_size=1)["count"]


def publish(client: ArkindexClient, task: dict, page: str, number: int) -> bool:
    """One batch. Whether it was acknowledged; if not, nobody knows what became of it."""
    items = [{"element_id": page, "text": f"{number}", "confidence": 1}] * BATCH
    try:
        client.request("CreateTranscriptions", body={"worker_run_id": task["worker_run_id"], "transcriptions": items})
    except (ErrorResponse, OSError):
        return False
    return True


def insist(ask: Callable[[], dict | None]) -> dict | None:
    """As a client does that gets no answer: the same again. What was answered counts, even if there is nothing in it."""

    def attempt() -> list[dict | None] | None:
        try:
            return [ask()]
        except ErrorResponse as refusal:
            assert refusal.status_code >= 500, refusal.content
        except OSError:
            pass
        return None

    return eventually(attempt, patience=60)[0]


def test_the_database_may_fail_at_any_time(faulty: Server) -> None:
    api, database = log_in(faulty), Database(faulty)
    scenario = Scenario.of_pages(api, "1r")
    page, corpus = scenario.pages[0]["id"], scenario.corpus["id"]
    process = scenario.start(scenario.make_worker())
    task = process.claim()
    faults = database.faults()
    worker = ArkindexClient(base_url=faulty.url, token=task["token"], auth_scheme="Ponos")

    # Publishing: several at once, three faults among them.
    acknowledged: set[int] = set()
    numbers = iter(range(BATCHES))
    turn = threading.Lock()

    def keep_publishing() -> None:
        while True:
            with turn:
                number = next(numbers, None)
            if number is None:
                return
            if publish(worker, task, page, number):
                acknowledged.add(number)

    publishers = [threading.Thread(target=keep_publishing) for _ in range(3)]
    with Reader(faulty, page) as reader:
        for publisher in publishers:
            publisher.start()
        for strike in range(3):
            eventually(lambda strike=strike: len(acknowledged) > strike * 4 or not any(p.is_alive() for p in publishers))
            next(faults)
        for publisher in publishers:
            publisher.join()
    assert len(acknowledged) > BATCHES / 2
    assert {seen % BATCH for seen in reader.seen} == {0}
    found = dict(
        line.split("|")
        for line in database.ask("SELECT text, count(*) FROM transcription GROUP BY 1").splitlines()
    )
    assert set(found.values()) == {str(BATCH)}
    assert acknowledged <= {int(number) for number in found}
    published = BATCH * len(found)
    insist(lambda: end_task(faulty.url, task, "completed"))

    # Deleting and bringing back, with a fault in each: all of it is seen, or nothing.
    deletions = []
    with Reader(faulty, page) as reader:
        for _ in range(4):
            striker = threading.Thread(target=database.terminate)
            striker.start()
            made = insist(lambda: api.request("DestroyWorkerResults", id=corpus, worker_run_id=process.runs[0]))
            striker.join()
            deletions.append(made["deletion"])
            striker = threading.Thread(target=database.terminate)
            striker.start()
            insist(
                lambda made=made: api.request("RestoreWorkerResults", id=corpus, body={"deletion": made["deletion"]})
            )
            striker.join()
        eventually(lambda: reader.sees_more(10))
    assert set(reader.seen) <= {0, published}
    # Asked for again after an answer was lost, it was the same deletion.
    assert len(set(deletions)) == api.request("ListDeletions", id=corpus)["count"] == 4

    # Purging.
    insist(lambda: api.request("PartialUpdateSettings", body={"purge_horizon": 0}))
    made = insist(lambda: api.request("DestroyWorkerResults", id=corpus, worker_run_id=process.runs[0]))
    with Reader(faulty, page) as reader:
        seen = 0
        for _ in range(2):
            job = eventually(lambda seen=seen: moved(api, made["job"], seen), patience=60)
            seen = job["done"]
            next(faults)
        job = eventually(lambda: moved(api, made["job"], published), patience=120)
    assert set(reader.seen) == {0}
    assert job["done"] == job["total"] == published
    assert database.ask("SELECT count(*) FROM transcription") == "0"
    assert database.ask("SELECT count(*) FROM hidden_source") == "0"
    assert database.ask("SELECT count(*) FROM result_count WHERE kind = 'transcription' AND n <> 0") == "0"


def moved(api: ArkindexClient, job: str, seen: int) -> dict | None:
    """The job, once it has done more than that, or all."""
    with contextlib.suppress(ErrorResponse, OSError):
        found = api.request("RetrieveJob", id=job)
        if found["done"] > seen or found["state"] == "done":
            return found
    return None
