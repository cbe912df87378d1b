"""Learns the words of a dataset's training set from its export, and publishes them as a version of the process's model."""

import json
import random
from collections import Counter

from arkindex_export import DatasetElement, Transcription, database, open_database
from arkindex_worker.models import DatasetSet
from arkindex_worker.worker import DatasetWorker
from arkindex_worker.worker.training import TrainingMixin
from tenacity import wait_fixed

# The library waits a minute for an export that is not done. Small ones are done in a moment.
DatasetWorker.check_export_status.retry.wait = wait_fixed(0.1)


class Trainer(DatasetWorker, TrainingMixin):
    def process_set(self, dataset_set: DatasetSet) -> None:
        open_database(dataset_set.dataset.downloaded_export)
        rows = (
            Transcription.select()
            .join(DatasetElement, on=(DatasetElement.element_id == Transcription.element_id))
            .where(DatasetElement.set_name == dataset_set.name)
        )
        words = Counter(word for row in rows for word in row.text.split())
        database.close()
        listed = sorted(
            element.name for element in self.list_set_elements(dataset_set)
        )
        learnt = {"elements": listed, "words": dict(sorted(words.items()))}
        report = self.work_dir / f"{dataset_set.name}.json"
        report.write_text(json.dumps(learnt))
        self.upload_artifact(report)
        if dataset_set.name == "train":
            self.publish(learnt)

    def publish(self, learnt: dict) -> None:
        folder = self.work_dir / "model"
        folder.mkdir()
        (folder / "words.json").write_text(json.dumps(learnt))
        # More than a part of the library's, and nothing that can be compressed.
        (folder / "weights.bin").write_bytes(incompressible(6 << 20))
        self.publish_model_version(
            model_path=folder,
            model_id=self.process_information["model_id"],
            tag="best",
            description="Learnt by counting",
            configuration={"words": len(learnt["words"])},
        )


def incompressible(size: int) -> bytes:
    return random.Random(1).randbytes(size)


if __name__ == "__main__":
    Trainer().run()
