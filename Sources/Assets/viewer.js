// An element's image to look into: zoom, move, and its zones on it. Without this there is the plain image with the same zones.
(() => {
  const figure = document.querySelector("figure[data-image]");
  const frame = figure?.querySelector(".frame");
  const zones = frame?.querySelector("svg");

  // A zone and what is said of it light up together, whichever is pointed at or has the focus.
  const light = on => event => {
    const id = event.target.closest?.("[data-element]")?.dataset.element;
    for (const part of id ? document.querySelectorAll(`[data-element="${id}"]`) : []) part.classList.toggle("lit", on);
  };
  for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(begin, light(true));
    document.addEventListener(end, light(false));
  }
  if (!frame || !window.L) return;

  const { image, width, height, box, turn } = figure.dataset;
  const degrees = Number(turn.replace("!", ""));
  // Tiles are upright: what is askew stays the plain image.
  if (degrees % 90) return;
  // From an image as it is to one that is turned, where everything is placed.
  const matrix = zones.querySelector("g").transform.baseVal.consolidate()?.matrix ?? zones.createSVGMatrix();
  const turned = ([x, y], by = matrix) => [by.a * x + by.c * y + by.e, by.b * x + by.d * y + by.f];
  const [left, top, wide, high] = box.split(" ").map(Number);
  const corners = (x, y, w, h) => L.latLngBounds([-y, x], [-(y + h), x + w]);
  const whole = corners(0, 0, Number(width), Number(height));

  // An image of this server comes in the tiles that its info.json names, shown at half their size, so that they are sharp at every zoom; one
  // from elsewhere comes whole, in a size that every screen can hold.
  const Tiles = L.GridLayer.extend({
    createTile(at, done) {
      const { side, address, width, height } = this.options;
      const scale = 2 ** (-at.z - 1);
      const [x, y] = [at.x * side * scale, at.y * side * scale];
      const [w, h] = [Math.min(side * scale, width - x), Math.min(side * scale, height - y)];
      const [w2, h2] = [Math.ceil(w / scale), Math.ceil(h / scale)];
      const [[x3, y3], [x4, y4]] = [[x, y], [x + w, y + h]].map(corner => turned(corner, matrix.inverse()));
      const region = [Math.min(x3, x4), Math.min(y3, y4), Math.abs(x4 - x3), Math.abs(y4 - y3)].map(Math.round);
      const size = degrees % 180 ? [h2, w2] : [w2, h2];
      const tile = document.createElement("img");
      tile.alt = "";
      tile.onload = () => done(null, tile);
      tile.onerror = () => done(new Error("A part of the image did not come."), tile);
      tile.src = `${address}/${region}/${size}/${turn}/default.jpg`;
      // Leaflet gives every tile the whole side; those at the edges are smaller.
      queueMicrotask(() => {
        tile.style.width = `${w2 / 2}px`;
        tile.style.height = `${h2 / 2}px`;
      });
      return tile;
    },
  });
  const picture = async () => {
    if (new URL(image).origin !== location.origin) return L.imageOverlay(`${image}/full/!3000,3000/${turn}/default.jpg`, whole);
    const answer = await fetch(`${image}/info.json`);
    if (!answer.ok) throw new Error(`The image's description is ${answer.status}.`);
    const { tiles: [{ width: side, scaleFactors }] } = await answer.json();
    return new Tiles({
      side, width: Number(width), height: Number(height), address: image, tileSize: side / 2, bounds: whole, noWrap: true,
      minNativeZoom: -Math.log2(Math.max(...scaleFactors)) - 1, maxNativeZoom: -1, minZoom: -12, maxZoom: 4,
    });
  };

  const open = layer => {
    const stage = document.createElement("div");
    stage.className = "stage";
    frame.before(stage);
    const map = L.map(stage, {
      crs: L.CRS.Simple, attributionControl: false, zoomControl: false, minZoom: -12, maxZoom: 4, zoomSnap: 0.25, zoomDelta: 0.5,
      maxBounds: whole.pad(0.5), fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false,
    });
    L.control.zoom({ zoomInTitle: figure.dataset.zoomIn, zoomOutTitle: figure.dataset.zoomOut }).addTo(map);
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", figure.dataset.hint);
    const fit = () => map.fitBounds(corners(left, top, wide, high), { animate: false });
    fit();
    layer.addTo(map);
    L.svgOverlay(zones, corners(left, top, wide, high)).addTo(map);
    frame.remove();

    // Drawing the image along is not following a zone's link.
    let moved = false;
    stage.addEventListener("pointerdown", () => { moved = false; }, true);
    map.on("drag", () => { moved = true; });
    stage.addEventListener("click", event => { if (moved) event.preventDefault(); }, true);
    stage.addEventListener("keydown", event => { if (event.key === "0") fit(); });
    // The zone that has the focus comes into view.
    stage.addEventListener("focusin", event => {
      const points = event.target.querySelector?.("polygon")?.points;
      if (!points?.numberOfItems || !event.target.matches(":focus-visible")) return;
      const seen = map.getBounds();
      const zone = L.latLngBounds(Array.from(points, point => turned([point.x, point.y])).map(([x, y]) => [-y, x]));
      if (!seen.contains(zone)) map.panTo(zone.getCenter(), { animate: false });
      stage.scrollTop = stage.scrollLeft = 0;
    });
    figure.classList.add("open");
  };
  // If it fails, the plain image stays.
  picture().then(open).catch(error => console.warn(error.message));
})();
