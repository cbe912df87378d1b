"""Serves the demo's scans as an IIIF server would: as much of the Image API as workers ask for."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from PIL import Image


@contextmanager
def serving_images(folder: Path) -> Iterator[str]:
    """The address, on this machine alone, below which the folder's pictures are by their names."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            try:
                body = crop(folder, self.path)
            except (OSError, ValueError):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def crop(folder: Path, path: str) -> bytes:
    """What `/NAME/REGION/full/0/default.jpg` stands for; the region is `full` or `x,y,width,height`."""
    name, region, *rest = (unquote(part) for part in path.strip("/").split("/"))
    if rest != ["full", "0", "default.jpg"] or Path(name).name != name:
        raise ValueError(path)
    with Image.open(folder / name) as image:
        picture = image.convert("RGB")
    if region != "full":
        left, top, width, height = (int(number) for number in region.split(","))
        picture = picture.crop((left, top, left + width, top + height))
    body = io.BytesIO()
    picture.save(body, format="JPEG", quality=95)
    return body.getvalue()


def address(server: str, file: Path) -> str:
    return f"{server}/{quote(file.name)}"
