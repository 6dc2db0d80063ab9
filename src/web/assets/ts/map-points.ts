// Points: clustered by supercluster, each kind with its own shape, all of them reachable and usable by keyboard.
import * as L from "leaflet";
import Supercluster, { type AnyProps, type ClusterFeature, type ClusterProperties, type PointFeature } from "supercluster";
import type { MapPoint } from "./map-data";

const MAX_ZOOM = 14;
// Kinds differ by shape first; the colour only helps. Drawn in a box of 24 by 24.
const SHAPES: Record<string, [path: string, colour: string]> = {
  missing: ["M12 3a9 9 0 1 0 .01 0zm0 5.4a3.6 3.6 0 1 1-.01 0z", "#5b2c83"],
  foreign_case: ["M12 3a9 9 0 1 0 .01 0zM7 11h10v2.5H7z", "#5b2c83"],
  living: ["M12 3 22 20.5H2z", "#0b6b63"],
  hospital: ["M8.5 3h7v5.5H21v7h-5.5V21h-7v-5.5H3v-7h5.5z", "#0b6b63"],
  shelter: ["M12 3 3 11v10h6v-6h6v6h6V11z", "#0b6b63"],
  detention: ["M4 4h16v16H4zm4 4v8h2V8zm6 0v8h2V8z", "#7a5200"],
  remains_named: ["M12 2 22 12 12 22 2 12zm0 6-4 4 4 4 4-4z", "#b3401f"],
  remains_unnamed: ["M12 2 22 12 12 22 2 12z", "#b3401f"],
  incident: ["M12 5a7 7 0 1 0 .01 0zm0 4a3 3 0 1 1-.01 0z", "#6d665c"],
  stop: ["M6 6h12v12H6z", "#8a6d3b"],
};
const OTHER: [string, string] = ["M12 5a7 7 0 1 0 .01 0z", "#575162"];
const SVG = "http://www.w3.org/2000/svg";

function shape(kind: string): SVGSVGElement {
  const [d, colour] = SHAPES[kind] ?? OTHER;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ d, fill: colour, stroke: "#fff", "stroke-width": "1.5", "fill-rule": "evenodd" })) {
    path.setAttribute(name, value);
  }
  svg.append(path);
  return svg;
}

type Props = { at: number };
type Cluster = ClusterFeature<AnyProps> | PointFeature<Props>;

function lines(points: MapPoint[], words: DOMStringMap): HTMLElement {
  const box = document.createElement("div");
  if (points.length > 1) {
    const head = document.createElement("p");
    head.textContent = (words.cluster ?? "%n%").replace("%n%", String(points.length));
    box.append(head);
  }
  const list = document.createElement("ul");
  for (const point of points) {
    const item = document.createElement("li");
    const name = document.createElement(point.href ? "a" : "strong");
    if (point.href) name.setAttribute("href", point.href);
    name.textContent = point.label;
    item.append(name);
    if (point.kindLabel) item.append(document.createElement("br"), point.kindLabel);
    list.append(item);
  }
  box.append(list);
  return box;
}

/** Draws the points and keeps the drawing in step with the view. `words.cluster` is "%n% registros". */
export function addPoints(map: L.Map, points: MapPoint[], words: DOMStringMap): void {
  const radius = window.matchMedia("(max-width: 44em)").matches ? 90 : 70; // larger on phones: targets must not overlap
  // Leaflet's tiles are 256 wide; with the default extent of 512 the radius would be half of what it says.
  const index = new Supercluster<Props>({ radius, extent: 256, maxZoom: MAX_ZOOM - 1 });
  index.load(
    points.map((point, at) => ({
      type: "Feature",
      properties: { at },
      geometry: { type: "Point", coordinates: [point.lon, point.lat] },
    })),
  );
  map.createPane("doubt").style.zIndex = "405";
  const shown = new Map<string, L.Layer[]>();

  const onKeys = (element: HTMLElement, act: () => void): void => {
    // Leaflet 1.9 makes a div marker focusable but does nothing on Enter.
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
  };

  const popup = (at: L.LatLngExpression, some: MapPoint[], opener: HTMLElement | undefined): void => {
    const content = lines(some, words);
    const open = L.popup({ maxWidth: 280, closeButton: true }).setLatLng(at).setContent(content).openOn(map);
    const close = open.getElement()?.querySelector<HTMLElement>(".leaflet-popup-close-button");
    close?.setAttribute("aria-label", words.close ?? "×");
    (content.querySelector<HTMLElement>("a") ?? close)?.focus();
    open.once("remove", () => (opener?.isConnected ? opener : map.getContainer()).focus());
  };

  const draw = (found: Cluster): L.Layer[] => {
    const [lon, lat] = found.geometry.coordinates as [number, number];
    const place: L.LatLngTuple = [lat, lon];
    if ("cluster" in found.properties && found.properties.cluster) {
      const { cluster_id: id, point_count: count } = found.properties as ClusterProperties;
      const label = (words.cluster ?? "%n%").replace("%n%", String(count));
      const number = document.createElement("span");
      number.textContent = count > 999 ? `${Math.round(count / 100) / 10}k` : String(count);
      const size = 30 + Math.min(18, Math.round(Math.log10(count) * 8));
      const icon = L.divIcon({ className: "ra-cluster", html: number, iconSize: [size, size] });
      const marker = L.marker(place, { icon, title: label });
      const act = (): void => {
        const zoom = index.getClusterExpansionZoom(id);
        if (zoom >= MAX_ZOOM || map.getZoom() >= MAX_ZOOM) {
          popup(place, index.getLeaves(id, 200).map((leaf) => points[leaf.properties.at]!), marker.getElement());
          return;
        }
        map.setView(place, zoom);
        map.getContainer().focus(); // the cluster is about to be redrawn; the focus stays in the map
      };
      marker.on("click", act);
      marker.on("add", () => {
        const element = marker.getElement();
        if (!element) return;
        element.setAttribute("aria-label", label);
        onKeys(element, act);
      });
      return [marker];
    }
    const point = points[(found.properties as Props).at]!;
    const icon = L.divIcon({ className: "ra-pin", html: shape(point.kind) as unknown as HTMLElement, iconSize: [28, 28] });
    const label = [point.label, point.kindLabel].filter(Boolean).join(", ");
    const marker = L.marker(place, { icon, title: label });
    const act = (): void => popup(place, [point], marker.getElement());
    marker.on("click", act);
    marker.on("add", () => {
      const element = marker.getElement();
      if (!element) return;
      element.setAttribute("aria-label", label);
      onKeys(element, act);
    });
    const layers: L.Layer[] = [marker];
    if (point.radius) {
      const doubt = { radius: point.radius, pane: "doubt", interactive: false, color: "#5b2c83", weight: 1, dashArray: "4 4", fillOpacity: 0.07 };
      layers.push(L.circle(place, doubt));
    }
    return layers;
  };

  const update = (): void => {
    const view = map.getBounds().pad(0.15);
    const box: [number, number, number, number] = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    const zoom = Math.round(map.getZoom());
    const wanted = new Map<string, Cluster>();
    for (const found of index.getClusters(box, zoom) as Cluster[]) {
      wanted.set("cluster" in found.properties && found.properties.cluster ? `c${found.id}` : `p${(found.properties as Props).at}`, found);
    }
    for (const [key, layers] of shown) {
      if (wanted.has(key)) continue;
      layers.forEach((layer) => layer.remove());
      shown.delete(key);
    }
    for (const [key, found] of wanted) {
      if (shown.has(key)) continue;
      const layers = draw(found);
      layers.forEach((layer) => layer.addTo(map));
      shown.set(key, layers);
    }
  };
  map.on("moveend", update);
  update();
}
