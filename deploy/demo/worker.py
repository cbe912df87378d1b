"""A worker for the demo: an ordinary program on arkindex-base-worker, started by the server for each task.

It recognises nothing. It writes a few words onto evenly spaced lines, always the same ones on the same page, and
publishes them just as a real recogniser would.
"""

import random

from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker, MetaType

WORDS = {
    "latin": "anno domini presentes litteras inspecturis salutem noverint universi quod actum datum sigillum".split(),
    "french": "sachent tous presens et advenir que par devant nous furent l'an de grace donne soubz seel".split(),
}


class DemoReader(ElementsWorker):
    def process_element(self, page: Element) -> None:
        language = self.config["language"]
        self.create_element_transcriptions(
            page, sub_element_type="text_line", transcriptions=self.read(page, language)
        )
        self.create_classification(page, ml_class=language, confidence=0.9)
        self.create_metadata(
            page,
            type=MetaType.Numeric,
            name="Lines",
            value=str(self.config["lines"]),
        )

    def read(self, page: Element, language: str) -> list[dict]:
        """Lines of the page: equal bands of its zone, each with a text and a confidence."""
        chance = random.Random(f"{page.name} {language}")
        left, top, right, bottom = bounds(page.polygon)
        count = self.config["lines"]
        height = (bottom - top) // count
        return [
            {
                "polygon": rectangle(
                    left, top + height * line, right, top + height * (line + 1)
                ),
                "text": self.config["prefix"]
                + " ".join(chance.sample(WORDS[language], 4)),
                "confidence": round(chance.uniform(0.7, 1), 2),
            }
            for line in range(count)
        ]


def bounds(polygon: list[list[int]]) -> tuple[int, int, int, int]:
    across, down = [x for x, _ in polygon], [y for _, y in polygon]
    return min(across), min(down), max(across), max(down)


def rectangle(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]


if __name__ == "__main__":
    DemoReader(description="Demo reader").run()
