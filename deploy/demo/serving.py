"""Starts a Palimpsest server with a cluster of its own, and stops it again.

The demo and the client tests both need one. Nothing in here knows the API.
"""

import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANNOUNCEMENT = "listening on "
NOBODY = 65534


class NotServing(Exception):
    """The server ended, or said nothing, before it listened."""


class Server:
    """`palimpsest serve` on a free port of this machine unless one is given, over a data directory that it makes itself."""

    def __init__(
        self,
        data: Path,
        *options: str,
        binary: Path,
        email: str,
        password: str,
        port: int = 0,
        patience: float = 90,
    ) -> None:
        if not binary.exists():
            raise NotServing(f"{binary} is not there: `make build` makes it")
        self.data = data
        self.email = email
        self.password = password
        self.log: list[str] = []
        self._address: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [binary, "serve", "--port", str(port), "--data-dir", data, *options],
            env=_environment(email, password),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C is for the program that started the server, which then stops it in its own time.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._wait_for_address(patience)

    def _read(self) -> None:
        """Reads to the end, so that the server never waits for a full pipe."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line.rstrip())
            if ANNOUNCEMENT in line:
                self._address.put(line.split(ANNOUNCEMENT, 1)[1].split()[0].rstrip("/"))
        self._address.put(None)

    def _wait_for_address(self, patience: float) -> str:
        try:
            address = self._address.get(timeout=patience)
        except queue.Empty:
            address = None
        if address is None:
            self.stop()
            raise NotServing("\n".join(["the server did not start:", *self.log[-40:]]))
        return address

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, patience: float = 60) -> int:
        """Asks the server to end, as a service manager would, and returns its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join(patience)
        return status

    def wait(self) -> int:
        return self._process.wait()


def _environment(email: str, password: str) -> dict[str, str]:
    """This process's environment without what would point the server at another database.

    The server refuses unknown variables with its prefix, and the tests have some of their own.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith(("PALIMPSEST_", "PG"))
    }
    environment["PALIMPSEST_ADMIN_EMAIL"] = email
    environment["PALIMPSEST_ADMIN_PASSWORD"] = password
    return environment


def make_workplace() -> Path:
    """A new directory, with a path short enough for a socket, that other users may enter but not list.

    Started by root, the server gives its cluster and its tasks to other users.
    """
    workplace = Path(tempfile.mkdtemp(prefix="pal-", dir="/tmp"))
    workplace.chmod(0o711)
    return workplace


def lend_programs(programs: Iterable[Path], workplace: Path) -> Path:
    """Copies programs to where the user of a task can read them, whatever the checkout's own permissions."""
    shelf = workplace / "programs"
    shelf.mkdir(exist_ok=True)
    shelf.chmod(0o755)
    for program in programs:
        copy = Path(shutil.copy(program, shelf))
        copy.chmod(0o644)
    return shelf


def lend_interpreter(python: Path, workplace: Path) -> Path:
    """The interpreter of a virtual environment, copied to the workplace if tasks could not run it where it is.

    Started by root, the server runs tasks as a user who may be unable to enter the checkout.
    """
    if os.geteuid() != 0 or _runs_for_anyone(python):
        return python
    copy = workplace / "venv"
    if not copy.exists():
        shutil.copytree(python.parent.parent, copy, symlinks=True)
    copied = copy / "bin" / python.name
    if not _runs_for_anyone(copied):
        raise PermissionError(
            f"{python.resolve()} is closed to other users, so tasks cannot run it.\n"
            "Remove .venv and make it again with an interpreter that everyone can run:\n"
            "    make PYTHON=/usr/bin/python3 .venv/ready"
        )
    return copied


def _runs_for_anyone(python: Path) -> bool:
    """Tries it, because permissions alone do not tell: links, parents and libraries count too."""
    try:
        subprocess.run(
            [python, "-c", "import arkindex_worker"],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            env={"PATH": os.defpath},
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
