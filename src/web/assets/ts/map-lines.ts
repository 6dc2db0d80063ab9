// Routes and a person's journey: certainty is a dash pattern, the stops of a journey are numbered.
import * as L from "leaflet";
import type { Certainty, MapData, MapLine } from "./map-data";

const DASH: Record<Certainty, string | undefined> = { confirmed: undefined, reported: "10 7", estimated: "2 7" };

const at = (line: MapLine): L.LatLngTuple[] => line.line.map(([lon, lat]) => [lat, lon]);

function stroke(line: MapLine, colour: string, weight: number): L.PolylineOptions {
  const dashArray = DASH[line.certainty];
  return { color: colour, weight, opacity: 0.95, pane: "lines", interactive: line.name !== "", ...(dashArray ? { dashArray } : {}) };
}

/** A short arrow head in the middle of each leg, so that the direction can be seen. */
function arrows(map: L.Map, line: L.LatLngTuple[], group: L.LayerGroup): void {
  group.clearLayers();
  for (let leg = 1; leg < line.length; leg += 1) {
    const from = map.latLngToLayerPoint(line[leg - 1]!);
    const to = map.latLngToLayerPoint(line[leg]!);
    const length = from.distanceTo(to);
    if (length < 46) continue;
    const middle = from.add(to).divideBy(2);
    const along = to.subtract(from).divideBy(length);
    const side = L.point(-along.y, along.x);
    const tip = middle.add(along.multiplyBy(6));
    const back = middle.subtract(along.multiplyBy(5));
    const corners = [back.add(side.multiplyBy(5)), tip, back.subtract(side.multiplyBy(5))].map((p) => map.layerPointToLatLng(p));
    L.polyline(corners, { color: "#5b2c83", weight: 3, pane: "lines", interactive: false }).addTo(group);
  }
}

/** Draws the routes under the journey, both above the land and under the points. */
export function addLines(map: L.Map, data: MapData): void {
  map.createPane("lines").style.zIndex = "410";
  for (const route of data.routes) {
    const line = L.polyline(at(route), stroke(route, "#8a6d3b", 3)).addTo(map);
    if (route.name) line.bindTooltip(route.name, { sticky: true });
  }
  if (!data.journey) return;
  const line = at(data.journey);
  L.polyline(line, { color: "#fff", weight: 8, opacity: 0.85, pane: "lines", interactive: false }).addTo(map);
  L.polyline(line, stroke(data.journey, "#5b2c83", 3.5)).addTo(map);
  const heads = L.layerGroup().addTo(map);
  map.on("zoomend", () => arrows(map, line, heads));
  arrows(map, line, heads);
  line.forEach((position, index) => {
    const number = document.createElement("span");
    number.textContent = String(index + 1);
    const icon = L.divIcon({ className: "ra-stop", html: number, iconSize: [24, 24] });
    L.marker(position, { icon, interactive: false, keyboard: false, zIndexOffset: -500 }).addTo(map);
  });
}
