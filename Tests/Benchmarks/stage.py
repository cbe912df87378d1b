"""What the benchmarks play on: a server over a seeded cluster, and the very statements that it sends for a request."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "deploy" / "demo"))

from serving import Server, make_workplace  # noqa: E402

ADMINISTRATOR = {"email": "admin@example.org", "password": "a long password"}


def identifier(kind: int, number: int) -> str:
    """The ids of seed.sql."""
    digits = f"{number:012x}7{kind:03}8" + "0" * 15
    return re.sub(r"^(.{8})(.{4})(.{4})(.{4})", r"\1-\2-\3-\4-", digits)


class Statement:
    """One statement as the server sent it, with `$1`… and their values."""

    def __init__(self, sql: str, detail: str) -> None:
        # Each mark is left once, so whoever sends the statement again needs another.
        self.sql = sql.replace("$2", "uuid7()") if "INTO segment_mark" in sql else sql
        self.values = dict(re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", detail))

    @property
    def literal(self) -> str:
        return re.sub(r"\$(\d+)", lambda match: self.values[match[1]], self.sql)

    def script(self, prefix: str) -> str:
        """For pgbench, which takes a colon and a letter for a variable even inside of a string."""
        spaced = re.sub(r"(?<!:):(?=[A-Za-z_])", ": ", self.sql)
        return re.sub(r"\$(\d+)", rf":{prefix}_\1", spaced) + ";\n"

    def variables(self, prefix: str) -> list[str]:
        """What is not defined is sent as NULL."""
        given = {n: it[1:-1].replace("''", "'") for n, it in self.values.items() if it != "NULL" and f"${n}" in self.sql}
        return [f"--define={prefix}_{n}={value}" for n, value in given.items()]


class Segment:
    """The statements of one transaction in one round trip; the first of them enters."""

    def __init__(self, statements: list[Statement]) -> None:
        self.enter, *self.others = self.statements = statements
        parts = [statement.script(f"p{n}") for n, statement in enumerate(statements)]
        self.script = "\\startpipeline\n" + "".join(parts) + "\\endpipeline\n"
        self.variables = [each for n, statement in enumerate(statements) for each in statement.variables(f"p{n}")]


class Stage:
    def __init__(self, binary: Path, size: int) -> None:
        self.binary, self.size, self.settings = binary, size, ""
        self.workplace = make_workplace()
        self.data = self.workplace / "data"
        self.start()
        try:
            self.tenant = self.sql("SELECT tenant_id FROM tenant")
            self.person = f"pal_{self.tenant.replace('-', '')}_person"
            self.task = f"pal_{self.tenant.replace('-', '')}_task"
            secrets = [f"--set=person={self.person}", f"--set=task={self.task}"]
            self.sql(HERE / "seed.sql", f"--set=size={size}", *secrets)
            # For the owner, who is to be as well off as the role that serves.
            self.settings = self.sql(
                "SELECT string_agg('-c ' || setting, ' ') FROM pg_db_role_setting, unnest(setconfig) AS setting "
                "WHERE setrole = 'palimpsest_app'::regrole"
            )
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        options = ["--edition", "enterprise"]
        self.server = Server(self.data, *options, binary=self.binary, **ADMINISTRATOR)
        postmaster = (self.data / "postgres/postmaster.pid").read_text().splitlines()
        self.host, self.port = postmaster[4], postmaster[3]
        self.programs = Path(f"/proc/{postmaster[0]}/exe").resolve().parent

    def close(self) -> None:
        self.server.stop()
        shutil.rmtree(self.workplace)

    def environment(self, role: str = "app", database: str = "palimpsest") -> dict[str, str]:
        return os.environ | {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": f"palimpsest_{role}",
            "PGPASSWORD": (self.data / f"secrets/{role}.password").read_text().strip(),
            "PGDATABASE": database,
            "PGOPTIONS": self.settings,
        }

    def sql(self, script: str | Path, *options: str, role: str = "owner", database: str = "palimpsest") -> str:
        """The last line that the script returns."""
        source = ["--file", script] if isinstance(script, Path) else ["--command", script]
        form = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        command = ["psql", *form, *options, *source]
        environment = self.environment(role, database) | {"PGOPTIONS": ""}
        done = subprocess.run(command, env=environment, check=True, text=True, stdout=subprocess.PIPE)
        return done.stdout.strip().rpartition("\n")[2]

    def rows(self, segment: Segment, role: str = "app", database: str = "palimpsest") -> list:
        """What each statement after the first returns."""
        parts = [f"(SELECT coalesce(jsonb_agg(r), '[]') FROM ({it.literal}) AS r)" for it in segment.others]
        script = f"BEGIN; {segment.enter.literal}; SELECT jsonb_build_array({', '.join(parts)}); COMMIT"
        return json.loads(self.sql(script, role=role, database=database))

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

    def authorization(self, writes: bool) -> str:
        return f"Ponos {self.task}" if writes else f"Token {self.person}"

    def request(self, path: str, body: bytes | None = None) -> dict:
        headers = {"Authorization": self.authorization(body is not None), "Content-Type": "application/json"}
        with urlopen(Request(self.server.url + path, body, headers)) as answer:
            return json.load(answer)

    def session(self) -> str:
        """The cookie of the administrator, who has signed in."""
        body = json.dumps({name: ADMINISTRATOR[name] for name in ("email", "password")}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.server.url}/api/v1/user/login/", body, headers)) as answer:
            cookies = answer.headers.get_all("Set-Cookie")
        return "; ".join(cookie.partition(";")[0] for cookie in cookies)

    def page(self, path: str, session: str) -> str:
        with urlopen(Request(self.server.url + path, headers={"Cookie": session})) as answer:
            return answer.read().decode()

    def recorded(self, path: str, body: bytes | None = None) -> tuple[dict, Segment]:
        """The answer to a request, and what the server sent to PostgreSQL for it."""
        log = self.data / "log/postgres.log"
        self.alter("log_statement = 'all'", "log_line_prefix = 'transaction %v '")
        with log.open() as lines:
            lines.seek(0, os.SEEK_END)
            answer = self.request(path, body)
            self.alter("log_statement = DEFAULT", "log_line_prefix = DEFAULT")
            entries = re.split(r"^(?=transaction )", lines.read().replace("\n\t", "\n"), flags=re.MULTILINE)
        executed = re.compile(r"transaction (\S+) LOG:  execute [^:]+: (.*)\n", re.DOTALL)
        transactions: dict[str, list[Statement]] = {}
        for entry, detail in pairwise([*entries, ""]):
            if match := executed.match(entry):
                statement = Statement(match[2], detail if " DETAIL: " in detail else "")
                transactions.setdefault(match[1], []).append(statement)
        # There are others: the server looks for tasks now and then.
        scheme = "'token'" if body is None else "'ponos'"
        [found] = [sent for sent in transactions.values() if sent[0].values.get("2") == scheme]
        return answer, Segment(found)

    def alter(self, *settings: str) -> None:
        """PostgreSQL's processes notice on their own, in a moment."""
        for setting in settings:
            self.sql(f"ALTER SYSTEM SET {setting}")
        self.sql("SELECT pg_reload_conf()")
        time.sleep(0.5)
