// Whether a space-time cluster of one slice of years tells where the next year's incidents lie, better than circles of the same area.
//
//   node scripts/bench-patterns.mjs [RASTRO] [FOLDER]      default: target/release/rastro, a temporary folder
//
// Incidents of the Missing Migrants Project that ship with the demonstration. For every year from 2017 to 2022 the three years before are looked at:
// the circles of the scan with p <= 0.05, and those of the clusters of ST-DBSCAN. Counted is the share of the year's incidents inside them, compared
// with circles of the same radii put elsewhere, 200 times each: anywhere in the convex hull of the three years' incidents (the same area of land and
// sea), and on the places of the three years' incidents themselves (the same area where incidents are known to happen). Drawn circles do not stand
// in each other; those that were found may, so the comparison is rather hard on them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const rastro = process.argv[2] ?? "target/release/rastro";
const folder = process.argv[3] ?? mkdtempSync(join(tmpdir(), "patterns-"));
const TIMES = 200;

/** Rows of a CSV as objects. */
function table(text) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ",") { row.push(cell); cell = ""; }
    else if (c === "\n") { row.push(cell.replace(/\r$/, "")); rows.push(row); row = []; cell = ""; }
    else cell += c;
  }
  if (row.length) { row.push(cell); rows.push(row); }
  const [header, ...rest] = rows;
  return rest.map((r) => Object.fromEntries(header.map((name, n) => [name, r[n] ?? ""])));
}

/** A repeatable generator of numbers from 0 to 1 (mulberry32). */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function km(a, b) {
  const rad = Math.PI / 180;
  const h = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * 6371.0088 * Math.asin(Math.sqrt(h));
}

/** The convex hull, counter-clockwise (Andrew). */
function hull(points) {
  const sorted = [...points].sort((a, b) => a.lon - b.lon || a.lat - b.lat);
  const cross = (o, a, b) => (a.lon - o.lon) * (b.lat - o.lat) - (a.lat - o.lat) * (b.lon - o.lon);
  const half = (list) => {
    const chain = [];
    for (const p of list) {
      while (chain.length > 1 && cross(chain.at(-2), chain.at(-1), p) <= 0) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const inside = (ring, p) => ring.every((a, n) => {
  const b = ring[(n + 1) % ring.length];
  return (b.lon - a.lon) * (p.lat - a.lat) - (b.lat - a.lat) * (p.lon - a.lon) >= 0;
});

const share = (circles, points) => points.filter((p) => circles.some((c) => km(c, p) <= c.radius)).length / points.length;
const mean = (list) => list.reduce((sum, n) => sum + n, 0) / list.length;

const incidents = table(gunzipSync(readFileSync("config/demo/mmp-americas-2014-2022.csv.gz")).toString("utf8"))
  .map((r) => ({ id: r.web_id, lat: Number.parseFloat(r.latitude), lon: Number.parseFloat(r.longitude), date: r.reported_date, country: r.country_of_incident, cause: r.cause_death }))
  .filter((r) => Number.isFinite(r.lat) && Number.isFinite(r.lon) && Math.abs(r.lat) <= 90 && Math.abs(r.lon) <= 180 && /^\d{4}-\d\d-\d\d$/.test(r.date));
const quote = (text) => `"${String(text).replaceAll('"', '""')}"`;
mkdirSync(folder, { recursive: true });
const file = join(folder, "events.csv");
writeFileSync(file, `id,lat,lon,date,country,cause\n${incidents.map((r) => [r.id, r.lat, r.lon, r.date, quote(r.country), quote(r.cause)].join(",")).join("\n")}\n`);

const percent = (n) => `${(n * 100).toFixed(1)} %`;
const times = (a, b) => (b > 0 ? (a / b).toFixed(2) : "–");
const all = { scan: [], clusters: [] };
console.log(`${incidents.length} incidents`);
console.log("| year | incidents before | circles of | circles | of the year's incidents inside | circles of the same area anywhere | on earlier incidents | times better |");
console.log("| --- | ---: | --- | ---: | ---: | ---: | ---: | --- |");
for (let year = 2017; year <= 2022; year++) {
  const out = join(folder, String(year));
  execFileSync(rastro, ["patterns", "--events", file, "--out", out, "--from", `${year - 3}-01-01`, "--to", `${year - 1}-12-31`], { stdio: ["ignore", "ignore", "inherit"] });
  const found = (name) => table(readFileSync(join(out, `${name}.csv`), "utf8"));
  const kinds = { scan: found("scan").filter((c) => Number(c.p) <= 0.05), clusters: found("clusters") };
  const before = incidents.filter((r) => r.date >= `${year - 3}` && r.date < `${year}`);
  const next = incidents.filter((r) => r.date.startsWith(`${year}`));
  const random = numbers(year);
  const ring = hull(before);
  const box = [Math.min(...ring.map((p) => p.lat)), Math.max(...ring.map((p) => p.lat)), Math.min(...ring.map((p) => p.lon)), Math.max(...ring.map((p) => p.lon))];
  const anywhere = () => {
    for (;;) {
      const sine = (degrees) => Math.sin((degrees * Math.PI) / 180);
      const lat = (Math.asin(sine(box[0]) + random() * (sine(box[1]) - sine(box[0]))) * 180) / Math.PI;
      const p = { lat, lon: box[2] + random() * (box[3] - box[2]) };
      if (inside(ring, p)) return p;
    }
  };
  // Circles that do not stand in each other, so that together they cover at least as much as those of the scan, which may.
  const apart = (circles, place) => {
    const drawn = [];
    for (const { radius } of circles) {
      let p = place();
      for (let tries = 0; tries < 50 && drawn.some((d) => km(d, p) < Math.max(d.radius, radius)); tries++) p = place();
      drawn.push({ ...p, radius });
    }
    return drawn;
  };
  const known = () => before[Math.floor(random() * before.length)];
  for (const [kind, rows] of Object.entries(kinds)) {
    const circles = rows.map((c) => ({ lat: Number(c.lat), lon: Number(c.lon), radius: Math.max(Number(c.radius_km), 1) }));
    const drawn = (place) => mean(Array.from({ length: TIMES }, () => share(apart(circles, place), next)));
    const [hit, area, at] = [share(circles, next), drawn(anywhere), drawn(known)];
    all[kind].push([hit, area, at]);
    console.log(`| ${year} | ${before.length} | ${kind} | ${circles.length} | ${percent(hit)} | ${percent(area)} | ${percent(at)} | ${times(hit, area)}; ${times(hit, at)} |`);
  }
}
for (const [kind, years] of Object.entries(all)) {
  const [hit, area, at] = [0, 1, 2].map((n) => mean(years.map((year) => year[n])));
  console.log(`${kind}: ${percent(hit)} inside, ${percent(area)} anywhere (${times(hit, area)} times), ${percent(at)} on earlier incidents (${times(hit, at)} times)`);
}
