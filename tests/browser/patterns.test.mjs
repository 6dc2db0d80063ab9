// Patterns in a browser: the drawing with its table, groups with linked members, chance in words; at a desk and on a phone, nothing sideways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, startNode } from "./node.mjs";
import { assertNoSidewaysScroll, assertWellMade, launch, open, shoot } from "./rig.mjs";

let browser;
let node;

before(async () => {
  [browser, node] = await Promise.all([launch(), startNode()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

for (const size of ["desk", "phone", "narrow"]) {
  test(`patterns of incidents, with a drawing and its table, at ${size}`, async () => {
    const page = await open(browser, size);
    await signIn(page, node, "commission");
    await page.goto(`${node.url}/patrones`);
    await assertWellMade(page);
    await page.locator("label", { hasText: "Incidentes publicados" }).click();
    await page.selectOption("#ruta", "bestia_south_pacific");
    await page.click("main form button:has-text('Buscar patrones')");
    await page.waitForSelector(".ra-density svg");
    await page.locator("summary", { hasText: "tabla" }).first().click();
    assert.ok((await page.locator("#s-density ~ details tbody tr").count()) > 2);
    await assertWellMade(page);
    await assertNoSidewaysScroll(page);
    await shoot(page, `patrones-incidentes-${size}`);
  });
}

test("patterns of a commission's own cases, and of what is shared, in both languages", async () => {
  const page = await open(browser, "desk");
  await signIn(page, node, "commission");
  await page.goto(`${node.url}/patrones?tipo=casos`);
  await page.waitForSelector("#s-lift");
  await assertWellMade(page);
  await shoot(page, "patrones-casos-desk");
  await page.goto(`${node.url}/patrones?tipo=hallazgos&alcance=compartidos&lang=en`);
  await page.waitForSelector("#s-lift");
  await assertWellMade(page);
  await shoot(page, "patrones-compartidos-desk");
});
