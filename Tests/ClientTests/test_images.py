"""Images that the server keeps: uploaded over HTTP, opened by an unmodified worker, and closed to everybody else."""

import socket
import uuid
from io import BytesIO
from pathlib import Path

import pytest
import requests
from arkindex import ArkindexClient
from arkindex.exceptions import ErrorResponse
from PIL import Image, ImageDraw

from conftest import log_in, serve
from scenario import Scenario, Workshop
from serving import Server


def scan(width: int, height: int, kind: str, **options: object) -> bytes:
    """A page with something on it, as a file."""
    image = Image.effect_noise((width, height), 40).convert("RGB")
    ImageDraw.Draw(image).rectangle((20, 30, width // 2, height // 2), fill="navy")
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def upload(api: ArkindexClient, content: bytes) -> dict:
    image = api.request("CreateImage", body={"path": f"scans/{uuid.uuid4()}"})
    assert image["status"] == "unchecked"
    answer = requests.put(image["s3_put_url"], data=content, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"]
    return api.request(
        "PartialUpdateImage", id=image["id"], body={"status": "checked"}
    )


def page_on(scenario: Scenario, image: dict, **more: object) -> dict:
    return scenario.api.request(
        "CreateElement",
        body={
            "corpus": scenario.corpus["id"],
            "parent": scenario.folder["id"],
            "type": "page",
            "name": "1r",
            "image": image["id"],
            **more,
        },
    )


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {}),
    ],
)
def test_files_of_every_kind_are_taken(
    api: ArkindexClient, kind: str, options: dict
) -> None:
    image = upload(api, scan(400, 300, kind, **options))

    assert (image["status"], image["width"], image["height"]) == ("checked", 400, 300)
    shown = requests.get(f"{image['url']}/full/full/0/default.jpg", timeout=60)
    with Image.open(BytesIO(shown.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (400, 300))
        # The dark rectangle is where it was.
        assert picture.convert("L").getpixel((60, 60)) < 60
        assert picture.convert("L").getpixel((390, 290)) > 60


def test_a_photograph_is_shown_upright(api: ArkindexClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = upload(api, scan(400, 300, "JPEG", exif=exif))

    assert (image["width"], image["height"]) == (300, 400)
    for words in ("full/full/0/default.jpg", "full/150,/0/default.png"):
        shown = requests.get(f"{image['url']}/{words}", timeout=60)
        with Image.open(BytesIO(shown.content)) as picture:
            assert picture.width * 4 == picture.height * 3


def test_a_worker_opens_images_as_it_would_elsewhere(
    api: ArkindexClient, server: Server, workshop: Workshop
) -> None:
    scenario = Scenario.of_pages(api)
    image = upload(api, scan(400, 300, "JPEG"))
    polygon = [[100, 50], [300, 50], [300, 150], [100, 150]]
    page_on(scenario, image)
    part = page_on(scenario, image, polygon=polygon)
    process = scenario.start(scenario.make_worker())
    task = process.claim()

    worker = workshop.run(server.url, "viewer.py", task)

    assert worker.status == 0, worker.log
    assert "Ran on 2 elements: 2 completed, 0 failed" in worker.log
    whole = "400x300 100x75 67x50 60x45 400x300 80x60"
    cropped = "200x100 100x50 100x50 60x30 400x300 80x60"
    texts = {t["element"]["id"]: t["text"] for t in scenario.transcriptions()}
    assert texts.pop(part["id"]) == cropped
    assert list(texts.values()) == [whole]


def test_a_page_of_a_private_corpus_is_closed(
    api: ArkindexClient, server: Server
) -> None:
    scenario = Scenario.of_pages(api)
    image = upload(api, scan(80, 120, "JPEG"))
    page = page_on(scenario, image)
    words = "full/full/0/default.jpg"
    bare = f"{server.url}/iiif/2/{image['id']}/{words}"

    assert requests.get(bare, timeout=60).status_code == 401
    info = f"{server.url}/iiif/2/{image['id']}/info.json"
    assert requests.get(info, timeout=60).status_code == 401
    altered = f"{image['url'][:-1]}{'0' if image['url'][-1] != '0' else '1'}/{words}"
    assert requests.get(altered, timeout=60).status_code == 403

    assert requests.get(f"{image['url']}/{words}", timeout=60).status_code == 200
    element = api.request("RetrieveElement", id=page["id"])
    assert requests.get(element["zone"]["url"], timeout=60).status_code == 200
    thumbnail = requests.get(element["thumbnail_url"], timeout=60)
    with Image.open(BytesIO(thumbnail.content)) as picture:
        assert picture.height == 128

    session = requests.Session()
    session.post(
        f"{server.url}/api/v1/user/login/",
        json={"email": server.email, "password": server.password},
        timeout=60,
    )
    assert session.get(bare, timeout=60).status_code == 200


def test_a_viewer_gets_what_it_builds_on(api: ArkindexClient) -> None:
    image = upload(api, scan(1200, 900, "JPEG"))
    answer = requests.get(f"{image['url']}/info.json", timeout=60)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    info = answer.json()
    assert (info["width"], info["height"]) == (1200, 900)
    # As OpenSeadragon builds the address of the last tile.
    side = info["tiles"][0]["width"]
    left, top = 1200 // side * side, 900 // side * side
    region = f"{left},{top},{1200 - left},{900 - top}"
    tile = requests.get(
        f"{info['@id']}/{region}/{1200 - left},/0/default.jpg", timeout=60
    )
    with Image.open(BytesIO(tile.content)) as picture:
        assert picture.size == (1200 - left, 900 - top)


def test_what_breaks_off_is_not_taken(api: ArkindexClient, server: Server) -> None:
    image = api.request("CreateImage", body={"path": f"scans/{uuid.uuid4()}"})
    content = scan(400, 300, "PNG")
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        path = image["s3_put_url"].removeprefix(server.url)
        head = f"PUT {path} HTTP/1.1\r\nHost: {host}\r\n"
        head += f"Content-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content[: len(content) // 2])
    with pytest.raises(ErrorResponse) as refused:
        api.request("PartialUpdateImage", id=image["id"], body={"status": "checked"})
    assert refused.value.status_code == 400


def test_private_addresses_are_opened_where_the_operator_allows_it(
    api: ArkindexClient, workplace: Path
) -> None:
    url = upload(api, scan(120, 80, "JPEG"))["url"]
    with pytest.raises(ErrorResponse) as refused:
        api.request("CreateIIIFURL", body={"url": f"{url}/other"})
    assert refused.value.status_code == 400
    assert refused.value.content["errors"][0]["code"] == "address_not_allowed"
    # To another server this one is an IIIF server elsewhere.
    for server in serve(workplace, "trusting", "--allow-private-images"):
        image = log_in(server).request("CreateIIIFURL", body={"url": url})
        assert (image["width"], image["height"]) == (120, 80)
        assert (image["url"], image["status"]) == (url, "checked")
