"""Rule 4.1: our verdict on a worker configuration file is the public validator's, on its own tests' files and on random ones."""

import importlib.util
import inspect
import itertools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from serving import ROOT
from worker_configuration import validator
from worker_files import Maker
from yamale.yamale_error import YamaleError

BINARY = Path(os.environ.get("PALIMPSEST_BINARY", ROOT / ".build/debug/palimpsest")).resolve()
SEED = int(os.environ.get("RANDOM_SEED", "20"))
FILES = int(os.environ.get("RANDOM_FILES", "2000"))


def place(error: str) -> str:
    """Where an error of the validator is. It writes `place: sentence`, and `place : sentence` where a map or a list is missing."""
    if error.endswith((" is not a map", " is not a list")) and " : '" in error:
        return error.split(" : '", 1)[0]
    return error.split(": ", 1)[0]


def theirs(path: Path) -> tuple[bool, list[str] | None]:
    """Accepted or not, and the places of the errors; None where the validator names none, because it ended with an error of Python's."""
    try:
        validator.validate_file(path)
        return True, []
    except YamaleError as error:
        return False, sorted(map(place, error.results[0].errors))
    except Exception:
        return False, None


def ours(paths: list[Path]) -> list[tuple[bool, list[str]]]:
    done = subprocess.run(
        [BINARY, "check-worker", "--json", *paths], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode in (0, 1) and not done.stderr, done.stderr[-2000:]
    reports = [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]
    assert [report["file"] for report in reports] == list(map(str, paths))
    return [
        (not report["faults"], sorted(".".join(map(str, fault["attr"])) for fault in report["faults"])) for report in reports
    ]


def differences(paths: list[Path]) -> list[str]:
    found = []
    for path, mine in zip(paths, ours(paths), strict=True):
        verdict, places = theirs(path)
        if verdict != mine[0] or places not in (None, mine[1]):
            found.append(f"--- theirs {verdict} {places}, ours {mine}\n{path.read_text()[:3000]}")
    return found


def test_random_files_get_the_same_verdict_and_the_same_places(tmp_path: Path) -> None:
    print(f"RANDOM_SEED={SEED}")
    maker = Maker(SEED)
    paths = []
    for number in range(FILES):
        paths.append(tmp_path / f"{number}.yml")
        paths[-1].write_text(maker.file(), newline="")
    found = differences(paths)
    assert not found, f"{len(found)} of {FILES} with RANDOM_SEED={SEED}:\n" + "\n".join(found[:5])
    verdicts = [theirs(path)[0] for path in paths[:500]]
    assert 100 < sum(verdicts) < 400, "both verdicts must be frequent"


RELEASE = "teklia-worker-configuration==0.2.4"


@pytest.fixture(scope="session")
def their_tests() -> list[ModuleType]:
    """The validator's own tests from the published wheel, fetched once into the virtual environment, which is not kept."""
    place = ROOT / ".venv/suite" / RELEASE
    if not (place / "tests").exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(place), RELEASE], check=True
        )
        (wheel,) = place.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place, [name for name in archive.namelist() if name.startswith("tests/")])
    # Under a name of their own: other packages have brought a `tests` too.
    spec = importlib.util.spec_from_file_location(
        "validators_tests", place / "tests/__init__.py", submodule_search_locations=[str(place / "tests")]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["validators_tests"] = package
    return [importlib.import_module(f"validators_tests.{path.stem}") for path in sorted((place / "tests").glob("test_*.py"))]


def payloads(modules: list[ModuleType]) -> list[dict]:
    """What the tests validate: they are called with a validator that takes notes."""
    noted: list[dict] = []

    def noting(payload: dict, *arguments, **options):
        noted.append(payload)
        return validator.validate(payload, *arguments, **options)

    for module in modules:
        module.validate = noting
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("test_"):
                continue
            marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
            cases = [[{mark.args[0]: value} for value in mark.args[1]] for mark in marks]
            for combination in itertools.product(*cases):
                function(**{key: value for case in combination for key, value in case.items()})
    return noted


def test_the_files_of_the_validators_own_tests_get_its_verdict(their_tests: list[ModuleType], tmp_path: Path) -> None:
    noted = payloads(their_tests)
    assert len(noted) > 70
    paths = []
    for number, payload in enumerate(noted):
        # One test passes an object of Python that no file can hold; a number is as little a string.
        plain = json.loads(json.dumps(payload, default=lambda value: 1)) if "external.md" in repr(payload) else payload
        paths.append(tmp_path / f"{number}.yml")
        paths[-1].write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
    assert differences(paths) == []


def test_a_file_is_described_to_people(tmp_path: Path) -> None:
    path = tmp_path / "worker.yml"
    path.write_text("slug: a b\ndisplay_name: A\ntype: reader\ndescription: D\nconfiguration:\n- {key: size, display_name: Size, type: int, default: x}\n")
    done = subprocess.run([BINARY, "check-worker", path], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stdout.rstrip("\n").split("\n")] == ["slug", "configuration.size"]
    missing = subprocess.run([BINARY, "check-worker", tmp_path / "none"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert missing.returncode == 1 and "cannot be read" in missing.stderr
