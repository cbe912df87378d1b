"""Reads each page into one transcription. A torn page cannot be read."""

from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker


class Reader(ElementsWorker):
    def process_element(self, page: Element) -> None:
        if page.name.startswith("torn"):
            raise ValueError("this page is torn")
        self.create_transcription(
            page, text=f"{self.config['prefix']}{page.name}", confidence=0.5
        )


if __name__ == "__main__":
    Reader().run()
