"""The demo as a person runs it, with fewer pages; and how it makes lines of what Tesseract says."""

import re
import subprocess
import sys
from pathlib import Path

import tesseract
from serving import ROOT
from test_command_line import BINARY

DEMO = ROOT / "deploy/demo/demo.py"
# What a demo may take in continuous integration, whatever else the machine does.
BUDGET = 180

TABLE = """\
level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t450\t450\t-1\t
4\t1\t1\t1\t1\t0\t90\t80\t300\t20\t-1\t
5\t1\t1\t1\t1\t1\t90\t80\t50\t16\t96\tPortez
5\t1\t1\t1\t1\t2\t154\t85\t19\t11\t48\t"ce
4\t1\t1\t1\t2\t0\t90\t120\t300\t20\t-1\t
5\t1\t1\t1\t2\t1\t90\t120\t300\t20\t95\t \n\
5\t1\t1\t1\t3\t1\t91\t130\t88\t18\t0\tintérieure,
"""


def run_demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEMO, "--binary", BINARY, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=BUDGET,
    )


def test_the_demo_shows_which_run_read_what() -> None:
    done = run_demo("--pages", "3")

    assert done.returncode == 0, done.stdout + done.stderr
    english, french = re.findall(
        r"^\d\. Worker (Tesseract @ .+)\n   [0-9a-f-]{36}\n"
        r"   (\d+) elements · (\d+) transcriptions · 3 classifications · 9 metadata\n"
        r"(?:   0\.\d\d “.+”\n){3}",
        done.stdout,
        re.MULTILINE,
    )
    assert english[0] == "Tesseract @ 1"
    assert french[0] == "Tesseract @ 1 using configuration 'French, one block'"
    # Both read the lines of all pages; where they saw one in the same place, the second run used the element of the first.
    assert all(int(run[2]) > 20 for run in (english, french))
    assert int(english[1]) + int(french[1]) < int(english[2]) + int(french[2])
    # The pangram has accents, which only the one that expects French can read.
    side_by_side = done.stdout.partition("as each run reads it")[2]
    assert re.search(r"a coté .+ │ .*à côté", side_by_side), side_by_side


def test_the_demo_fails_without_its_scans(tmp_path: Path) -> None:
    done = run_demo("--scans", tmp_path)
    assert done.returncode == 1
    assert "Pangram.png" in done.stderr


def test_lines_are_made_of_words() -> None:
    first, last = tesseract.parse(TABLE)

    assert first.text == 'Portez "ce'
    assert last.text == "intérieure,"
    # By characters: six of 96 and three of 48.
    assert first.confidence == (6 * 96 + 3 * 48) / 9 / 100
    assert last.confidence == 0
    upper = [(90, 80), (140, 80), (154, 85), (173, 85)]
    lower = [(173, 96), (154, 96), (140, 96), (90, 96)]
    assert first.polygon == [*upper, *lower, (90, 80)]
