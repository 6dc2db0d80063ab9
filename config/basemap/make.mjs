// Makes state-lines.json and places.json, once, from Natural Earth files that are not part of the repository.
// usage: node config/basemap/make.mjs STATE_LINES.geojson[.gz] POPULATED_PLACES.geojson[.gz]
// The provenance and the reading of the result are in README.md beside this file.
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { topology } from "topojson-server";
import { presimplify, simplify } from "topojson-simplify";
import { mesh, quantize } from "topojson-client";

const SIMPLIFY_WEIGHT = 0.004; // square degrees; the smallest bend that is kept
const SHORTEST = 0.08; // degrees; shorter lines are specks
const PLACES = 360; // how many towns are labelled at the closest zoom

// Natural Earth gives these in English; the towns are labelled as their own people write them.
const OWN_NAMES = new Map(Object.entries({
  "Mexico City": "Ciudad de México", Havana: "La Habana", "Panama City": "Ciudad de Panamá", Guatemala: "Ciudad de Guatemala",
  Bogota: "Bogotá",
}));

const read = (path) => {
  const bytes = readFileSync(path);
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
};

const [linesPath, placesPath] = process.argv.slice(2);
if (!linesPath || !placesPath) {
  process.stderr.write("usage: node config/basemap/make.mjs STATE_LINES.geojson[.gz] POPULATED_PLACES.geojson[.gz]\n");
  process.exit(2);
}

const parts = read(linesPath).features.flatMap(({ geometry }) =>
  geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates,
);
const reach = (line) => {
  const xs = line.map((p) => p[0]);
  const ys = line.map((p) => p[1]);
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
};
// Pieces that meet are stitched into long lines first: fewer lines are smaller, and dropping short ones then leaves no gaps.
const whole = { type: "MultiLineString", coordinates: parts.filter((line) => line.length > 1) };
const rounded = quantize(topology({ whole }), 100000);
const stitched = mesh(rounded, rounded.objects.whole).coordinates;
const lines = { type: "MultiLineString", coordinates: stitched.filter((line) => reach(line) > SHORTEST) };
const slim = quantize(simplify(presimplify(topology({ lines })), SIMPLIFY_WEIGHT), 10000);
writeFileSync(new URL("state-lines.json", import.meta.url), JSON.stringify(slim) + "\n");

const towns = read(placesPath)
  .features.map(({ geometry, properties: p }) => ({
    name: OWN_NAMES.get(p.NAME) ?? p.NAME,
    lon: Math.round(geometry.coordinates[0] * 100) / 100,
    lat: Math.round(geometry.coordinates[1] * 100) / 100,
    people: Number(p.POP_MAX ?? 0),
    rank: Number(p.SCALERANK ?? 10),
  }))
  .filter((town) => town.name && town.lon < -30 && town.lat < 62)
  .sort((a, b) => a.rank - b.rank || b.people - a.people)
  .slice(0, PLACES);
writeFileSync(
  new URL("places.json", import.meta.url),
  "[\n" + towns.map((t) => JSON.stringify([t.name, t.lon, t.lat, t.rank])).join(",\n") + "\n]\n",
);
