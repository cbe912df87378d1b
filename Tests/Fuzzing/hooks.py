"""Puts ids of things that exist where the document says only that a UUID belongs there."""

import json
import os
from pathlib import Path

import schemathesis
from hypothesis import strategies

IDS: dict[str, str] = json.loads(Path(os.environ["FUZZED_IDS"]).read_text())

# In bodies and queries any of them, so that things of another kind come up too.
schemathesis.openapi.format("uuid", strategies.sampled_from(sorted(set(IDS.values()))) | strategies.uuids().map(str))


@schemathesis.hook
def flatmap_path_parameters(context, parameters):  # noqa: ANN001, ANN201
    """In a path three times in four the one that its place asks for."""
    right = {name: found for name in parameters or {} if (found := wanted(context.operation.path, name))}
    return strategies.sampled_from([right, right, right, {}]).map(lambda chosen: {**(parameters or {}), **chosen})


def wanted(path: str, name: str) -> str | None:
    """By the parameter's own name, else by the words before it, the longest that are known."""
    words = path.split("{" + name + "}")[0].strip("/").split("/")[2:]
    for known in (name, *("/".join(words[start:]) for start in range(len(words)))):
        if known in IDS:
            return IDS[known]
    return None
