// The browser islands against small pages of their own, with the built assets and the portal's content security policy.
// Run: node --test tests/browser/islands.test.mjs   (after scripts/build-assets)
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertAxe, assertCalm, launch, mapsReady, open, shoot } from "./rig.mjs";

const dist = fileURLToPath(new URL("../../src/web/dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
const asset = (name) => `/assets/${manifest[name]}`;
const TYPES = { ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const frame = (scripts, sheets, body) => `<!doctype html><html class="govuk-template" lang="es"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Portal</title><link rel="icon" href="data:,">
${sheets.map((sheet) => `<link rel="stylesheet" href="${asset(sheet)}">`).join("")}</head><body class="govuk-template__body">
<div id="ra-status" class="govuk-visually-hidden" role="status"></div><main id="main"><h1>Prueba</h1>${body}</main>
${scripts.map((script) => `<script src="${asset(script)}" defer></script>`).join("")}</body></html>`;

const rows = (names) => names.map((name) => `<tr data-row tabindex="-1"><th scope="row"><a href="/row/${name}">${name}</a></th></tr>`).join("");
const list = (names) => `<table id="rows" class="ra-table"><tbody data-list>${rows(names)}</tbody></table>`;
const points = Array.from({ length: 60 }, (_, i) => ({
  lon: -92 - (i % 10) * 0.2, lat: 15 + Math.floor(i / 10) * 0.6, kind: "missing", label: `Registro ${i}`, href: `/row/${i}`,
}));
const mapBox = `<div class="ra-map" id="map" role="region" aria-label="Mapa" data-map data-src="/map.json" data-world="${asset("basemap-world.json")}"
  data-americas="${asset("basemap-americas.json")}" data-states="${asset("basemap-states.json")}" data-places="${asset("basemap-places.json")}"
  data-zoom-in="Acercar" data-zoom-out="Alejar" data-cluster="%n% registros" data-close="Cerrar" data-failed="Sin datos" data-credit="Natural Earth"></div>`;

const pages = {
  "/family": () => frame(["exit.js"], ["fonts.css", "family.css"], `<a data-exit href="/salir" data-two="dos" data-one="una">Salir rápido</a><label>Nombre <input id="name"></label>`),
  "/list": () => frame(["staff.js"], ["fonts.css", "staff.css"], `<label>Buscar <input id="q"></label>${list(["Ana", "Berta", "Carla"])}`),
  "/news": () =>
    frame(["staff.js"], ["staff.css"], `<div data-news hx-sse:connect="/stream" data-one="Hay 1 novedad: mostrar" data-many="Hay %n% novedades: mostrar">
      <a class="govuk-button" href="/fresh" hx-get="/fresh" hx-target="#rows" hx-select="#rows" hx-swap="outerHTML" data-news-show hidden></a></div>${list(["Ana"])}`),
  "/fresh": () => frame(["staff.js"], ["staff.css"], list(["Nueva", "Ana"])),
  "/job": () => frame(["staff.js"], ["staff.css"], `<div id="job" hx-sse:connect="/job/events" hx-sse:close="done"><p>0</p></div>`),
  "/errors": () => frame(["staff.js"], ["staff.css"], `<div class="govuk-error-summary" tabindex="-1" role="alert"><h2>Hay algo que corregir</h2></div>`),
  "/map": () => frame(["map.js"], ["fonts.css", "staff.css", "map.css"], mapBox),
  "/map-failed": () => frame(["map.js"], ["staff.css", "map.css"], mapBox.replace("/map.json", "/missing.json")),
  "/neutral": () => "<!doctype html><html lang='es'><title>Tiempo</title><link rel='icon' href='data:,'><h1>El tiempo</h1></html>",
};
let server, browser, home, jobConnections;

before(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    response.setHeader("Content-Security-Policy", POLICY);
    const page = pages[pathname] ?? (pathname.startsWith("/row/") ? () => frame([], ["staff.css"], "") : null);
    if (page) return response.setHeader("Content-Type", "text/html; charset=utf-8").end(page());
    if (pathname === "/salir") return response.writeHead(303, { Location: "/neutral" }).end();
    if (pathname === "/map.json") {
      return response.setHeader("Content-Type", "application/json").end(JSON.stringify({ points, bounds: [-96, 14, -90, 19] }));
    }
    if (pathname === "/stream") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      return response.write('id: 1\nevent: news\ndata: {"n":1}\n\nid: 2\nevent: news\ndata: {"n":2}\n\n');
    }
    if (pathname === "/job/events") {
      jobConnections += 1;
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      return response.end("data: <p>50</p>\n\ndata: <p>100</p>\n\nevent: done\ndata: x\n\n");
    }
    if (pathname.startsWith("/assets/")) {
      response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "application/octet-stream");
      return response.end(readFileSync(join(dist, pathname.slice("/assets/".length))));
    }
    return response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

async function visit(path, size = "desk") {
  const page = await open(browser, size);
  await page.goto(home + path);
  return page;
}

test("three presses of shift leave for the neutral page and back does not return", async () => {
  const page = await visit("/list");
  await page.goto(`${home}/family`);
  await page.keyboard.press("Shift");
  await page.getByText("dos", { exact: true }).waitFor({ state: "attached" });
  await page.keyboard.press("Shift");
  await page.keyboard.press("Shift");
  await page.waitForURL("**/neutral");
  await page.goBack();
  assert.ok(page.url().endsWith("/list"));
  assertCalm(page);
});

test("typing capitals does not leave the page", async () => {
  const page = await visit("/family");
  await page.locator("#name").pressSequentially("ANA");
  for (const letter of ["B", "C", "D", "E"]) await page.keyboard.press(`Shift+${letter}`);
  assert.ok(page.url().endsWith("/family"));
  assert.equal(await page.locator("#name").inputValue(), "ANABCDE");
});

test("the exit button works by tap and is a plain link without script", async () => {
  const page = await visit("/family", "phone");
  await page.getByText("Salir rápido").tap();
  await page.waitForURL("**/neutral");
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${home}/family`);
  await plain.getByText("Salir rápido").click();
  await plain.waitForURL("**/neutral");
});

test("j and k walk the rows, enter opens one, and a field keeps its letters", async () => {
  const page = await visit("/list");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Berta");
  await page.keyboard.press("k");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ana");
  await page.locator("#q").pressSequentially("jk");
  assert.equal(await page.locator("#q").inputValue(), "jk");
  await page.locator("tr", { hasText: "Carla" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/row/Carla");
  assertCalm(page);
});

test("news are counted and announced, and rows move only when asked", async () => {
  const page = await visit("/news");
  const button = page.getByText("Hay 3 novedades: mostrar").and(page.locator("a"));
  await button.waitFor();
  assert.equal(await page.locator("#ra-status").textContent(), "Hay 3 novedades: mostrar");
  assert.equal(await page.locator("[data-row]").count(), 1);
  await button.click();
  await page.getByText("Nueva").waitFor();
  assert.equal(await page.locator("[data-row]").count(), 2);
  assert.equal(await button.isVisible(), false);
  assertCalm(page);
});

test("a job's stream ends with done and is not opened again", async () => {
  jobConnections = 0;
  const page = await visit("/job");
  await page.locator("#job", { hasText: "100" }).waitFor();
  // The extension reconnects after half a second when it does not see the end; a second connection would come within two.
  await assert.rejects(page.waitForRequest("**/job/events", { timeout: 2000 }));
  assert.equal(jobConnections, 1);
  assertCalm(page);
});

test("an error summary takes the focus", async () => {
  const page = await visit("/errors");
  await page.waitForFunction(() => document.activeElement.classList.contains("govuk-error-summary"));
});

for (const size of ["desk", "phone"]) {
  test(`the map draws clusters that axe accepts and enter zooms in (${size})`, async () => {
    const page = await visit("/map", size);
    await mapsReady(page);
    await page.locator(".ra-cluster").first().waitFor();
    await shoot(page, `island-map-${size}`);
    await assertAxe(page);
    const cluster = page.locator(".ra-cluster").first();
    assert.match(await cluster.getAttribute("aria-label"), /^\d+ registros$/);
    const before = await page.locator(".ra-cluster, .ra-pin").evaluateAll((all) => all.map((e) => e.getAttribute("aria-label")).join());
    await cluster.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      (was) => [...document.querySelectorAll(".ra-cluster, .ra-pin")].map((e) => e.getAttribute("aria-label")).join() !== was,
      before,
    );
    assert.equal(await page.evaluate(() => document.activeElement.id), "map");
    assertCalm(page);
  });
}

test("a map whose data fails says so", async () => {
  const page = await visit("/map-failed");
  await page.getByText("Sin datos").waitFor();
});
