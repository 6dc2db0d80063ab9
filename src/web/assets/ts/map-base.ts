// The basemap: countries coarsely at once, the Americas in detail and state lines when the browser is idle, town names by zoom.
import * as L from "leaflet";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

const LAND: L.PathOptions = { fillColor: "#f8f4ea", fillOpacity: 1, color: "#bcae97", weight: 1, interactive: false };
const STATES: L.PathOptions = { color: "#d3c8b5", weight: 0.9, dashArray: "3 3", fill: false, interactive: false };

async function topology(address: string | undefined): Promise<Topology | null> {
  if (!address) return null;
  const answer = await fetch(address, { credentials: "same-origin" });
  return answer.ok ? ((await answer.json()) as Topology) : null;
}

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) window.requestIdleCallback(() => resolve(), { timeout: 1500 });
    else setTimeout(resolve, 200);
  });

/** Draws the countries and then the finer layers named by `data-world`, `data-americas` and `data-states`. */
export async function addBasemap(map: L.Map, from: DOMStringMap): Promise<void> {
  map.createPane("land").style.zIndex = "150";
  map.createPane("states").style.zIndex = "160";
  const renderer = L.canvas({ pane: "land", padding: 0.5 });
  const countries = (data: Topology, keep: (id: string) => boolean): L.GeoJSON => {
    const all = feature(data, data.objects.countries as GeometryCollection).features;
    const options = { style: LAND, renderer, pane: "land", interactive: false } as L.GeoJSONOptions;
    return L.geoJSON(all.filter((one) => keep(String(one.id))), options);
  };
  const world = await topology(from.world);
  if (world) {
    const coarse = countries(world, () => true).addTo(map);
    await idle();
    const fine = await topology(from.americas);
    if (fine) {
      const layer = countries(fine, () => true).addTo(map);
      const detailed = new Set((fine.objects.countries as GeometryCollection).geometries.map((one) => String(one.id)));
      coarse.remove();
      countries(world, (id) => !detailed.has(id)).addTo(map);
      layer.bringToFront();
    }
  }
  const states = await topology(from.states);
  const lines = states?.objects.lines;
  if (states && lines) {
    const options = { style: STATES, renderer: L.canvas({ pane: "states", padding: 0.5 }), pane: "states", interactive: false };
    const layer = L.geoJSON(mesh(states, lines as never), options as L.GeoJSONOptions);
    const follow = (): void => {
      if (map.getZoom() >= 5) layer.addTo(map);
      else layer.remove();
    };
    map.on("zoomend", follow);
    follow();
  }
}

type Town = [name: string, lon: number, lat: number, rank: number];

/** Town names as quiet labels, fewer when far away and never two on top of each other. Not read out: the list has the places. */
export async function addPlaces(map: L.Map, address: string | undefined): Promise<void> {
  if (!address) return;
  await idle();
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) return;
  const towns = (await answer.json()) as Town[];
  const pane = map.createPane("places");
  pane.style.zIndex = "350";
  pane.setAttribute("aria-hidden", "true");
  const group = L.layerGroup().addTo(map);
  const draw = (): void => {
    group.clearLayers();
    const zoom = map.getZoom();
    if (zoom < 4) return;
    const view = map.getBounds().pad(-0.02);
    const taken: L.Bounds[] = [];
    for (const [name, lon, lat, rank] of towns) {
      if (rank > zoom - 2 || !view.contains([lat, lon])) continue;
      const at = map.latLngToContainerPoint([lat, lon]);
      const space = L.bounds([at.x - 6, at.y - 9], [at.x + 14 + name.length * 7, at.y + 9]);
      if (taken.some((other) => other.intersects(space))) continue;
      taken.push(space);
      const text = document.createElement("span");
      text.textContent = name;
      const icon = L.divIcon({ className: "ra-place", html: text, iconSize: [0, 0], iconAnchor: [2, 6] });
      L.marker([lat, lon], { icon, pane: "places", interactive: false, keyboard: false }).addTo(group);
    }
  };
  map.on("moveend", draw);
  draw();
}
