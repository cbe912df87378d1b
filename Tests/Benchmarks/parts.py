"""What is measured. Each part makes its sides, checks that they do the same, and leaves the taking of turns to the report."""

import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from load import Load
from report import Report
from stage import HERE, Server, Stage, Statement, identifier, make_workplace

CORPUS = identifier(3, 1)


def requests(stage: Stage) -> dict[str, str]:
    page = identifier(0, stage.size // 40)
    return {
        "ListElements of a run, 50 of them": f"/api/v1/corpus/{CORPUS}/elements/?worker_run={identifier(8, 1)}&page_size=50",
        "RetrieveElement": f"/api/v1/element/{page}/",
    }


def segment_script(segment: list[Statement]) -> str:
    """One pipeline, which is one transaction, as the server sends it."""
    statements = "".join(statement.script(f"p{number}") for number, statement in enumerate(segment))
    return f"\\startpipeline\n{statements}\\endpipeline\n"


def variables(segment: list[Statement]) -> list[str]:
    return [given for number, statement in enumerate(segment) for given in statement.variables(f"p{number}")]


def client(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """The database client alone: the same statement, prepared, as the owner of the tables."""
    page = (
        "SELECT id, name, type_number, source_id, polygon, confidence, created FROM element "
        f"WHERE tenant_id = '{stage.tenant}' AND corpus_id = '{CORPUS}' ORDER BY id LIMIT 50"
    )
    for what, statement in {"SELECT 1": "SELECT 1", "50 rows": page}.items():
        script = load.script(statement + ";\n")
        for number in clients:
            peers = {f"pgbench -j {threads}": partial(load.pgbench, script, number, threads, role="owner") for threads in {1, min(2, number)}}
            own = {"pool": partial(load.ours, statement, number), "pool, tasks on its loop": partial(load.ours, statement, number, "--on-loop")}
            pairs = [(side, peer) for peer in peers for side in own]
            report.compare(f"{what}, {number} at once", "/s", peers | own, pairs, lambda: 0)


def http(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """Requests, against the statements that they consist of."""
    for what, path in requests(stage).items():
        answer, segment = stage.recorded(path)
        rows = stage.rows(segment)
        expect_same(what, *(([answer["results"], [{"count": answer["count"]}]], rows) if "results" in answer else ([[answer]], rows)))
        script = load.script(segment_script(segment))
        for number in clients:
            peers = {
                f"pgbench -j {threads}": partial(load.pgbench, script, number, threads, variables(segment))
                for threads in {1, min(2, number)}
            }
            sides = peers | {"HTTP": partial(load.wrk, path, number)}
            report.compare(f"{what}, {number} at once", "/s", sides, [("HTTP", peer) for peer in peers], lambda: load.p99)


def policies(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """The policies that hide what was deleted, against a copy of the database without them, and against no row-level security."""
    stage.copy("bare", HERE / "unpolice.sql")
    stage.copy("hidden", HERE / "hide.sql")
    places = {
        "policies, nothing hidden": ("app", "palimpsest"),
        "policies, five lineages hidden": ("app", "hidden"),
        "not_hidden dropped": ("app", "bare"),
        "superuser": ("owner", "palimpsest"),
    }
    for what, path in requests(stage).items():
        _, segment = stage.recorded(path)
        expect_same(what, *(stage.rows(segment, *place) for place in places.values()))
        script = load.script(segment_script(segment))
        sides = {
            side: partial(load.pgbench, script, min(2, max(clients)), 1, variables(segment), role, database)
            for side, (role, database) in places.items()
        }
        first, second, *floors = sides
        report.compare(f"{what}, 2 at once", "/s", sides, [(side, floor) for floor in floors for side in (first, second)], lambda: 0)


def bulk(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """One worker that publishes a thousand transcriptions at a time; against its SQL without HTTP, and against the bare insert."""
    items = 1000 if stage.size > 10_000 else 100
    body = stage.workplace / "body.json"
    body.write_bytes(transcriptions(stage, items))
    path = "/api/v1/transcription/bulk/"
    answer, segment = stage.recorded(path, body.read_bytes())
    expect_same("CreateTranscriptions", len(answer["transcriptions"]), items)
    given = json.loads(body.read_bytes())["transcriptions"]
    arrays = {
        "elements": [item["element_id"] for item in given],
        "texts": [json.dumps(item["text"]) for item in given],
        "confidences": [str(item["confidence"]) for item in given],
    }
    bare = [f"--define=tenant={stage.tenant}"] + [f"--define={name}={{{','.join(values)}}}" for name, values in arrays.items()]
    scripts = load.script(segment_script(segment)), HERE / "bare_insert.sql"
    sides = {
        "HTTP": partial(load.wrk, path, 1, body),
        "its SQL through pgbench": partial(load.pgbench, scripts[0], 1, 1, variables(segment)),
        "bare INSERT": partial(load.pgbench, scripts[1], 1, 1, bare, "owner"),
    }
    for side, measure in sides.items():
        before, done = transcribed(stage), measure()
        expect_same(f"{side} inserts {items} rows each time", (transcribed(stage) - before) % items, 0)
        assert transcribed(stage) - before >= items and done > 0, side
    rows = {side: lambda measure=measure: measure() * items for side, measure in sides.items()}
    http_side, function, floor = sides
    pairs = [(http_side, function), (function, floor), (http_side, floor)]
    report.compare(f"CreateTranscriptions of {items:,}", "rows/s", rows, pairs, lambda: load.p99)


def transcriptions(stage: Stage, items: int) -> bytes:
    """A body for run 5, over elements that runs 1 to 4 made, as often as it takes."""
    first, last = stage.size // 20 + 1, stage.size
    numbers = [first + number % (last - first) for number in range(items)]
    content = [{"element_id": identifier(0, n), "text": f"Item, the said {n}", "confidence": 0.9} for n in numbers]
    return json.dumps({"worker_run_id": identifier(8, 5), "transcriptions": content}, separators=(",", ":")).encode()


def transcribed(stage: Stage) -> int:
    return int(stage.sql("SELECT count(*) FROM transcription"))


def memory(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """The server's own process, without PostgreSQL's: what it shares with others counts in part (PSS)."""
    stage.server.stop()
    stage.start()
    process = Path(f"/proc/{stage.server.pid}")
    first = kilobytes(process / "smaps_rollup", "Pss")
    time.sleep(60 if report.warm else 1)
    idle, resident = kilobytes(process / "smaps_rollup", "Pss"), kilobytes(process / "status", "VmRSS")
    report.row("Idle, PSS", "MB", "60 s later", "after the start", [idle / 1000], [first / 1000])
    items = 50_000 if report.warm else 5_000
    body = transcriptions(stage, items)
    (process / "clear_refs").write_text("5")  # forgets the peak
    expect_same("the large body", len(stage.request("/api/v1/transcription/bulk/", body)["transcriptions"]), items)
    peak = kilobytes(process / "status", "VmHWM") - resident
    report.row(f"One body of {items:,} items, RSS", "MB", "peak above idle", "size of the body", [peak / 1000], [len(body) / 1e6])


def kilobytes(path: Path, name: str) -> int:
    return int(re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)[1])


def start(stage: Stage, load: Load, report: Report, clients: list[int]) -> None:
    """From `serve` to the first answer, against PostgreSQL alone, made and started with the same options."""
    own: list[tuple[float, float]] = []
    alone: list[tuple[float, float]] = []
    for _ in range(report.rounds):
        workplace = make_workplace()
        own.append((served(stage.binary, workplace), served(stage.binary, workplace)))
        shutil.rmtree(workplace)
        alone.append(postgres_alone(stage.programs))
    for index, what in enumerate(["First start", "Second start"]):
        times = [[both[index] for both in side] for side in (own, alone)]
        report.row(what, "s", "to the first answer", "pg_ctl start" if index else "initdb and pg_ctl start", *times)


def served(binary: Path, workplace: Path) -> float:
    begun = time.monotonic()
    server = Server(workplace / "data", binary=binary, email="admin@example.org", password="a long password")
    try:
        subprocess.run(["curl", "--silent", "--fail", "--output", os.devnull, f"{server.url}/api/v1/corpus/"], check=True)
        return time.monotonic() - begun
    finally:
        server.stop()


def postgres_alone(programs: Path) -> tuple[float, float]:
    """Root lends it to the account that the server would."""
    account = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pal-", dir="/tmp") as workplace:
        if account:
            shutil.chown(workplace, account)

        def run(program: str, *options: str) -> float:
            begun = time.monotonic()
            command = [programs / program, "-D", "data", *options]
            subprocess.run(command, user=account, cwd=workplace, check=True, stdout=subprocess.DEVNULL)
            return time.monotonic() - begun

        started = ["start", "-s", "-w", "-l", "log", "-o", f"-c listen_addresses= -c unix_socket_directories={workplace} -c shared_buffers=64MB"]
        made = run("initdb", "-A", "reject", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions")
        times = []
        for _ in range(2):
            times.append(run("pg_ctl", *started))
            run("pg_ctl", "stop", "-s", "-w", "-m", "fast")
        return made + times[0], times[1]


def build(root: Path) -> None:
    """Clean builds, with the dependencies fetched before."""
    for configuration in ("debug", "release"):
        with tempfile.TemporaryDirectory(prefix="pal-") as scratch:
            swift = ["swift", "build", "--package-path", root, "--scratch-path", scratch, "--product", "palimpsest", "-c", configuration]
            subprocess.run(["swift", "package", "--package-path", root, "--scratch-path", scratch, "resolve"], check=True)
            begun = time.monotonic()
            subprocess.run(swift, check=True, stdout=subprocess.DEVNULL)
            print(f"{configuration}: {time.monotonic() - begun:.0f} s", flush=True)


def expect_same(what: str, *results: object) -> None:
    texts = {normal(result) for result in results}
    if len(texts) != 1:
        raise SystemExit(f"{what}: the sides do not do the same:\n" + "\n".join(text[:2000] for text in texts))


def normal(result: object) -> str:
    """PostgreSQL's JSON and ours write UTC in two ways, both right."""
    text = json.dumps(result, sort_keys=True)
    return re.sub(r'(\d\dT\d\d:\d\d:\d\d)\.?(\d*?)0*(Z|\+00:00)"', r'\1.\2"', text)


PARTS = {"client": client, "requests": http, "policies": policies, "bulk": bulk, "memory": memory, "start": start}
