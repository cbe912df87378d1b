"""Publishes what people transcribed in a tool of their own, signed with a worker run: URL EMAIL PASSWORD CORPUS RUN PAGE → JSON on
standard output. What Callico does when it exports, with whichever arkindex-client runs it."""

import json
import sys
from importlib.metadata import version

from arkindex import ArkindexClient

url, email, password, corpus, run, page = sys.argv[1:]
client = ArkindexClient(base_url=url)
client.login(email, password)

# The run is chosen from those of the project or of the person.
client.request("RetrieveWorkerRun", id=run)
line = client.request(
    "CreateElement",
    body={
        "type": "text_line",
        "name": "1",
        "corpus": corpus,
        "parent": page,
        "polygon": [[0, 0], [500, 0], [500, 40], [0, 40], [0, 0]],
        "worker_run_id": run,
    },
)
(transcription,) = client.request(
    "CreateTranscriptions",
    body={
        "worker_run_id": run,
        "transcriptions": [
            {"element_id": line["id"], "text": "Ego Johannes", "confidence": 1}
        ],
    },
)["transcriptions"]
person = client.request("CreateEntityType", body={"name": "person", "corpus": corpus})
client.request(
    "CreateTranscriptionEntities",
    id=transcription["id"],
    body={
        "worker_run_id": run,
        "transcription_entities": [
            {"type_id": person["id"], "offset": 4, "length": 8, "confidence": 1}
        ],
    },
)
charter = client.request("CreateMLClass", id=corpus, body={"name": "charter"})
client.request(
    "CreateClassifications",
    body={
        "parent": page,
        "worker_run_id": run,
        "classifications": [{"ml_class": charter["id"], "confidence": 1}],
    },
)
client.request(
    "CreateMetaDataBulk",
    id=page,
    body={
        "worker_run_id": run,
        "metadata_list": [{"type": "text", "name": "Hand", "value": "B"}],
    },
)
json.dump({"client": version("arkindex-client"), "line": line["id"]}, sys.stdout)
