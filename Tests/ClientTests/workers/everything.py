"""Makes one of everything on each page, and reads it all back: each call that a worker can make while it works."""

from arkindex_worker.models import Element, Transcription
from arkindex_worker.worker import ElementsWorker, MetaType
from arkindex_worker.worker.transcription import TextOrientation

TEXT = "Ego Johannes notarius"


class Everything(ElementsWorker):
    def process_element(self, page: Element) -> None:
        zone = self.make_elements(page)
        transcription = self.make_transcriptions(page, zone)
        self.make_entities(transcription)
        self.make_classifications(page)
        self.make_metadata(page)
        self.create_embedding(page, [0.25, -1.0, 0.5])

    def make_elements(self, page: Element) -> Element:
        self.check_required_types(["text_zone", "text_line"])
        self.check_required_types(["stamp"], create_missing=True)
        zone = self.create_sub_element(
            page,
            type="text_zone",
            name="Left column",
            polygon=rectangle(10, 10, 400, 1000),
            confidence=0.9,
            slim_output=False,
        )
        zone = Element(**self.retrieve_element(element_id=zone["id"]))
        lines = self.create_elements(
            page,
            [
                {
                    "type": "text_line",
                    "name": "1",
                    "polygon": rectangle(20, 20, 380, 60),
                },
                {
                    "type": "text_line",
                    "name": "2",
                    "polygon": rectangle(20, 70, 380, 110),
                    "confidence": 0.5,
                },
            ],
        )
        stamp = self.create_sub_element(page, type="stamp", name="Seal")

        self.create_element_children(
            parent=zone, children=[Element(**line) for line in lines]
        )
        self.create_element_parent(parent=zone, child=Element(id=stamp))
        self.partial_update_element(zone, name="Column")

        children = self.list_element_children(page, worker_run=self.worker_run_id)
        assert names(children) == {"Column", "1", "2", "Seal"}
        below = self.list_element_children(zone, recursive=True, with_zone=True)
        assert names(below) == {"1", "2", "Seal"}
        assert names(self.list_element_parents(zone)) == {page.name}
        return Element(**self.retrieve_element(element_id=zone.id))

    def make_transcriptions(self, page: Element, zone: Element) -> Transcription:
        transcription = self.create_transcription(page, text=TEXT, confidence=0.8)
        self.create_transcriptions(
            [
                {"element_id": zone.id, "text": "first reading", "confidence": 0.7},
                {
                    "element_id": zone.id,
                    "text": "second reading",
                    "confidence": 0.6,
                    "orientation": TextOrientation.VerticalLeftToRight,
                },
            ]
        )
        band = {
            "polygon": rectangle(20, 200, 380, 240),
            "text": "a line",
            "confidence": 0.5,
        }
        (made,) = self.create_element_transcriptions(
            zone, sub_element_type="text_line", transcriptions=[band]
        )
        (found,) = self.create_element_transcriptions(
            zone,
            sub_element_type="text_line",
            transcriptions=[{**band, "text": "the same line"}],
        )
        assert made["created"] and not found["created"]
        assert made["element_id"] == found["element_id"]

        texts = [
            item["text"]
            for item in self.list_transcriptions(
                page, recursive=True, worker_run=self.worker_run_id
            )
        ]
        assert sorted(texts) == sorted(
            [TEXT, "first reading", "second reading", "a line", "the same line"]
        )
        return Transcription(**transcription)

    def make_entities(self, transcription: Transcription) -> None:
        self.check_required_entity_types(["person", "office"])
        person, office = self.entity_types["person"], self.entity_types["office"]
        self.create_transcription_entity(
            transcription, type_id=person, offset=4, length=8, confidence=0.9
        )
        self.create_transcription_entities(
            transcription,
            [
                {"type_id": office, "offset": 13, "length": 8, "confidence": 0.4},
                {"type_id": person, "offset": 0, "length": 3},
            ],
        )
        entities = self.list_transcription_entities(
            transcription, worker_run=self.worker_run_id
        )
        marked = {(item["type"]["name"], item["offset"]) for item in entities}
        assert marked == {("person", 4), ("office", 13), ("person", 0)}

    def make_classifications(self, page: Element) -> None:
        assert self.create_classification(page, ml_class="charter", confidence=0.9)
        self.create_classifications(
            page,
            [
                {"ml_class": "latin", "confidence": 0.8, "high_confidence": True},
                {"ml_class": "damaged", "confidence": 0.1},
            ],
        )
        assert self.create_classification(page, "charter", confidence=0.2) is None

    def make_metadata(self, page: Element) -> None:
        self.create_metadata(page, type=MetaType.Date, name="Date", value="1292-05-04")
        self.create_metadata_bulk(
            page,
            [
                {"type": MetaType.Text, "name": "Hand", "value": "B"},
                {"type": MetaType.Numeric, "name": "Lines", "value": 3},
            ],
        )
        metadata = {item["name"]: item for item in self.list_element_metadata(page)}
        assert set(metadata) >= {"Date", "Hand", "Lines"}
        assert metadata["Hand"]["type"] == "text"


def names(elements: list[dict]) -> set[str]:
    return {element["name"] for element in elements}


def rectangle(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]


if __name__ == "__main__":
    Everything().run()
