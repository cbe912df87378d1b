"""The worker library's own tests, run against the document that we serve.

They mock every answer, so they say nothing of behaviour; they pin operations, methods, paths, parameters, pagination
and bodies. The few that fail are named in `expected_failures.txt`, with the reason.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as XML
import zipfile
from pathlib import Path

import pytest

from scenario import HERE
from serving import ROOT, Server

RELEASE = "arkindex-base-worker==0.6.0"
NEED_UNSHIPPED_SAMPLES = ("tests/test_image.py", "tests/test_utils.py")


@pytest.fixture(scope="session")
def suite() -> Path:
    """The tests from the published wheel, fetched once into the virtual environment, which is not kept."""
    place = ROOT / ".venv/suite" / RELEASE
    if not (place / "tests").exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            + ["--dest", str(place), RELEASE],
            check=True,
        )
        (wheel,) = place.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(
                place,
                [name for name in archive.namelist() if name.startswith("tests/")],
            )
    return place


def test_the_published_suite_passes_against_our_document(
    server: Server, suite: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.xml"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-p", "no:cacheprovider"]
        + ["-q", "--tb=short", "--color=no", f"--junit-xml={report}", "-c", os.devnull]
        + ["--rootdir", str(suite)]
        + [f"--ignore={path}" for path in NEED_UNSHIPPED_SAMPLES],
        cwd=suite,
        env={
            **os.environ,
            "HOME": str(tmp_path),
            "ARKINDEX_API_SCHEMA_URL": f"{server.url}/api/v1/openapi/?format=json",
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    failed, passed = outcomes(report)
    expected = expected_failures()
    verdict = "the failures listed" if failed == expected else "NOT the failures listed"
    with capfd.disabled():
        closing_line = run.stdout.splitlines()[-1]
        print(f"\n{RELEASE}, its own tests: {closing_line}, {verdict}")

    unexpected = "\n".join(sorted(failed - expected))
    surprising = "\n".join(sorted(expected & passed))
    assert passed, run.stdout + run.stderr
    assert not unexpected, f"failed:\n{unexpected}\n\n{run.stdout[-20_000:]}"
    assert not surprising, f"passed, though listed as failing:\n{surprising}"
    assert expected <= failed, f"not run: {sorted(expected - failed)}"


def outcomes(report: Path) -> tuple[set[str], set[str]]:
    """Names of the tests that failed and of those that passed."""
    failed: set[str] = set()
    passed: set[str] = set()
    for case in XML.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        bad = case.find("failure") is not None or case.find("error") is not None
        (failed if bad else passed).add(name)
    return failed, passed


def expected_failures() -> set[str]:
    lines = (HERE / "expected_failures.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}
