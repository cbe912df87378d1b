"""One thing, all the way through: two runs of a worker over a folder of pages, each result signed by its run.

Starts a server on a cluster of its own, fills it through the public Python client, has the server carry out the
process, and prints what each run made. Ends with 1 when anything is missing.
"""

import argparse
import secrets
import shutil
import sys
import time
from itertools import zip_longest
from pathlib import Path

import yaml
from arkindex import ArkindexClient

from serving import ROOT, Server, lend_interpreter, lend_programs, make_workplace

HERE = Path(__file__).resolve().parent
EMAIL = "demo@example.org"
CONFIGURATIONS = {
    "Latin, four lines": {"lines": 4, "prefix": "¶ "},
    "French, six lines": {"lines": 6, "language": "french"},
}
WIDTH, HEIGHT = 1600, 2400
FINISHED = ("completed", "failed", "stopped")


class Missing(Exception):
    """The demo did not come out as it should."""


class Demo:
    """The steps, in the order in which a person would take them."""

    def __init__(self, api: ArkindexClient) -> None:
        self.api = api

    def make_pages(self, count: int) -> None:
        self.corpus = self.api.request("CreateCorpus", body={"name": "Demo"})
        self.folder = self.make_element(type="folder", name="Register of 1292")
        self.pages = [self.make_page(number) for number in range(1, count + 1)]

    def make_element(self, **attributes: object) -> dict:
        return self.api.request(
            "CreateElement", body={"corpus": self.corpus["id"], **attributes}
        )

    def make_page(self, number: int) -> dict:
        """A page with an image whose size is given, so nobody has to fetch it."""
        image = self.api.request(
            "CreateIIIFURL",
            body={
                "url": f"https://images.example.org/register/{number}",
                "width": WIDTH,
                "height": HEIGHT,
            },
        )
        return self.make_element(
            type="page",
            name=f"Folio {(number + 1) // 2} {'recto' if number % 2 else 'verso'}",
            parent=self.folder["id"],
            image=image["id"],
            polygon=[[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT], [0, 0]],
        )

    def import_worker(self, command: str) -> None:
        description = yaml.safe_load((HERE / "worker.yml").read_text())
        description["docker"]["command"] = command
        self.worker = self.api.request(
            "CreateWorker",
            body={
                "name": description["display_name"],
                "slug": description["slug"],
                "type": description["type"],
                "description": description["description"],
                "repository_url": None,
            },
        )
        self.version = self.api.request(
            "ImportWorkerVersion",
            id=self.worker["id"],
            body={
                "yaml": yaml.safe_dump(description),
                "revision_url": None,
                "docker_image_iid": None,
            },
        )

    def configure_process(self) -> None:
        """One process, and in it the same version twice: only the configuration tells the runs apart."""
        self.process = self.api.request(
            "CreateProcess",
            body={
                "corpus": self.corpus["id"],
                "mode": "workers",
                "name": "Read the register twice",
                "element": self.folder["id"],
                "element_type": "page",
                "load_children": True,
            },
        )
        self.runs = []
        for name, values in CONFIGURATIONS.items():
            configuration = self.api.request(
                "CreateWorkerConfiguration",
                id=self.worker["id"],
                body={"name": name, "configuration": values},
            )
            self.runs.append(
                self.api.request(
                    "CreateWorkerRun",
                    id=self.process["id"],
                    body={
                        "worker_version_id": self.version["id"],
                        "configuration_id": configuration["id"],
                    },
                )
            )

    def carry_out(self, patience: float = 120) -> float:
        """Starts the process and waits until the server has carried it out; returns the seconds that it took."""
        began = time.monotonic()
        self.api.request("StartProcess", id=self.process["id"], body={})
        while time.monotonic() - began < patience:
            state = self.api.request("RetrieveProcess", id=self.process["id"])["state"]
            if state in FINISHED:
                break
            time.sleep(0.3)
        if state != "completed":
            raise Missing(f"the process is {state}\n\n{self.task_logs()}")
        return time.monotonic() - began

    def task_logs(self) -> str:
        process = self.api.request("RetrieveProcess", id=self.process["id"])
        tasks = [
            self.api.request("RetrieveTask", id=task["id"]) for task in process["tasks"]
        ]
        return "\n".join(
            f"{task['slug']}: {task['state']}\n{task['logs']}" for task in tasks
        )

    def show_run(self, number: int, run: dict) -> None:
        """What the run says of itself, its counts, and three lines that it read."""
        run = self.api.request("RetrieveWorkerRun", id=run["id"])
        values = run["configuration"]["configuration"]
        print(f"\n{number}. {run['summary']}")
        print(f"   {run['id']}")

        results = run["results"]
        pages = len(self.pages)
        expected = {
            "elements": pages * values["lines"],
            "transcriptions": pages * values["lines"],
            "classifications": pages,
            "metadata": pages,
        }
        print("   " + " · ".join(f"{results[kind]} {kind}" for kind in expected))
        for line in self.texts(self.pages[0], run)[:3]:
            print(f"   “{line}”")

        found = {kind: results[kind] for kind in expected}
        if found != expected:
            raise Missing(f"{run['summary']} made {found}, not {expected}")

    def texts(self, page: dict, run: dict) -> list[str]:
        """Texts of the page's lines by this run, from the top down."""
        lines = self.api.paginate(
            "ListElementChildren", id=page["id"], worker_run=run["id"], order="position"
        )
        transcriptions = self.api.paginate(
            "ListTranscriptions", id=page["id"], recursive=True, worker_run=run["id"]
        )
        text = {item["element"]["id"]: item["text"] for item in transcriptions}
        return [text[line["id"]] for line in lines]

    def show_filter(self) -> None:
        """The filter that keeps runs apart: the lines of the folder, all of them and by run."""
        everything = self.count_lines()
        print(f"\nText lines in the folder: {everything}")
        parts = []
        for run in self.runs:
            parts.append(self.count_lines(worker_run=run["id"]))
            print(f"   worker_run={run['id']}: {parts[-1]}")
        by_hand = self.count_lines(worker_run=False)
        print(f"   by hand: {by_hand}")
        if sum(parts) != everything or by_hand:
            raise Missing("the filter by worker run does not add up")

    def count_lines(self, **filters: object) -> int:
        return len(
            self.api.paginate(
                "ListElementChildren",
                id=self.folder["id"],
                recursive=True,
                type="text_line",
                **filters,
            )
        )

    def show_side_by_side(self) -> None:
        page = self.pages[0]
        left, right = (self.texts(page, run) for run in self.runs)
        print(f"\n{page['name']}, as each run reads it")
        for one, other in zip_longest(left, right, fillvalue="–"):
            print(f"   {one:<46} │ {other}")


def show_demo(server: Server, command: str, pages: int) -> None:
    api = ArkindexClient(base_url=server.url)
    api.login(server.email, server.password)
    print(f"Palimpsest serves on {server.url}, on a database cluster of its own.")

    demo = Demo(api)
    demo.make_pages(pages)
    demo.import_worker(command)
    demo.configure_process()
    print(f"Corpus “Demo”, folder “{demo.folder['name']}”, {pages} pages.")
    print(f"One process: {demo.worker['name']}, twice, configured differently.")

    seconds = demo.carry_out()
    print(f"Carried out in {seconds:.1f} s.")

    for number, run in enumerate(demo.runs, start=1):
        demo.show_run(number, run)
    demo.show_filter()
    demo.show_side_by_side()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/debug/palimpsest")
    parser.add_argument("--pages", type=int, default=6, help="how many pages to read")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the server running until Ctrl-C, to look around",
    )
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    workplace = make_workplace()
    server = None
    try:
        python = lend_interpreter(Path(sys.executable), workplace)
        worker = lend_programs([HERE / "worker.py"], workplace) / "worker.py"
        server = Server(
            workplace / "data",
            "--executor",
            "process",
            binary=arguments.binary,
            email=EMAIL,
            password=secrets.token_urlsafe(12),
        )
        show_demo(server, f"{python} {worker}", arguments.pages)
        if arguments.keep:
            print(f"\n{server.url}: {server.email}, password {server.password}")
            print("Ctrl-C stops the server and removes its data.", flush=True)
            server.wait()
    except KeyboardInterrupt:
        print()
    except Exception as error:
        if server is not None and not isinstance(error, Missing):
            print("\n".join(server.log[-20:]), file=sys.stderr)
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(workplace, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
