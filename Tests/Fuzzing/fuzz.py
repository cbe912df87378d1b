#!/usr/bin/env python3
"""Sends a server thousands of requests that its own document allows, or just about, and asks that none ends in a 5xx.

The ids in them are mostly those of things that exist: a corpus that a finished run has read, with everything that hangs on it.
EXAMPLES (50) is how many requests an operation gets, SEED repeats a run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "deploy/demo"), str(ROOT / "Tests/ClientTests")]

from arkindex import ArkindexClient  # noqa: E402
from scenario import Scenario, Worker  # noqa: E402
from serving import Server, make_workplace  # noqa: E402

EMAIL, PASSWORD = "admin@example.org", "correct horse battery staple"
# They would take the token away that the requests are made with; the last never ends.
LEFT_ALONE = ("Logout", "DestroyToken", "PartialUpdateUser", "ChangePassword", "StreamJobs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/debug/palimpsest")
    parser.add_argument("--edition", default="enterprise", choices=("community", "enterprise"))
    asked = parser.parse_args()
    workplace = make_workplace()
    server = Server(
        workplace / "data", "--edition", asked.edition, binary=asked.binary.resolve(), email=EMAIL, password=PASSWORD
    )
    try:
        status = fuzz(server, workplace)
    finally:
        ended = server.stop()
        shutil.rmtree(workplace, ignore_errors=True)
    print("\n".join(server.log[2:]))
    sys.exit(status or ended)


def fuzz(server: Server, workplace: Path) -> int:
    api = ArkindexClient(base_url=server.url)
    api.login(EMAIL, PASSWORD)
    token = api.request("CreateToken", body={"name": "Requests", "scope": "write"})["token"]
    # What destroys comes last, or all other requests would be about things that are gone.
    ids = workplace / "ids.json"
    statuses = []
    for method in ("--exclude-method", "--include-method"):
        ids.write_text(json.dumps(existing(api)))
        statuses.append(run(server.url, token, ids, method))
    return max(statuses)


def run(url: str, token: str, ids: Path, method: str) -> int:
    command = [
        Path(sys.executable).parent / "schemathesis", "run", f"{url}/api/v1/openapi/",
        "--header", f"Authorization: Token {token}", "--checks", "not_a_server_error",
        "--phases", "coverage,fuzzing", "--max-examples", os.environ.get("EXAMPLES", "50"),
        "--request-timeout", "30", "--warnings", "off", "--continue-on-failure", "--no-color", method, "DELETE",
    ]  # fmt: skip
    for operation in LEFT_ALONE:
        command += ["--exclude-operation-id", operation]
    if seed := os.environ.get("SEED"):
        command += ["--seed", seed]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "FUZZED_IDS": str(ids), "PYTHONPATH": str(HERE)}
    return subprocess.run(command, env=environment, cwd=ids.parent, check=False).returncode


def existing(api: ArkindexClient) -> dict[str, str]:
    """One thing of each kind, by the name that stands before its id in a path."""
    scenario = Scenario.of_pages(api, "1r", "1v")
    page, corpus = scenario.pages[0], scenario.corpus["id"]
    worker = Worker.make(api, "true")
    configuration = worker.configure("With a mark", prefix="¶")
    process = scenario.start(worker, configuration)
    task = process.claim()
    publish(ArkindexClient(base_url=api.document.url, token=task["token"], auth_scheme="Ponos"), page["id"], process.run)
    model = api.request("CreateModel", body={"name": f"Model {time.time()}"})
    dataset = api.request("CreateDataset", id=corpus, body={"name": "Pages", "description": "All", "set_names": ["training"]})
    transcription = api.request("CreateTranscription", id=page["id"], body={"text": "Dear Sir"})
    kind = api.request("CreateEntityType", body={"name": "Person", "corpus": corpus, "color": "aa0000"})
    entity = api.request(
        "CreateTranscriptionEntity", id=transcription["id"], body={"type_id": kind["id"], "offset": 5, "length": 3}
    )
    group = api.request("CreateGroup", body={"name": "Readers"})
    return {
        "corpus": corpus,
        "element": page["id"],
        "elements": page["id"],
        "parent": scenario.folder["id"],
        "image": page["zone"]["image"]["id"],
        "process": process.id,
        "process/workers": process.run,
        "workers/runs": process.run,
        "workers": worker.id,
        "worker": worker.id,
        "workers/versions": worker.version["id"],
        "workers/configurations": configuration["id"],
        "task": task["id"],
        "agent/task": task["id"],
        "model": model["id"],
        "modelversion": model_version(api, model["id"])["id"],
        "datasets": dataset["id"],
        "transcription": transcription["id"],
        "entities": entity["id"],
        "entity": entity["id"],
        "entity/types": kind["id"],
        "metadata": metadata(api, page["id"])["id"],
        "group": group["id"],
    }


def publish(worker: ArkindexClient, page: str, run: str) -> None:
    worker.request("CreateTranscription", id=page, body={"text": "Read", "confidence": 0.5, "worker_run_id": run})


def model_version(api: ArkindexClient, model: str) -> dict:
    body = {"size": 1, "archive_hash": "0" * 32, "tag": "v1", "description": "", "configuration": {}}
    return api.request("CreateModelVersion", id=model, body=body)


def metadata(api: ArkindexClient, page: str) -> dict:
    return api.request("CreateMetaData", id=page, body={"type": "text", "name": "Hand", "value": "A"})


if __name__ == "__main__":
    main()
