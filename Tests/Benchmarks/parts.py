"""What is measured. Each part makes its sides and checks that they do the same; the report lets them take turns."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from deletion import crowd, deletion, purge
from load import Load
from report import Report
from stage import ADMINISTRATOR, HERE, Server, Stage, identifier, make_workplace

CORPUS = identifier(3, 1)
BULK = "/api/v1/transcription/bulk/"
NEXT = "/api/v1/process/start-activity/"


def requests(stage: Stage) -> dict[str, str]:
    run, page = identifier(8, 1), identifier(0, stage.size // 40)
    return {
        "ListElements of a run, 50 of them": f"/api/v1/corpus/{CORPUS}/elements/?worker_run={run}&page_size=50",
        "RetrieveElement": f"/api/v1/element/{page}/",
    }


def at_once(report: Report) -> list[int]:
    return [8] if report.smoke else [1, 8]


def client(stage: Stage, load: Load, report: Report) -> None:
    """The database client alone: the same statement, prepared, as the owner of the tables."""
    page = (
        "SELECT id, name, type_number, source_id, polygon, confidence, created FROM element "
        f"WHERE tenant_id = '{stage.tenant}' AND corpus_id = '{CORPUS}' ORDER BY id LIMIT 50"
    )
    for what, statement in {"SELECT 1": "SELECT 1", "50 rows": page}.items():
        script = load.script(statement + ";\n")
        for number in at_once(report):
            peers = {
                f"pgbench -j {j}": partial(load.pgbench, script, number, j, role="owner") for j in {1, min(2, number)}
            }
            own = {
                "pool": partial(load.pool, statement, number),
                "pool, tasks on its loop": partial(load.pool, statement, number, "--on-loop"),
            }
            pairs = [(side, peer) for peer in peers for side in own]
            report.compare(f"{what}, {number} at once", "/s", peers | own, pairs)


def http(stage: Stage, load: Load, report: Report) -> None:
    """Requests, against the statements that they consist of."""
    for what, path in requests(stage).items():
        answer, segment = stage.recorded(path)
        told = [answer["results"], [{"count": answer["count"]}]] if "results" in answer else [[answer]]
        expect_same(what, told, stage.rows(segment))
        script = load.script(segment.script)
        for number in at_once(report):
            peers = {
                f"pgbench -j {j}": partial(load.pgbench, script, number, j, segment.variables, timed=True)
                for j in {1, min(2, number)}
            }
            sides = peers | {"HTTP": partial(load.wrk, path, number)}
            pairs = [("HTTP", peer) for peer in peers]
            report.compare(f"{what}, {number} at once", "/s", sides, pairs, p99=lambda: load.p99)


def pages(stage: Stage, load: Load, report: Report) -> None:
    """The browser's page with a hundred elements that a run made, against the call that lists them. The page also asks for other things."""
    session, run = stage.session(), identifier(8, 1)
    page = f"/projects/{CORPUS}?worker_run={run}"
    call = f"/api/v1/corpus/{CORPUS}/elements/?worker_run={run}&page_size=100&with_has_children=true"
    listed = [element["id"] for element in stage.request(call)["results"]]
    shown = re.findall(r'class="card" href="/elements/([^"]+)"', stage.page(page, session))
    expect_same("The page", listed, shown)
    # Unoptimized, eight pages at once would still be made while the other side is measured.
    for number in [1] if report.smoke else at_once(report):
        sides = {
            "page": partial(load.wrk, page, number, session=session),
            "ListElements": partial(load.wrk, call, number, session=session),
        }
        report.compare(
            f"The browser's page, {len(listed)} elements, {number} at once", "/s", sides, [("page", "ListElements")], p99=lambda: load.p99
        )


def policies(stage: Stage, load: Load, report: Report) -> None:
    """The policies that hide what was deleted, against a copy of the database without them, and against none at all."""
    stage.copy("bare", HERE / "unpolice.sql")
    stage.copy("hidden", HERE / "hide.sql")
    held = {"nothing hidden": ("app", "palimpsest"), "five lineages hidden": ("app", "hidden")}
    floors = {"not_hidden dropped": ("app", "bare"), "superuser": ("owner", "palimpsest")}
    places = held | floors
    for what, path in requests(stage).items():
        _, segment = stage.recorded(path)
        expect_same(what, *(stage.rows(segment, *place) for place in places.values()))
        script = load.script(segment.script)
        sides = {side: partial(load.pgbench, script, 2, 1, segment.variables, *place) for side, place in places.items()}
        pairs = [(side, floor) for floor in floors for side in held]
        report.compare(f"{what}, 2 at once", "/s", sides, pairs)


def bulk(stage: Stage, load: Load, report: Report) -> None:
    """One worker that publishes many transcriptions at a time; its SQL without HTTP; the bare insert."""
    for items in [100] if report.smoke else [50, 1_000, 5_000]:
        bulk_of(items, stage, load, report)


def bulk_of(items: int, stage: Stage, load: Load, report: Report) -> None:
    body = stage.workplace / "body.json"
    body.write_bytes(transcriptions(stage, items))
    _, segment = stage.recorded(BULK, body.read_bytes())
    given = json.loads(body.read_bytes())["transcriptions"]
    arrays = {
        "elements": [item["element_id"] for item in given],
        "texts": [json.dumps(item["text"]) for item in given],
        "confidences": [str(item["confidence"]) for item in given],
    }
    bare = [f"--define={name}={{{','.join(values)}}}" for name, values in arrays.items()]
    bare.append(f"--define=tenant={stage.tenant}")
    publish = {
        "HTTP": partial(load.wrk, BULK, 1, body),
        "its SQL": partial(load.pgbench, load.script(segment.script), 1, 1, segment.variables),
        "bare INSERT": partial(load.pgbench, HERE / "bare_insert.sql", 1, 1, bare, "owner"),
    }
    for side, measure in publish.items():
        before = transcribed(stage)
        measure()
        more = transcribed(stage) - before
        expect_same(f"{side}: rows each time", more > 0 and more % items, 0)
    sides = {side: lambda measure=measure: measure() * items for side, measure in publish.items()}
    pairs = [("HTTP", "its SQL"), ("its SQL", "bare INSERT"), ("HTTP", "bare INSERT")]
    report.compare(f"CreateTranscriptions of {items:,}", "rows/s", sides, pairs)


def transcriptions(stage: Stage, items: int) -> bytes:
    """A body for run 5, over elements that the runs 1 to 4 made, some of them twice if need be."""
    first = stage.size // 20 + 1
    numbers = [first + number % (stage.size - first) for number in range(items)]
    content = [{"element_id": identifier(0, n), "text": f"Item, the said {n}", "confidence": 0.9} for n in numbers]
    body = {"worker_run_id": identifier(8, 5), "transcriptions": content}
    return json.dumps(body, separators=(",", ":")).encode()


def transcribed(stage: Stage) -> int:
    return int(stage.sql("SELECT count(*) FROM transcription"))


def queue(stage: Stage, load: Load, report: Report) -> None:
    """Thirty-two workers that take elements from one task's queue; the SQL of that without HTTP; the bare claim of a row."""
    run = identifier(8, 5)
    refill(stage, run)
    nothing = stage.workplace / "nothing"
    nothing.write_bytes(b"")
    _, segment = stage.recorded(NEXT, b"")
    bare = [f"--define=tenant={stage.tenant}", f"--define=run={run}"]
    number = 8 if report.smoke else 32
    take = {
        "HTTP": partial(load.wrk, NEXT, number, nothing),
        "its SQL": partial(load.pgbench, load.script(segment.script), number, 2, segment.variables),
        "bare claim": partial(load.pgbench, HERE / "bare_claim.sql", number, 2, bare, "owner"),
    }

    def measured(side: str) -> float:
        refill(stage, run)
        rate = take[side]()
        # Each answer was another element: as many were taken as answers were given.
        started = int(stage.sql("SELECT count(*) FROM worker_activity WHERE state = 'started'"))
        if not load.answers <= started <= load.answers + number:
            raise SystemExit(f"{side}: {started} elements were taken, and {load.answers} handed out")
        return rate

    sides = {side: partial(measured, side) for side in take}
    pairs = [("HTTP", "its SQL"), ("its SQL", "bare claim"), ("HTTP", "bare claim")]
    report.compare(f"StartWorkerActivity, {number} at once", "/s", sides, pairs)
    stage.sql("TRUNCATE worker_activity")


def refill(stage: Stage, run: str) -> None:
    """Every element is queued for the run, as after a start."""
    stage.sql(
        "TRUNCATE worker_activity; "
        "INSERT INTO worker_activity (tenant_id, worker_run_id, element_id, process_id, corpus_id) "
        f"SELECT e.tenant_id, '{run}', e.id, '{identifier(7, 5)}', e.corpus_id FROM element e ORDER BY e.id"
    )
    stage.sql("VACUUM (ANALYZE) worker_activity")


def memory(stage: Stage, load: Load, report: Report) -> None:
    """The server's own process, without PostgreSQL's; what it shares with others counts in part (PSS)."""
    stage.server.stop()
    stage.start()
    process = Path(f"/proc/{stage.server.pid}")
    first = megabytes(process / "smaps_rollup", "Pss")
    time.sleep(1 if report.smoke else 60)
    idle, resident = megabytes(process / "smaps_rollup", "Pss"), megabytes(process / "status", "VmRSS")
    report.row("Idle, PSS", "MB", ("60 s later", [idle]), ("after the start", [first]))
    items = 5_000 if report.smoke else 50_000
    body = transcriptions(stage, items)
    (process / "clear_refs").write_text("5")  # forgets the peak
    expect_same("the large body", len(stage.request(BULK, body)["transcriptions"]), items)
    peak = megabytes(process / "status", "VmHWM") - resident
    report.row(f"A body of {items:,}, RSS", "MB", ("peak above idle", [peak]), ("size of the body", [len(body) / 1e6]))


def megabytes(path: Path, name: str) -> float:
    return int(re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)[1]) * 1024 / 1e6


def start(stage: Stage, load: Load, report: Report) -> None:
    """From `serve` to the first answer, against PostgreSQL alone, made and started with the same options."""
    own: list[tuple[float, float]] = []
    alone: list[tuple[float, float]] = []
    for _ in range(report.rounds):
        workplace = make_workplace()
        own.append((served(stage.binary, workplace), served(stage.binary, workplace)))
        shutil.rmtree(workplace)
        alone.append(started(stage.programs))
    for index, (what, peer) in enumerate(
        {"First start": "initdb, pg_ctl start", "Second start": "pg_ctl start"}.items()
    ):
        ours, theirs = ([times[index] for times in side] for side in (own, alone))
        report.row(what, "s", ("to the first answer", ours), (peer, theirs))


def served(binary: Path, workplace: Path) -> float:
    begun = time.monotonic()
    server = Server(workplace / "data", binary=binary, **ADMINISTRATOR)
    try:
        urlopen(f"{server.url}/api/v1/corpus/").close()
        return time.monotonic() - begun
    finally:
        server.stop()


def started(programs: Path) -> tuple[float, float]:
    """Run by root, PostgreSQL belongs to the account that the server would lend it to."""
    account = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pal-", dir="/tmp") as workplace:
        if account:
            shutil.chown(workplace, account)

        def run(program: str, *options: str) -> float:
            begun = time.monotonic()
            command = [programs / program, "-D", "data", *options]
            subprocess.run(command, user=account, cwd=workplace, check=True, stdout=subprocess.DEVNULL)
            return time.monotonic() - begun

        made = run("initdb", "-A", "reject", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions")
        settings = f"-c listen_addresses= -c unix_socket_directories={workplace} -c shared_buffers=64MB"
        times = []
        for _ in range(2):
            times.append(run("pg_ctl", "start", "-s", "-w", "-l", "log", "-o", settings))
            run("pg_ctl", "stop", "-s", "-w", "-m", "fast")
        return made + times[0], times[1]


def build(root: Path) -> None:
    """Clean builds; the dependencies are fetched before."""
    for configuration in ("debug", "release"):
        with tempfile.TemporaryDirectory(prefix="pal-") as scratch:
            places = ["--package-path", root, "--scratch-path", scratch]
            subprocess.run(["swift", "package", *places, "resolve"], check=True, stdout=subprocess.DEVNULL)
            begun = time.monotonic()
            command = ["swift", "build", *places, "--product", "palimpsest", "--configuration", configuration]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            print(f"{configuration}: {time.monotonic() - begun:.0f} s", flush=True)


def expect_same(what: str, *results: object) -> None:
    texts = sorted({normal(result) for result in results})
    if len(texts) > 1:
        place = max(0, len(os.path.commonprefix(texts)) - 40)
        raise SystemExit(
            f"{what}: the sides do not do the same:\n" + "\n".join(text[place : place + 400] for text in texts)
        )


def normal(result: object) -> str:
    """PostgreSQL's JSON and ours write times of UTC in two ways, both right."""
    text = json.dumps(result, sort_keys=True)
    return re.sub(r'(T\d\d:\d\d:\d\d)\.?(\d*?)0*(Z|\+00:00)"', r'\1.\2"', text)


PARTS = {
    "client": client,
    "requests": http,
    "pages": pages,
    "policies": policies,
    "bulk": bulk,
    "deletion": deletion,
    "crowd": crowd,
    "purge": purge,
    "queue": queue,
    "memory": memory,
    "start": start,
}
