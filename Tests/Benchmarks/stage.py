"""What the benchmarks play on: a server over a seeded cluster, and the very statements that it sends for a request."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "deploy" / "demo"))

from serving import Server, make_workplace  # noqa: E402


def identifier(kind: int, number: int) -> str:
    """The ids of seed.sql."""
    digits = f"{number:012x}7{kind:03}8" + "0" * 15
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


class Statement:
    """One statement as the server sent it, with `$1`… and their values."""

    def __init__(self, sql: str, detail: str) -> None:
        self.sql = sql
        found = re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", detail)
        self.values = {int(number): None if value == "NULL" else value for number, value in found}

    def literal(self) -> str:
        return re.sub(r"\$(\d+)", lambda match: self.values[int(match[1])] or "NULL", self.sql)

    def script(self, prefix: str) -> str:
        """For pgbench, which takes a colon before a letter for a variable, even in a string, and sends what is not set as NULL."""
        spaced = re.sub(r"(?<!:):(?=[A-Za-z_])", ": ", self.sql)
        return re.sub(r"\$(\d+)", rf":{prefix}_\1", spaced) + ";\n"

    def variables(self, prefix: str) -> list[str]:
        given = {number: value[1:-1].replace("''", "'") for number, value in self.values.items() if value}
        return [f"--define={prefix}_{number}={value}" for number, value in given.items()]


class Stage:
    def __init__(self, binary: Path, size: int) -> None:
        self.binary, self.size = binary, size
        self.workplace = make_workplace()
        self.data = self.workplace / "data"
        self.start()
        try:
            tenant = self.sql("SELECT tenant_id FROM tenant")
            self.tenant = tenant
            self.person, self.task = (f"pal_{tenant.replace('-', '')}_{who}" for who in ("person", "task"))
            variables = [f"--set={name}={value}" for name, value in vars(self).items() if name in ("size", "person", "task")]
            self.sql(HERE / "seed.sql", *variables)
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        self.server = Server(
            self.data, "--edition", "enterprise", binary=self.binary, email="admin@example.org", password="a long password"
        )
        postmaster = (self.data / "postgres/postmaster.pid").read_text().splitlines()
        self.host, self.port = postmaster[4], postmaster[3]
        self.programs = Path(f"/proc/{postmaster[0]}/exe").resolve().parent

    def close(self) -> None:
        self.server.stop()
        shutil.rmtree(self.workplace)

    def environment(self, role: str = "app", database: str = "palimpsest") -> dict[str, str]:
        password = (self.data / f"secrets/{role}.password").read_text().strip()
        connection = {"HOST": self.host, "PORT": self.port, "USER": f"palimpsest_{role}", "PASSWORD": password, "DATABASE": database}
        return os.environ | {f"PG{name}": value for name, value in connection.items()}

    def sql(self, script: str | Path, *options: str, role: str = "owner", database: str = "palimpsest") -> str:
        """What the last statement returns."""
        source = ["--file", script] if isinstance(script, Path) else ["--command", script]
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", *options, *source]
        done = subprocess.run(command, env=self.environment(role, database), check=True, text=True, stdout=subprocess.PIPE)
        return done.stdout.strip().rpartition("\n")[2]

    def copy(self, name: str, change: Path) -> None:
        """Another database with the same rows. PostgreSQL copies one only while nobody is connected to it."""
        for step in (
            "ALTER DATABASE palimpsest ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'palimpsest'",
            f"CREATE DATABASE {name} TEMPLATE palimpsest STRATEGY file_copy",
            "ALTER DATABASE palimpsest ALLOW_CONNECTIONS true",
        ):
            self.sql(step, database="postgres")
        self.sql(change, database=name)
        self.sql("VACUUM (ANALYZE)", database=name)

    def request(self, path: str, body: bytes | None = None) -> dict:
        scheme = f"Token {self.person}" if body is None else f"Ponos {self.task}"
        headers = {"Authorization": scheme, "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.server.url + path, body, headers)) as answer:
            return json.load(answer)

    def recorded(self, path: str, body: bytes | None = None) -> tuple[dict, list[Statement]]:
        """The answer to a request, and what the server sent to PostgreSQL for it: one segment, from `enter()` on."""
        log = self.data / "log/postgres.log"
        self.set("log_statement = 'all'")
        start = log.stat().st_size
        answer = self.request(path, body)
        self.set("log_statement = DEFAULT")
        with log.open() as lines:
            lines.seek(start)
            entries = re.split(r"^(?=\d{4}-\d\d-\d\d )", lines.read().replace("\n\t", "\n"), flags=re.MULTILINE)
        executed = re.compile(r"\S+ \S+ \S+ \[(\d+)\] LOG:  execute [^:]+: (.*)", re.DOTALL)
        sent: list[tuple[str, Statement]] = []
        for entry, detail in zip(entries, entries[1:] + [""]):
            if match := executed.match(entry):
                sent.append((match[1], Statement(match[2].rstrip(), detail if "DETAIL:" in detail else "")))
        scheme = "'token'" if body is None else "'ponos'"
        first = next(i for i, (_, it) in enumerate(sent) if it.sql.startswith("SELECT enter(") and it.values[2] == scheme)
        segment = [sent[first][1]]
        for process, statement in sent[first + 1 :]:
            if process == sent[first][0] and not statement.sql.startswith("SELECT enter("):
                segment.append(statement)
        return answer, segment

    def set(self, setting: str) -> None:
        """PostgreSQL's processes notice on their own, in a moment."""
        self.sql(f"ALTER SYSTEM SET {setting}")
        self.sql("SELECT pg_reload_conf()")
        time.sleep(0.5)

    def rows(self, segment: list[Statement], role: str = "app", database: str = "palimpsest") -> list:
        """What the statements after `enter()` return."""
        enter, *others = (statement.literal() for statement in segment)
        parts = ", ".join(f"(SELECT coalesce(jsonb_agg(r), '[]') FROM ({sql}) AS r)" for sql in others)
        script = f"BEGIN; {enter}; SELECT jsonb_build_array({parts}); COMMIT"
        return json.loads(self.sql(script, role=role, database=database))
