"""Opens the image of each element in the ways that worker programs do, and publishes the sizes that it saw."""

from arkindex_worker.models import Element
from arkindex_worker.worker import ElementsWorker


class Viewer(ElementsWorker):
    def process_element(self, element: Element) -> None:
        seen = [
            element.open_image(),
            element.open_image(max_width=100),
            element.open_image(max_height=50),
            element.open_image(max_width=60, max_height=60),
            element.open_image(use_full_image=True),
            element.open_image(use_full_image=True, max_width=80),
        ]
        with element.open_image_tempfile(extension="png") as file:
            file.seek(0)
            assert file.read(4) == b"\x89PNG"
        sizes = " ".join(f"{image.width}x{image.height}" for image in seen)
        self.create_transcription(element, text=sizes, confidence=1.0)


if __name__ == "__main__":
    Viewer().run()
