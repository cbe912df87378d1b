"""Reads each element into one transcription, as fast as it can. With HOLD_AT, stands still before that many have been read."""

import os
import signal

from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker


class Holder(ElementsWorker):
    read = 0

    def process_element(self, element: Element) -> None:
        self.read += 1
        if self.read == int(os.environ.get("HOLD_AT", 0)):
            print("holding", flush=True)
            signal.pause()
        self.create_transcription(element, text=element.name, confidence=0.5)


if __name__ == "__main__":
    Holder().run()
