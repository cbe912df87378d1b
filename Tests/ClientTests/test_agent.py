"""`palimpsest agent`: the programs of a server's tasks on another machine, which here is another process of this one."""

import os
import queue
import signal
import ssl
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from arkindex import ArkindexClient
from conftest import EMAIL, PASSWORD, log_in
from scenario import Process, Scenario, Workshop, eventually
from serving import Server
from test_command_line import BINARY, FAILED, USAGE, palimpsest
from test_executor import running

# As short as it may be, so that a task comes back soon.
SHORT = "5"


class Agent:
    """`palimpsest agent`, with what it has printed."""

    def __init__(self, *options: str | Path, **variables: str) -> None:
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [BINARY, "agent", *options],
            env={"PATH": os.environ["PATH"], **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        self.reader.join(60)
        return status


@dataclass
class Site:
    """A server of a test's own, since an agent takes the tasks of all processes, and the token for its agents."""

    server: Server
    place: Path
    token: Path

    @property
    def api(self) -> ArkindexClient:
        return log_in(self.server)

    @contextmanager
    def agent(self, *options: str) -> Iterator[Agent]:
        """An agent with one place for a program; it must end well when it is asked to."""
        agent = Agent(
            *("--url", self.server.url, "--token-file", self.token, "--slots", "1"),
            *("--data-dir", self.place / uuid.uuid4().hex[:8], *options),
        )
        try:
            yield agent
        finally:
            status = agent.end()
        assert status in (0, -signal.SIGKILL), "".join(agent.log)

    def restart(self) -> None:
        port = int(self.server.url.rpartition(":")[2])
        assert self.server.stop() == 0, self.server.log[-20:]
        self.server = serve(self.server.data, port)


def serve(data: Path, port: int = 0) -> Server:
    return Server(data, binary=BINARY, email=EMAIL, password=PASSWORD, port=port)


@pytest.fixture(scope="module")
def site(workplace: Path) -> Iterator[Site]:
    place = workplace / "agents"
    place.mkdir()
    place.chmod(0o711)
    server = serve(place / "data")
    made = palimpsest(
        *("user", "token", "--email", EMAIL, "--scope", "agent"),
        *("--data-dir", str(server.data)),
    )
    assert made.returncode == 0, made.stderr
    token = place / "token"
    token.write_text(made.stdout)
    site = Site(server, place, token)
    yield site
    assert site.server.stop() == 0, "\n".join(site.server.log[-40:])


class Gate:
    """Holds programs up until it is opened. They bear a mark, by which to find them on this machine."""

    def __init__(self, place: Path) -> None:
        self.mark = f"gate-{uuid.uuid4()}"
        self.file = place / self.mark

    def open(self) -> None:
        self.file.touch()

    def before(self, command: str, greeting: str = "waiting") -> str:
        return f"""sh -c 'echo {greeting}; until [ -e {self.file} ]; do sleep 0.05; done; {command}'"""


@pytest.fixture
def gate(site: Site) -> Iterator[Gate]:
    gate = Gate(site.place)
    yield gate
    # Whatever a failed test has left behind ends.
    gate.open()


def wait_until_running(process: Process, count: int = 1) -> list[dict]:
    """Tasks whose programs have said something: that is in the log at once, not at the end."""
    return eventually(
        lambda: (
            tasks := [
                task
                for task in process.tasks()
                if task["state"] == "running" and "waiting" in task["logs"]
            ]
        )
        and len(tasks) == count
        and tasks
    )


def test_two_agents_share_a_process(site: Site, gate: Gate, workshop: Workshop) -> None:
    scenario = Scenario.of_pages(site.api, *(f"{number}r" for number in range(1, 7)))
    worker = scenario.make_worker(gate.before(f"exec {workshop.command('reader.py')}"))
    with site.agent(), site.agent():
        process = scenario.start(worker, chunks=2)
        tasks = wait_until_running(process, count=2)
        assert len({task["agent"] for task in tasks}) == 2
        gate.open()
        assert process.wait_for("completed", "failed")["state"] == "completed", process.tasks()

    assert process.activity_counts(process.run)["processed"] == 6
    texts = [item["text"] for item in scenario.transcriptions(worker_run=process.run)]
    assert sorted(texts) == [f"{number}r" for number in range(1, 7)]


def test_what_a_killed_agent_had_is_done_by_another(
    site: Site, gate: Gate, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(site.api, "1r", "1v")
    worker = scenario.make_worker(gate.before(f"exec {workshop.command('reader.py')}"))
    with site.agent("--lease", SHORT) as first:
        process = scenario.start(worker)
        (before,) = wait_until_running(process)
        assert running(gate.mark)
        first.end(signal.SIGKILL)
        # It took its program along.
        eventually(lambda: not running(gate.mark))
    with site.agent() as second:
        eventually(lambda: [task for task in process.tasks() if task["attempt"] == 2])
        gate.open()
        assert process.wait_for("completed", "failed")["state"] == "completed", process.tasks()

    (after,) = process.tasks()
    assert after["attempt"] == 2
    assert str(first.process.pid) in before["agent"]
    assert str(second.process.pid) in after["agent"]
    texts = [item["text"] for item in scenario.transcriptions(worker_run=process.run)]
    assert sorted(texts) == ["1r", "1v"]


def test_a_killed_agent_takes_along_what_its_programs_have_started(
    site: Site, gate: Gate
) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    # A program whose child does not listen, and neither reads nor writes.
    child = f"trap : HUP INT TERM; sleep 600 # {gate.mark}"
    command = f"""sh -c 'echo waiting; sh -c "$0" >/dev/null 2>&1 & wait' "{child}" """
    with site.agent("--lease", SHORT) as agent:
        process = scenario.start(scenario.make_worker(command))
        wait_until_running(process)
        assert running(gate.mark)
        agent.end(signal.SIGKILL)
        eventually(lambda: not running(gate.mark))
    site.api.request("StopProcess", id=process.id)


def test_a_program_gets_no_input_and_nothing_of_ours_open(site: Site) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    with site.agent():
        process = scenario.start(
            scenario.make_worker("sh -c 'wc -c; ls /proc/self/fd'")
        )
        assert process.wait_for("completed", "failed")["state"] == "completed"
    (task,) = process.tasks()
    # Nothing to read; and the fourth file is the directory that is listed.
    assert task["logs"].split() == ["0", "0", "1", "2", "3"]


def test_a_program_outlives_the_restart_of_the_server(site: Site, gate: Gate) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    with site.agent():
        process = scenario.start(scenario.make_worker(gate.before("echo done")))
        wait_until_running(process)
        programs = running(gate.mark)
        site.restart()
        assert set(running(gate.mark)) >= set(programs)
        gate.open()
        process.api = site.api
        assert process.wait_for("completed", "failed")["state"] == "completed", process.tasks()

    (task,) = process.tasks()
    assert task["attempt"] == 1
    assert task["logs"] == "waiting\ndone\n"


def test_a_program_is_killed_when_its_lease_is_lost(site: Site, gate: Gate) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    with site.agent("--lease", SHORT) as agent:
        process = scenario.start(scenario.make_worker(gate.before("true")))
        wait_until_running(process)
        # It takes connections, and says nothing.
        os.kill(site.server.pid, signal.SIGSTOP)
        try:
            eventually(lambda: not running(gate.mark))
        finally:
            os.kill(site.server.pid, signal.SIGCONT)
        assert any("lease of a task was lost" in line for line in agent.log)
        # Somebody else may have it now: nobody, so the same agent once more.
        eventually(lambda: [task for task in process.tasks() if task["attempt"] == 2])
        gate.open()
        assert process.wait_for("completed", "failed")["state"] == "completed"


def test_stopping_a_process_ends_its_programs(site: Site, gate: Gate) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    with site.agent("--lease", SHORT):
        process = scenario.start(scenario.make_worker(gate.before("true")))
        wait_until_running(process)
        site.api.request("StopProcess", id=process.id)
        assert process.wait_for("stopped", "failed", "completed")["state"] == "stopped"
        eventually(lambda: not running(gate.mark))


def test_an_agent_that_is_stopped_gives_its_task_back(site: Site, gate: Gate) -> None:
    scenario = Scenario.of_pages(site.api, "1r")
    process = scenario.start(scenario.make_worker(gate.before("true")))
    with site.agent() as agent:
        wait_until_running(process)
        assert agent.end() == 0, "".join(agent.log)
        (task,) = process.tasks()
        assert task["state"] == "pending"
        assert "The agent is shutting down" in task["logs"]
    assert not running(gate.mark)
    site.api.request("StopProcess", id=process.id)


def test_an_agent_that_is_refused_says_so_and_ends(site: Site, tmp_path: Path) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("pal_0123_not-a-token\n")
    done = palimpsest("agent", "--url", site.server.url, "--token-file", str(wrong))
    assert done.returncode == FAILED
    assert "401" in done.stderr
    assert "not-a-token" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--url", "https://example.org"),
        ("--url", "example.org", "--token", "t"),
        ("--url", "https://example.org", "--token", "t", "--slots", "0"),
        ("--url", "https://example.org", "--token-file", "/no/such/file"),
    ],
)
def test_settings_that_are_wrong_are_named(options: tuple[str, ...]) -> None:
    done = palimpsest("agent", *options)
    assert done.returncode == USAGE
    assert "--" in done.stderr or "/no/such/file" in done.stderr


def test_a_token_among_the_arguments_is_covered(site: Site) -> None:
    token = site.token.read_text().strip()
    agent = Agent("--url", site.server.url, "--token", token, "--data-dir", site.place / "x")
    eventually(lambda: any("taking tasks" in line for line in agent.log))
    shown = Path(f"/proc/{agent.process.pid}/cmdline").read_text()
    assert agent.end() == 0
    assert site.server.url in shown
    assert token not in shown


class Listener(BaseHTTPRequestHandler):
    """A server that has no tasks, or a proxy to one; it writes down what it is asked for."""

    asked: queue.Queue[str]

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.put(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """It says nothing."""


@contextmanager
def listening(certificate: Path | None = None) -> Iterator[tuple[int, queue.Queue[str]]]:
    asked: queue.Queue[str] = queue.Queue()
    handler = type("Asked", (Listener,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


@contextmanager
def asking(url: str, place: Path, *options: str | Path, **variables: str) -> Iterator[Agent]:
    given = ("--url", url, "--token", "pal_0_none", "--slots", "1", "--data-dir", place)
    agent = Agent(*given, *options, **variables)
    try:
        yield agent
    finally:
        assert agent.end() == 0, "".join(agent.log)


def test_a_certificate_is_checked_against_an_authority_that_is_named(
    tmp_path: Path,
) -> None:
    certificate = tmp_path / "server.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    subject = "-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2"
    out = f"-keyout {certificate} -out {tmp_path / 'authority.pem'}"
    subprocess.run(f"{command} {subject} {out}".split(), check=True, capture_output=True)
    authority = (tmp_path / "authority.pem").read_text()
    certificate.write_text(certificate.read_text() + authority)
    with listening(certificate) as (port, asked):
        url = f"https://localhost:{port}"
        with asking(url, tmp_path) as agent:
            eventually(lambda: any("certificate" in line for line in agent.log))
        assert asked.empty()
        with asking(url, tmp_path, "--ca-file", tmp_path / "authority.pem"):
            assert asked.get(timeout=30) == "/api/v1/agent/claim/"
        # For another name it is none.
        with asking(
            f"https://127.0.0.1:{port}",
            tmp_path,
            PALIMPSEST_AGENT_CA_FILE=str(tmp_path / "authority.pem"),
        ) as agent:
            eventually(lambda: any("trying again" in line for line in agent.log))


def test_a_proxy_is_asked_where_one_is_named(tmp_path: Path) -> None:
    with listening() as (port, asked):
        proxy = f"http://127.0.0.1:{port}"
        with asking("http://palimpsest.invalid", tmp_path, http_proxy=proxy):
            there = "http://palimpsest.invalid/api/v1/agent/claim/"
            assert asked.get(timeout=30) == there
        with asking(proxy, tmp_path, http_proxy="http://127.0.0.1:1", no_proxy="*"):
            assert asked.get(timeout=30) == "/api/v1/agent/claim/"
