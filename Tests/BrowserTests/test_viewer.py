"""The image of an element: looked into with a script, seen without one, and its zones on it."""

import pytest
from archive import LINE, Archive
from elsewhere import pictures_elsewhere
from reading import Reader
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def zoom(reader: Reader) -> float:
    """How wide the zone is on the screen, which grows as one looks closer."""
    return reader.find("//figure//*[name()='polygon']").rect["width"]


def test_the_scan_opens_in_tiles_with_its_zones(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.page['id']}")
    tile = reader.find("//figure[contains(@class, 'open')]//img[contains(@class, 'leaflet-tile-loaded')]")
    # By its capability, at the scale that fits the screen, not at its full size.
    assert "~" in tile.get_attribute("src") and "/0,0,2048,2048/512,512/0/default.jpg" in tile.get_attribute("src")
    # The zone lies on the image where the line stands.
    box = reader.find("//div[@class[contains(., 'stage')]]").rect
    zone = reader.find("//figure//*[name()='polygon']").rect
    (left, top), (right, _) = LINE[0], LINE[1]
    scale = zone["width"] / (right - left)
    image_left = zone["x"] - left * scale
    assert abs(image_left + 2480 / 2 * scale - (box["x"] + box["width"] / 2)) < 8
    assert abs(zone["y"] - top * scale + 3505 / 2 * scale - (box["y"] + box["height"] / 2)) < 8


def test_one_looks_closer_and_moves_by_keyboard(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.page['id']}")
    stage = reader.find("//figure[contains(@class, 'open')]//div[contains(@class, 'stage')]")
    before = zoom(reader)
    stage.send_keys("+")
    assert zoom(reader) > before
    stage.send_keys("0")
    assert abs(zoom(reader) - before) < 1
    reader.find("//a[@title='Zoom in']").send_keys(Keys.ENTER)
    assert zoom(reader) > before
    here = reader.browser.current_url
    # Arrows move the image and do not turn pages.
    stage.send_keys(Keys.ARROW_RIGHT)
    assert reader.browser.current_url == here
    # Zones are in the order of the tabulator, and lead to their elements.
    link = reader.find("//figure//*[name()='svg']//*[name()='a']")
    reader.browser.execute_script("arguments[0].focus()", link)
    link.send_keys(Keys.ENTER)
    reader.wait_for_heading(archive.line["name"])


def test_a_zone_and_what_is_said_of_it_light_up_together(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.page['id']}")
    reader.find("//figure[contains(@class, 'open')]")
    parts = reader.browser.find_elements(By.CSS_SELECTOR, f"[data-element='{archive.line['id']}']")
    # On the image, among the results, and in the list of what is here.
    assert len(parts) == 3
    for path in ("//figure//*[name()='svg']//*[name()='a']", "//ol[contains(@class, 'readings')]//a", "//ul[contains(@class, 'cards')]//a"):
        reader.browser.execute_script("arguments[0].focus()", reader.find(path))
        assert all("lit" in part.get_attribute("class") for part in parts), path
        reader.browser.execute_script("arguments[0].blur()", reader.find(path))
        assert not any("lit" in part.get_attribute("class").split() for part in parts), path


def test_an_image_from_elsewhere_opens_too(reader: Reader, archive: Archive) -> None:
    api, corpus = archive.scenario.api, archive.scenario.corpus
    with pictures_elsewhere() as address:
        image = api.request("CreateIIIFURL", body={"url": f"{address}/iiif/{corpus['id']}", "width": 1000, "height": 1400})
        page = api.request("CreateElement", body={"corpus": corpus["id"], "type": "page", "name": "Lent", "image": image["id"]})
        try:
            reader.open(f"/elements/{page['id']}")
            shown = reader.find("//figure[contains(@class, 'open')]//img[contains(@class, 'leaflet-image-layer')]")
            assert shown.get_attribute("src").startswith(address)
            reader.wait(lambda: shown.get_property("naturalWidth") > 0)
            assert reader.violations() == []
        finally:
            api.request("DestroyElement", id=page["id"])


def test_without_a_script_the_image_and_its_zones_are_there(reader: Reader, archive: Archive) -> None:
    with reader.without_scripts():
        reader.open(f"/elements/{archive.page['id']}")
        image = reader.find("//figure//img")
        reader.wait(lambda: image.get_property("naturalWidth") > 0)
        # The image is as wide as its frame, so the zones lie where they should.
        assert abs(image.rect["width"] - reader.find("//figure//*[name()='svg']").rect["width"]) < 3
        link = reader.find("//figure//*[name()='svg']//*[name()='a']")
        link.send_keys(Keys.ENTER)
        reader.wait_for_heading(archive.line["name"])


def places_on_picture(reader: Reader, picture: str) -> tuple[float, float, float, float]:
    """Where the first zone that leads somewhere lies on the picture: left, top, right, bottom, as parts of it."""
    box = reader.find(picture).rect
    zone = reader.find("//figure//*[name()='a']/*[name()='polygon']").rect
    left, top = (zone["x"] - box["x"]) / box["width"], (zone["y"] - box["y"]) / box["height"]
    return left, top, left + zone["width"] / box["width"], top + zone["height"] / box["height"]


def place_of_line(turn: int, mirrored: bool) -> tuple[float, float, float, float]:
    """Where it has to lie: mirrored first, then turned clockwise."""
    (left, top), (right, bottom) = LINE[0], LINE[2]
    corners = [(x / 2480, y / 3505) for x, y in ((left, top), (right, bottom))]
    for place, (x, y) in enumerate(corners):
        x = 1 - x if mirrored else x
        corners[place] = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[turn]
    (x1, y1), (x2, y2) = corners
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


@pytest.mark.parametrize(("turn", "mirrored"), [(90, False), (180, True), (270, True)])
def test_zones_lie_right_on_a_page_that_is_turned(reader: Reader, archive: Archive, turn: int, mirrored: bool) -> None:
    api, corpus = archive.scenario.api, archive.scenario.corpus["id"]
    image = api.request("RetrieveElement", id=archive.page["id"])["zone"]["image"]["id"]
    body = {"corpus": corpus, "type": "page", "name": "Turned", "image": image, "rotation_angle": turn, "mirrored": mirrored}
    page = api.request("CreateElement", body=body)["id"]
    line = {"corpus": corpus, "type": "text_line", "name": "1", "image": image, "polygon": LINE, "parent": page}
    api.request("CreateElement", body=line)
    expected = place_of_line(turn, mirrored)
    with reader.without_scripts():
        reader.open(f"/elements/{page}")
        picture = reader.find("//figure//img")
        assert f"/{'!' if mirrored else ''}{turn}/default.jpg" in picture.get_attribute("src")
        assert places_on_picture(reader, "//figure//img") == pytest.approx(expected, abs=0.01)
    reader.open(f"/elements/{page}")
    reader.find("//figure[contains(@class, 'open')]//img[contains(@class, 'leaflet-tile-loaded')]")
    assert places_on_picture(reader, "//figure//*[name()='svg'][@class[contains(., 'leaflet-image-layer')]]") == pytest.approx(expected, abs=0.01)
    assert reader.violations() == []
    api.request("DestroyElement", id=page)


def test_a_line_is_seen_on_its_page_with_its_own_outline(reader: Reader, archive: Archive) -> None:
    with reader.without_scripts():
        reader.open(f"/elements/{archive.line['id']}")
        picture = reader.find("//figure//img").rect
        outline = reader.find("//figure//*[name()='polygon'][@class='own']").rect
    assert picture["x"] <= outline["x"] and outline["y"] - picture["y"] == pytest.approx(
        picture["y"] + picture["height"] - outline["y"] - outline["height"], abs=2
    )
    assert outline["height"] < picture["height"] / 2
    reader.open(f"/elements/{archive.line['id']}")
    reader.find("//figure[contains(@class, 'open')]//*[name()='polygon'][@class='own']")
    reader.open(f"/elements/{archive.page['id']}")
    assert not reader.browser.find_elements(By.CSS_SELECTOR, "figure .own")


def test_without_a_filter_s_part_the_zones_follow(reader: Reader, archive: Archive) -> None:
    reader.open(f"/elements/{archive.page['id']}?name=no+zone+is+called+this")
    assert not reader.browser.find_elements("css selector", ".picture [data-element]")
    reader.find("//a[@aria-label='Without Name']").click()
    reader.find(f"//figure//*[name()='a'][@data-element='{archive.line['id']}']")
