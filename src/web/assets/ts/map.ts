// Maps: `[data-map]` boxes become Leaflet maps on our own basemap, with clustered points, routes and a journey.
// Data comes from the address in `data-src`; the same things stand in a list beside the map, rendered by the server.
import * as L from "leaflet";
import { addBasemap, addPlaces } from "./map-base";
import { readMapData, type MapData } from "./map-data";
import { addLines } from "./map-lines";
import { addPoints } from "./map-points";

// From Panama to the Great Lakes: shown while nothing else says where to look.
const DEFAULT_BOUNDS: L.LatLngBoundsLiteral = [[7, -118], [42, -72]];

function boundsOf(data: MapData): L.LatLngBounds {
  if (data.bounds) {
    const [west, south, east, north] = data.bounds;
    return L.latLngBounds([south, west], [north, east]);
  }
  const bounds = L.latLngBounds([]);
  for (const point of data.points) bounds.extend([point.lat, point.lon]);
  for (const line of [...data.routes, ...(data.journey ? [data.journey] : [])]) {
    for (const [lon, lat] of line.line) bounds.extend([lat, lon]);
  }
  return bounds.isValid() ? bounds : L.latLngBounds(DEFAULT_BOUNDS);
}

async function start(box: HTMLElement): Promise<void> {
  box.dataset.mapReady = "";
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    preferCanvas: true,
    minZoom: 2,
    maxZoom: 14,
    worldCopyJump: true,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
    scrollWheelZoom: false, // the page scrolls; the wheel zooms once the map has the focus
    zoomControl: false,
  });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn ?? "+", zoomOutTitle: box.dataset.zoomOut ?? "-" }).addTo(map);
  L.control.scale({ imperial: box.dataset.imperial !== undefined }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution(box.dataset.credit ?? "Natural Earth");
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  map.fitBounds(DEFAULT_BOUNDS, { animate: false });

  void addBasemap(map, box.dataset);
  void addPlaces(map, box.dataset.places);

  const inline = box.dataset.inline ? document.getElementById(box.dataset.inline)?.textContent : null;
  let raw: unknown = null;
  if (inline) raw = JSON.parse(inline);
  else if (box.dataset.src) {
    const answer = await fetch(box.dataset.src, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return fail(box);
    raw = await answer.json();
  }
  const data = readMapData(raw);
  map.fitBounds(boundsOf(data), { padding: [28, 28], maxZoom: 8, animate: false });
  addLines(map, data);
  addPoints(map, data.points, box.dataset);
  box.dataset.mapLoaded = String(data.points.length);
}

/** Says in the box that the data did not come; the list beside the map still holds everything. */
function fail(box: HTMLElement): void {
  const note = document.createElement("p");
  note.className = "ra-map__fail";
  note.setAttribute("role", "status");
  note.textContent = box.dataset.failed ?? "";
  box.append(note);
}

function startAll(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-map]:not([data-map-ready])")) {
    start(box).catch(() => fail(box));
  }
}

startAll();
document.addEventListener("htmx:after:swap", startAll);
