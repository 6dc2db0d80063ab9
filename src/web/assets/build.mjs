// Builds the page assets: style sheets, islands and basemap, hashed and pre-compressed, into src/web/dist.
// Called by scripts/build-assets, which looks after npm first. Writes manifest.json: logical name -> file name.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const assets = dirname(fileURLToPath(import.meta.url));
const root = join(assets, "../../..");
const modules = join(root, "node_modules");
const basemap = join(root, "config/basemap");
const dist = join(assets, "../dist");
const fresh = `${dist}.new`;

const SHEETS = ["family", "staff", "map", "fonts"];
const ISLANDS = ["staff", "map", "exit"];

// Everything of the Americas, by the ISO 3166-1 numeric codes that world-atlas uses as ids.
const AMERICAS = new Set(
  ("028 032 044 052 060 068 076 084 092 124 136 152 170 188 192 212 214 218 222 238 254 304 308 312 320 328 332 340 388 " +
    "474 484 500 531 533 534 535 558 591 600 604 630 652 659 660 662 663 666 670 740 780 796 840 850 858 862").split(" "),
);

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const short = (bytes) => digest(bytes).slice(0, 10);
const say = (text) => process.stdout.write(`${text}\n`);

/** A digest of all that the output depends on; the same digest means that there is nothing to do. */
function inputsDigest() {
  const files = [...walk(assets), ...walk(basemap), join(root, "package-lock.json")].sort();
  return digest(files.map((file) => `${relative(root, file)} ${digest(readFileSync(file))}`).join("\n"));
}

async function sheets() {
  const sass = await import("sass");
  return SHEETS.map((name) => ({
    name,
    css: sass.compile(join(assets, "scss", `${name}.scss`), { loadPaths: [modules], style: "compressed", quietDeps: true }).css,
  }));
}

/** Countries from world-atlas: the whole world coarsely, the Americas in detail. */
async function basemaps() {
  const { feature, quantize } = await import("topojson-client");
  const { topology } = await import("topojson-server");
  const { presimplify, simplify } = await import("topojson-simplify");
  const read = (name) => JSON.parse(readFileSync(join(modules, "world-atlas", name), "utf8"));
  const slim = (atlas, keep) => {
    const all = feature(atlas, atlas.objects.countries).features.filter((f) => keep(String(f.id)));
    return all.map(({ id, geometry }) => ({ type: "Feature", id, properties: {}, geometry }));
  };
  const make = (features, weight, steps) => {
    const map = topology({ countries: { type: "FeatureCollection", features } });
    return JSON.stringify(quantize(simplify(presimplify(map), weight), steps));
  };
  return {
    "basemap-world.json": make(slim(read("countries-110m.json"), () => true), 0.01, 10000),
    "basemap-americas.json": make(slim(read("countries-50m.json"), (id) => AMERICAS.has(id)), 0.0008, 20000),
    "basemap-states.json": readFileSync(join(basemap, "state-lines.json"), "utf8"),
    "basemap-places.json": JSON.stringify(JSON.parse(readFileSync(join(basemap, "places.json"), "utf8"))),
  };
}

// govuk-frontend ships no licence file in its package; this is the text of the MIT licence with its stated holder.
const MIT = `The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The licence texts of every package whose code, letters or data are in the output. */
function notices(packages) {
  const parts = [...packages].sort().map((name) => {
    const folder = join(modules, name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (!file && name !== "govuk-frontend") throw new Error(`${name} ${about.version} has no licence file: add its text to build.mjs`);
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : MIT;
    return `${"=".repeat(80)}\n${name} ${about.version} (${about.license})\n${"=".repeat(80)}\n${text}\n`;
  });
  return `Third-party work in Rastro's page assets\n\n${parts.join("\n")}`;
}

const inputs = inputsDigest();
const stamp = join(dist, "inputs.txt");
if (existsSync(stamp) && existsSync(join(dist, "manifest.json")) && readFileSync(stamp, "utf8") === inputs) {
  say("page assets: nothing changed");
  process.exit(0);
}

const started = Date.now();
const esbuild = await import("esbuild");
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });

const compiled = await sheets();
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  logLevel: "warning",
  legalComments: "none",
  target: ["es2020", "chrome100", "firefox100", "safari15"],
  publicPath: "/assets",
  assetNames: "[name].[hash]",
  loader: { ".woff2": "file", ".png": "file", ".svg": "file" },
};
const builds = [];
for (const { name, css } of compiled) {
  const stdin = { contents: css, resolveDir: join(assets, "scss"), sourcefile: `${name}.css`, loader: "css" };
  builds.push({ logical: `${name}.css`, result: await esbuild.build({ ...common, stdin, outfile: join(fresh, `${name}.css`) }) });
}
for (const name of ISLANDS) {
  const entryPoints = [join(assets, "ts", `${name}.ts`)];
  const outfile = join(fresh, `${name}.js`);
  builds.push({ logical: `${name}.js`, result: await esbuild.build({ ...common, entryPoints, outfile, format: "iife" }) });
}

const manifest = {};
const put = (logical, bytes) => {
  const extension = extname(logical);
  const name = `${basename(logical, extension)}.${short(bytes)}${extension}`;
  writeFileSync(join(fresh, name), bytes);
  manifest[logical] = name;
};
const packages = new Set(["govuk-frontend", "world-atlas"]);
for (const { logical, result } of builds) {
  for (const file of result.outputFiles) {
    if (basename(file.path) === logical) put(logical, file.contents);
    else writeFileSync(join(fresh, basename(file.path)), file.contents); // fonts and images carry their hash already
  }
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
    if (found) packages.add(found[1]);
  }
}
for (const [logical, text] of Object.entries(await basemaps())) put(logical, Buffer.from(text));
for (const icon of ["icon.svg"]) put(icon, readFileSync(join(assets, "img", icon)));

// Fonts are named too, so that a page may preload them.
for (const file of readdirSync(fresh)) {
  const font = /^(public-sans-latin-(400|700))-normal\..*\.woff2$/.exec(file);
  if (font) manifest[`${font[1]}.woff2`] = file;
}

for (const file of readdirSync(fresh)) {
  if (!/\.(css|js|json|svg)$/.test(file)) continue;
  const bytes = readFileSync(join(fresh, file));
  writeFileSync(join(fresh, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  writeFileSync(join(fresh, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
writeFileSync(join(fresh, "THIRD-PARTY-NOTICES.txt"), notices(packages));
writeFileSync(join(fresh, "manifest.json"), `${JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 2)}\n`);
writeFileSync(join(fresh, "inputs.txt"), inputs);
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);

for (const [logical, file] of Object.entries(manifest).sort()) {
  const size = (suffix) => (existsSync(join(dist, file + suffix)) ? statSync(join(dist, file + suffix)).size : 0);
  say(`  ${logical.padEnd(24)} ${String(size("")).padStart(8)}  gz ${String(size(".gz") || "-").padStart(7)}  br ${String(size(".br") || "-").padStart(7)}`);
}
say(`page assets: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
