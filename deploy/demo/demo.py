"""One thing, all the way through: Tesseract reads scanned pages twice, and each line is signed by the run that read it.

Starts a server on a cluster of its own, uploads the scans through the public Python client, has the server carry out a
process of two worker runs, and prints what each of them made. Ends with 1 when anything is missing.
"""

import argparse
import secrets
import shutil
import sys
import textwrap
import time
from itertools import zip_longest
from pathlib import Path

import requests
import yaml
from arkindex import ArkindexClient
from scans import SCANS, Scan
from serving import ROOT, Server, lend_interpreter, lend_programs, make_workplace

HERE = Path(__file__).resolve().parent
PROGRAMS = [HERE / "worker.py", HERE / "tesseract.py"]
EMAIL = "demo@example.org"
# The default configuration reads English and takes pages apart by itself.
CONFIGURATIONS = {
    "English, automatic": None,
    "French, one block": {"language": "fra", "page_segmentation": "one block"},
}
FINISHED = ("completed", "failed", "stopped")
KINDS = ("elements", "transcriptions", "classifications", "metadata")


class Missing(Exception):
    """The demo did not come out as it should."""


class Demo:
    """The steps, in the order in which a person would take them."""

    def __init__(self, api: ArkindexClient) -> None:
        self.api = api

    def make_pages(self, scans: list[Scan], folder: Path) -> None:
        self.corpus = self.api.request("CreateCorpus", body={"name": "Demo"})
        self.folder = self.make_element(type="folder", name="Scans")
        self.pages = [
            self.make_page(scan, folder / f"{scan.name}.png") for scan in scans
        ]

    def make_element(self, **attributes: object) -> dict:
        return self.api.request(
            "CreateElement", body={"corpus": self.corpus["id"], **attributes}
        )

    def make_page(self, scan: Scan, file: Path) -> dict:
        """A page with its scan, and by hand where that is from."""
        page = self.make_element(
            type="page",
            name=scan.name,
            parent=self.folder["id"],
            image=self.upload(file)["id"],
        )
        for name, value in (("Source", scan.source), ("Licence", scan.licence)):
            self.api.request(
                "CreateMetaData",
                id=page["id"],
                body={"type": "text", "name": name, "value": value},
            )
        return page

    def upload(self, file: Path) -> dict:
        """An image of the server's own: announced, sent to the address that it gives, and checked."""
        image = self.api.request(
            "CreateImage", body={"path": f"{self.corpus['id']}/{file.name}"}
        )
        sent = requests.put(
            image["s3_put_url"],
            data=file.read_bytes(),
            headers={"Content-Type": "image/png"},
            timeout=60,
        )
        sent.raise_for_status()
        return self.api.request(
            "PartialUpdateImage", id=image["id"], body={"status": "checked"}
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
                "name": "Read the scans twice",
                "element": self.folder["id"],
                "element_type": "page",
                "load_children": True,
            },
        )
        self.runs = [
            self.make_run(name, values) for name, values in CONFIGURATIONS.items()
        ]

    def make_run(self, name: str, values: dict | None) -> dict:
        configuration = values and self.api.request(
            "CreateWorkerConfiguration",
            id=self.worker["id"],
            body={"name": name, "configuration": values},
        )
        return self.api.request(
            "CreateWorkerRun",
            id=self.process["id"],
            body={
                "worker_version_id": self.version["id"],
                "configuration_id": configuration["id"] if configuration else None,
            },
        )

    def carry_out(self, patience: float = 240) -> float:
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
        results = run["results"]
        print(f"\n{number}. {run['summary']}")
        print(f"   {run['id']}")
        print("   " + " · ".join(f"{results[kind]} {kind}" for kind in KINDS))

        transcriptions = self.transcriptions(self.folder, run)
        for item in transcriptions[:3]:
            print(f"   {item['confidence']:.2f} “{item['text']}”")

        if len(transcriptions) != results["transcriptions"]:
            raise Missing(
                f"{run['summary']} counts {results['transcriptions']} transcriptions, not {len(transcriptions)}"
            )
        if not all(0 <= item["confidence"] <= 1 for item in transcriptions):
            raise Missing(f"{run['summary']} has a confidence that is none")
        for page in self.pages:
            if not self.texts(page, run):
                raise Missing(f"{run['summary']} read nothing on {page['name']}")
        # Each page has a class for its language, and three figures.
        expected = {
            "classifications": len(self.pages),
            "metadata": 3 * len(self.pages),
        }
        found = {kind: results[kind] for kind in expected}
        if found != expected:
            raise Missing(f"{run['summary']} made {found}, not {expected}")

    def transcriptions(self, element: dict, run: dict) -> list[dict]:
        """Those by this run on and below the element, in the order in which it made them: ids rise with time."""
        transcriptions = self.api.paginate(
            "ListTranscriptions",
            id=element["id"],
            recursive=True,
            worker_run=run["id"],
        )
        return sorted(transcriptions, key=lambda item: item["id"])

    def texts(self, page: dict, run: dict) -> list[str]:
        """The page's lines as this run reads them, in its order."""
        return [item["text"] for item in self.transcriptions(page, run)]

    def show_filter(self) -> None:
        """The filter that keeps runs apart: the lines of the folder, all of them and by the run that made them.

        A line that both runs saw in the very same place is one element, of the run that was there first, with a
        transcription by each.
        """
        everything = self.count_lines()
        print(f"\nText lines in the folder: {everything}")
        parts = []
        for run in self.runs:
            parts.append(self.count_lines(worker_run=run["id"]))
            read = self.count_lines(transcription_worker_run=run["id"])
            print(f"   worker_run={run['id']}: {parts[-1]} made, {read} read by it")
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
        print(f"\nThe page “{page['name']}”, as each run reads it")
        for name, run in zip(CONFIGURATIONS, self.runs, strict=True):
            print(f"   {name}: {self.languages(page, run)}")
        for one, other in zip_longest(left, right, fillvalue="–"):
            print(
                f" {' ' if one == other else '≠'} {clip(one):<{COLUMN}} │ {clip(other)}"
            )
        if left == right:
            raise Missing("both runs read the same, whatever their configuration")

    def languages(self, page: dict, run: dict) -> str:
        """The classes that the run gave to the page."""
        page = self.api.request("RetrieveElement", id=page["id"])
        return ", ".join(
            f"{item['ml_class']['name']} {item['confidence']:.2f}"
            for item in page["classifications"]
            if item["worker_run"]["id"] == run["id"]
        )


COLUMN = 44


def clip(text: str) -> str:
    return textwrap.shorten(text, COLUMN, placeholder="…")


def show_demo(server: Server, command: str, scans: list[Scan], folder: Path) -> None:
    api = ArkindexClient(base_url=server.url)
    api.login(server.email, server.password)
    print(f"Palimpsest serves on {server.url}, on a database cluster of its own.")

    demo = Demo(api)
    demo.make_pages(scans, folder)
    demo.import_worker(command)
    demo.configure_process()
    print(f"Corpus “Demo”, folder “{demo.folder['name']}”, {len(scans)} scanned pages.")
    print(f"One process: {demo.worker['name']}, twice, configured differently.")

    seconds = demo.carry_out()
    print(f"Carried out in {seconds:.1f} s.")

    for number, run in enumerate(demo.runs, start=1):
        demo.show_run(number, run)
    demo.show_filter()
    demo.show_side_by_side()


def require_scans(scans: list[Scan], folder: Path) -> None:
    for scan in scans:
        file = folder / f"{scan.name}.png"
        if not file.is_file():
            raise Missing(f"{file} is not there: `make .demo/scans` fetches it")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/debug/palimpsest")
    parser.add_argument(
        "--scans", type=Path, default=ROOT / ".demo/scans", help="where scans.py put them"
    )
    parser.add_argument(
        "--pages",
        type=int,
        choices=range(1, len(SCANS) + 1),
        default=len(SCANS),
        help="how many pages to read",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the server running until Ctrl-C, to look around",
    )
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    scans = SCANS[: arguments.pages]
    workplace = make_workplace()
    server = None
    try:
        require_scans(scans, arguments.scans)
        python = lend_interpreter(Path(sys.executable), workplace)
        worker = lend_programs(PROGRAMS, workplace) / "worker.py"
        server = Server(
            workplace / "data",
            "--executor",
            "process",
            binary=arguments.binary,
            email=EMAIL,
            password=secrets.token_urlsafe(12),
        )
        show_demo(server, f"{python} {worker}", scans, arguments.scans)
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
