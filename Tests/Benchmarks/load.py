"""The programs that make the load, each as a function that says how often a second it got through."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from stage import HERE, Stage


# A program's argument has at most 128 KB.
LONGEST_ARGUMENT = 100_000


class Load:
    def __init__(self, stage: Stage, client: Path, seconds: int) -> None:
        self.stage, self.client, self.seconds = stage, client, seconds
        # In milliseconds, of what ran last, and how many answers it got.
        self.p99 = 0.0
        self.answers = 0

    def script(self, text: str) -> Path:
        handle, path = tempfile.mkstemp(".sql", dir=self.stage.workplace)
        os.write(handle, text.encode())
        os.close(handle)
        return Path(path)

    def pgbench(
        self,
        script: Path,
        clients: int,
        threads: int = 1,
        variables: Sequence[str] = (),
        role: str = "app",
        database: str = "palimpsest",
        timed: bool = False,
    ) -> float:
        """Transactions, over connections that are open already; timed, it writes down how long each took."""
        if long := [variable for variable in variables if len(variable) > LONGEST_ARGUMENT]:
            script = self.fetching(long, script)
            variables = [variable for variable in variables if variable not in long] + ["--define=fetched=0"]
        shape = [f"--client={clients}", f"--jobs={threads}", f"--time={self.seconds}", f"--file={script}"]
        command = ["pgbench", "--no-vacuum", "--protocol=prepared", *shape, *["--log"] * timed, *variables]
        with tempfile.TemporaryDirectory() as logs:
            environment = self.stage.environment(role, database)
            done = subprocess.run(command, env=environment, cwd=logs, check=True, text=True, capture_output=True)
            lines = [line for log in Path(logs).iterdir() for line in log.read_text().splitlines()]
        times = sorted(int(line.split()[2]) for line in lines)
        self.p99 = times[(len(times) - 1) * 99 // 100] / 1000 if times else 0
        self.answers = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        return float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])

    def fetching(self, variables: Sequence[str], script: Path) -> Path:
        """The script, when it has first fetched those variables that are too long for arguments."""
        names, values = zip(*(variable.removeprefix("--define=").split("=", 1) for variable in variables))
        rows = ", ".join(f"('{name}', $value${value}$value$)" for name, value in zip(names, values))
        self.stage.sql(
            self.script(
                "CREATE TABLE IF NOT EXISTS long_value (name text PRIMARY KEY, value text); "
                "GRANT SELECT ON long_value TO palimpsest_app; "
                f"INSERT INTO long_value VALUES {rows} ON CONFLICT (name) DO UPDATE SET value = excluded.value;\n"
            )
        )
        fetches = [f"SELECT value AS {name} FROM long_value WHERE name = '{name}' \\gset\n" for name in names]
        once = ["\\if :fetched = 0\n", *fetches, "\\set fetched 1\n\\endif\n"]
        return self.script("".join(once) + script.read_text())

    def wrk(self, path: str, clients: int, body: Path | None = None, session: str | None = None) -> float:
        """Requests: the person gets, with a token or in a session, or the task posts the body."""
        who = f"Cookie: {session}" if session else f"Authorization: {self.stage.authorization(body is not None)}"
        shape = ["--threads=1", f"--connections={clients}", f"--duration={self.seconds}s", "--latency"]
        script = ["--script", HERE / "post.lua"] if body else []
        command = ["wrk", *shape, f"--header={who}", *script, self.stage.server.url + path]
        output = subprocess.run(
            command, env=os.environ | {"BODY": str(body)}, check=True, text=True, capture_output=True
        ).stdout
        if "Non-2xx" in output or "Socket errors" in output:
            raise RuntimeError(output)
        time, unit = re.search(r" 99% +([\d.]+)(us|ms|s)", output).groups()
        self.p99 = float(time) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        self.answers = int(re.search(r"(\d+) requests in", output)[1])
        return float(re.search(r"Requests/sec: +([\d.]+)", output)[1])

    def pool(self, statement: str, clients: int, *options: str) -> float:
        """Answers to the server's own database client, which shares four connections, as the owner of the tables."""
        environment = self.stage.environment("owner")
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
        connection = " ".join(f"{name}={environment[variable]}" for name, variable in names.items())
        shape = ["--clients", str(clients), "--seconds", str(self.seconds), *options]
        command = [self.client, "--connection", connection, "--statement", statement, *shape]
        return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)["rate"]
