"""Reads a picture with Tesseract, a program of its own, and makes lines of what it says."""

import io
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from PIL import Image

Point = tuple[int, int]

# Tesseract's numbers for how it takes a page apart.
PAGE_SEGMENTATION = {
    "automatic": 3,
    "one column": 4,
    "one block": 6,
    "sparse": 11,
}


@dataclass(frozen=True)
class Word:
    text: str
    # Of 100, as Tesseract has it.
    confidence: float
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Line:
    """Words beside one another, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Of 1: the mean over all characters."""
        characters = sum(len(word.text) for word in self.words)
        total = sum(len(word.text) * word.confidence for word in self.words)
        return min(max(total / characters / 100, 0.0), 1.0)

    @property
    def polygon(self) -> list[Point]:
        """Around the words: along their upper edges, and back along their lower ones, closed."""
        upper = [
            point
            for word in self.words
            for point in ((word.left, word.top), (word.right, word.top))
        ]
        lower = [
            point
            for word in reversed(self.words)
            for point in ((word.right, word.bottom), (word.left, word.bottom))
        ]
        return [*upper, *lower, upper[0]]


def read(image: Image.Image, *, language: str, segmentation: str) -> list[Line]:
    """The lines of a picture, in the order in which they are read."""
    picture = io.BytesIO()
    image.save(picture, format="PNG")
    result = subprocess.run(
        [
            *("tesseract", "stdin", "stdout", "-l", language),
            *("--psm", str(PAGE_SEGMENTATION[segmentation]), "tsv"),
        ],
        input=picture.getvalue(),
        stdout=subprocess.PIPE,
        # One task, one processor: several run at once.
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        check=True,
    )
    return parse(result.stdout.decode())


def parse(table: str) -> list[Line]:
    """Tesseract's table has a row for each page, block, paragraph, line and word; the words, of level 5, have it all."""
    rows = [row.split("\t") for row in table.splitlines()[1:]]
    words = (row for row in rows if row[0] == "5" and row[11].strip())
    return [
        Line(tuple(make_words(line)))
        for _, line in groupby(words, key=lambda row: row[1:5])
    ]


def make_words(rows: Iterable[list[str]]) -> Iterable[Word]:
    for row in rows:
        left, top, width, height = (int(value) for value in row[6:10])
        yield Word(
            row[11].strip(), float(row[10]), left, top, left + width, top + height
        )


def version() -> str:
    """What the program calls itself, `tesseract 5.3.0`."""
    result = subprocess.run(
        ["tesseract", "--version"], capture_output=True, text=True, check=True
    )
    return (result.stdout or result.stderr).splitlines()[0]
