"""The demo's worker: an ordinary program on arkindex-base-worker that reads pages with Tesseract.

The server starts it for each task. It publishes text lines with their transcriptions, the language of the text, and
figures on the whole page.
"""

import tesseract
from arkindex_worker import logger
from arkindex_worker.image import polygon_bounding_box, revert_orientation
from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker, MetaType
from PIL.Image import Image
from py3langid.langid import MODEL_FILE, LanguageIdentifier


class TesseractReader(ElementsWorker):
    def configure(self) -> None:
        super().configure()
        self.program = tesseract.version()
        self.languages = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def process_element(self, page: Element) -> None:
        image = page.open_image()
        lines = tesseract.read(
            image,
            language=self.config["language"],
            segmentation=self.config["page_segmentation"],
        )
        lines = [
            line
            for line in lines
            if line.confidence >= self.config["minimum_confidence"]
        ]
        logger.info(f"{page.name}: {len(lines)} lines")
        if lines:
            self.publish_lines(page, image, lines)
            self.publish_language(page, lines)
        self.publish_figures(page, lines)

    def publish_lines(
        self, page: Element, image: Image, lines: list[tesseract.Line]
    ) -> None:
        scale = scale_of(page, image)
        self.create_element_transcriptions(
            page,
            sub_element_type="text_line",
            transcriptions=[
                {
                    "polygon": revert_orientation(
                        page, [[x * scale, y * scale] for x, y in line.polygon]
                    ),
                    "text": line.text,
                    "confidence": round(line.confidence, 3),
                }
                for line in lines
            ],
        )

    def publish_language(self, page: Element, lines: list[tesseract.Line]) -> None:
        """The language that the text seems to be in, whichever one it was read as."""
        code, confidence = self.languages.classify(
            "\n".join(line.text for line in lines)
        )
        self.create_classification(
            page, ml_class=code, confidence=min(round(float(confidence), 3), 1.0)
        )

    def publish_figures(self, page: Element, lines: list[tesseract.Line]) -> None:
        figures = [
            (MetaType.Text, "Recognised by", self.program),
            (MetaType.Numeric, "Lines", len(lines)),
            (MetaType.Numeric, "Words", sum(len(line.words) for line in lines)),
        ]
        self.create_metadata_bulk(
            page,
            [
                {"type": kind, "name": name, "value": value}
                for kind, name, value in figures
            ],
        )


def scale_of(page: Element, image: Image) -> float:
    """How many of the page's pixels one of the picture's stands for: servers may send a smaller one than was asked for."""
    box = polygon_bounding_box(page.polygon)
    return max(box.width, box.height) / max(image.size)


if __name__ == "__main__":
    TesseractReader(description="Tesseract").run()
