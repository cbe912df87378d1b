"""Writes a picture of every page, wide and narrow, light and dark, into the folder that is named."""

from pathlib import Path

from archive import Archive
from places import places
from reading import Reader
from workplaces import workplaces
from workshop import Workshop

WIDTHS = (1280, 360)


def test_screenshots(reader: Reader, archive: Archive, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    every = {"login": "/login", **places(archive), **workplaces(Workshop.make(archive))}
    for name, place in every.items():
        for scheme in ("light", "dark"):
            reader.browser.execute_cdp_cmd(
                "Emulation.setEmulatedMedia",
                {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
            )
            for width in WIDTHS:
                reader.browser.set_window_size(width, 900)
                reader.open(place)
                reader.browser.save_screenshot(str(into / f"{name}-{width}-{scheme}.png"))

