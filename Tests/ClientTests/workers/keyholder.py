"""Writes the digest of its password onto each page: what it was given must not stand anywhere in clear."""

import hashlib
import json

from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker


class Keyholder(ElementsWorker):
    def process_element(self, page: Element) -> None:
        password = self.config["password"]
        # The library takes a secret apart whose name says that it is JSON.
        text = password if isinstance(password, str) else json.dumps(password, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.create_transcription(page, text=digest, confidence=1.0)


if __name__ == "__main__":
    Keyholder().run()
