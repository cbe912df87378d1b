"""The programs that make the load, each as a function that says how much it got done in a second."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from stage import Stage


class Load:
    def __init__(self, stage: Stage, client: Path, seconds: int) -> None:
        self.stage, self.client, self.seconds = stage, client, seconds
        self.latencies = str(stage.workplace / "latencies")
        # In milliseconds, of what ran last.
        self.p99 = 0.0

    def script(self, text: str) -> Path:
        path = self.stage.workplace / f"{abs(hash(text))}.sql"
        path.write_text(text)
        return path

    def pgbench(
        self, script: Path, clients: int, threads: int = 1, variables: Sequence[str] = (), role: str = "app", database: str = "palimpsest"
    ) -> float:
        """Transactions a second over connections that are open already."""
        shape = [f"--client={clients}", f"--jobs={threads}", f"--time={self.seconds}", f"--file={script}"]
        # Each latency is written down, but not where writing is most of the work.
        log = ["--log", f"--log-prefix={self.latencies}"] if role == "app" else []
        self.p99 = 0.0
        command = ["pgbench", "--no-vacuum", "--protocol=prepared", *shape, *log, *variables]
        done = subprocess.run(
            command, env=self.stage.environment(role, database), cwd=self.stage.workplace, check=True, text=True, capture_output=True
        )
        if log:
            self._read_latencies()
        return float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])

    def _read_latencies(self) -> None:
        times: list[int] = []
        for path in self.stage.workplace.glob("latencies.*"):
            times += (int(line.split()[2]) for line in path.read_text().splitlines())
            path.unlink()
        self.p99 = sorted(times)[(len(times) - 1) * 99 // 100] / 1000

    def wrk(self, path: str, clients: int, body: Path | None = None) -> float:
        """Requests a second; with a body it is posted, by the task, else the person gets."""
        scheme = f"Token {self.stage.person}" if body is None else f"Ponos {self.stage.task}"
        script = [] if body is None else ["--script", str(Path(__file__).with_name("post.lua"))]
        shape = ["--threads=1", f"--connections={clients}", f"--duration={self.seconds}s", "--latency", f"--header=Authorization: {scheme}"]
        command = ["wrk", *shape, *script, self.stage.server.url + path]
        output = subprocess.run(command, env=os.environ | {"BODY": str(body)}, check=True, text=True, capture_output=True).stdout
        if "Non-2xx" in output or "Socket errors" in output:
            raise RuntimeError(output)
        number, unit = re.search(r" 99% +([\d.]+)(us|ms|s)", output).groups()
        self.p99 = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        return float(re.search(r"Requests/sec: +([\d.]+)", output)[1])

    def ours(self, statement: str, clients: int, *options: str) -> float:
        """Answers a second that the server's own database client got, as the owner of the tables."""
        environment = self.stage.environment("owner")
        connection = " ".join(f"{name.lower()}={environment['PG' + name]}" for name in ("HOST", "PORT", "USER"))
        command = [self.client, "--connection", f"{connection} dbname={environment['PGDATABASE']}", "--statement", statement]
        shape = ["--clients", str(clients), "--seconds", str(self.seconds), *options]
        answer = json.loads(subprocess.run(command + shape, env=environment, check=True, stdout=subprocess.PIPE).stdout)
        self.p99 = answer["p99_ms"]
        return answer["rate"]
