// The case desk in a browser: my day, a report through the form with the gazetteer, the slip, the record, a correction; every page well made
// at a desk and on a phone, in both languages, and nothing wider than 320 px.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, startNode } from "./node.mjs";
import { assertNoSidewaysScroll, assertWellMade, launch, open, shoot } from "./rig.mjs";

let browser;
let node;
let address;

before(async () => {
  [browser, node] = await Promise.all([launch(), startNode()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Fills the fields whose names are given. */
async function fill(page, values) {
  for (const [id, value] of Object.entries(values)) {
    const field = page.locator(`[id="${id}"]`);
    if ((await field.evaluate((e) => e.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
}

test("a report becomes a case with a slip for the family, without losing what was typed", async () => {
  const page = await open(browser, "desk");
  await signIn(page, node, "commission");
  assert.equal(new URL(page.url()).pathname, "/inicio");
  await assertWellMade(page);
  await shoot(page, "inicio-desk");
  await page.click("main a[href='/casos/nuevo']");
  await fill(page, {
    "who-name": "Madre Inventada",
    "who-relation": "mother",
    "who-language": "quc",
    "who-safe": "Por la tarde",
    given: "Xiomara Inventada",
    surname1: "Zúñiga",
    "birth-year": "1994",
    "birth-month": "13",
    marks: "Tatuaje de rosa, muñeca izquierda\nCicatriz en la ceja",
    "contact-on-month": "5",
    "contact-on-year": "2024",
    "contact-place": "Tapach",
    "contact-country": "MEX",
    circumstances: "Llamó desde la terminal; iba con dos primos.",
  });
  await page.click("#contact-lookup button[value='find-contact']");
  await page.getByLabel(/^Tapachula/).first().check();
  await page.click("#contact-lookup button[value='take']");
  assert.match(await page.inputValue("#contact-lat"), /^14\.\d+$/);
  assert.equal(await page.inputValue("#surname1"), "Zúñiga");
  await fill(page, { "leg0-kind": "departure", "leg0-place": "Tocoa", "leg0-country": "HND", "leg0-lat": "15.68", "leg0-lon": "-86.0", "leg0-certainty": "confirmed" });
  await page.click("button[value='leg']");
  await fill(page, { "leg1-kind": "contact", "leg1-place": "Tapachula", "leg1-country": "MEX", "leg1-lat": "14.9", "leg1-lon": "-92.26", "leg1-transport": "bus" });
  await page.click("button[value='leg']");
  await fill(page, { "leg2-kind": "planned", "leg2-place": "Nogales", "leg2-country": "MEX", "leg2-lat": "31.3", "leg2-lon": "-110.94" });
  await page.locator("label", { hasText: "Consulado" }).first().click();
  await page.locator("label", { hasText: "Banco forense" }).first().click();
  await page.locator("[name='search-what'][value='identity']").check();
  await page.locator("[name='search-what'][value='description']").check();
  await fill(page, { "consent-language": "quc", "granted-by": "mother" });
  await page.click("main form button:has-text('Registrar')");
  // Two faults: the month, and who explained the consent. Their links lead to the fields.
  await page.waitForSelector(".govuk-error-summary");
  assert.equal(await page.locator(".govuk-error-summary li").count(), 2);
  await assertWellMade(page);
  await shoot(page, "nuevo-faltas-desk");
  await page.click(".govuk-error-summary a[href='#birth']");
  assert.equal(await page.evaluate(() => document.activeElement.id), "birth");
  await fill(page, { "birth-month": "3", "explained-by": "Oficial Inventada" });
  // Enter in a field saves; it does not ask the gazetteer.
  await page.press("#surname1", "Enter");
  await page.waitForSelector(".ra-slip");
  await assertWellMade(page);
  await shoot(page, "guardado-desk");
  const folio = await page.locator(".ra-slip dd").first().textContent();
  const pin = await page.locator(".ra-slip dd").last().textContent();
  await page.click("main a.govuk-button");
  address = new URL(page.url()).pathname;
  await page.waitForSelector(".ra-map .leaflet-marker-icon");
  const record = await page.locator("main").textContent();
  for (const text of ["Xiomara Inventada Zúñiga", folio, "Madre Inventada", "marzo de 1994", "Cicatriz en la ceja", "Tocoa"]) assert.ok(record.includes(text), text);
  assert.ok(!record.includes(pin), "the PIN is told only once");
  await assertWellMade(page);
  await shoot(page, "caso-desk");
  await page.context().close();
});

test("a colleague's correction is merged, and a conflict is shown with both values", async () => {
  const [first, second] = [await open(browser, "desk"), await open(browser, "phone")];
  for (const page of [first, second]) {
    await signIn(page, node, "commission");
    await page.goto(`${node.url}${address}/corregir`);
  }
  await fill(first, { surname1: "Zuniga", eyes: "miel", why: "Lo dice su documento" });
  await first.click("button:has-text('Guardar cambios')");
  await first.waitForURL((url) => url.pathname === address);
  await fill(second, { surname1: "Súñiga", hair: "negro", why: "Lo dijo su madre" });
  await second.click("button:has-text('Guardar cambios')");
  await second.waitForSelector(".ra-clash");
  assert.equal(await second.inputValue("#surname1"), "Súñiga");
  assert.equal(await second.inputValue("#hair"), "negro");
  assert.equal(await second.inputValue("#eyes"), "miel");
  assert.match(await second.locator(".ra-clash table").textContent(), /Zuniga[\s\S]*Súñiga/);
  await assertWellMade(second);
  await shoot(second, "conflicto-phone");
  await second.click("button:has-text('Guardar cambios')");
  await second.waitForURL((url) => url.pathname === address);
  assert.match(await second.locator("main").textContent(), /Lo dijo su madre/);
  await first.context().close();
  await second.context().close();
});

test("the pages of the desk are well made on every size, in both languages, and without a script", async () => {
  const pages = ["/inicio", "/casos", "/casos?q=zuniga", "/casos?q=nobody+at+all", "/casos/nuevo", address, `${address}/corregir`];
  for (const [size, lang] of [["desk", "en"], ["phone", "es"], ["phone", "en"], ["narrow", "es"], ["narrow", "en"]]) {
    const page = await open(browser, size);
    await signIn(page, node, "commission");
    for (const [at, path] of pages.entries()) {
      await page.goto(`${node.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      assert.ok(!(await page.content()).includes("⟦"), `${path} lacks a text in ${lang}`);
      if (size === "narrow") await assertNoSidewaysScroll(page);
      else await assertWellMade(page);
      await shoot(page, `desk-${at}-${size}-${lang}`);
    }
    await page.context().close();
  }
  const plain = await open(browser, "desk", { javaScriptEnabled: false });
  await signIn(plain, node, "commission");
  await plain.goto(`${node.url}/casos/nuevo`);
  await plain.fill("#contact-place", "Tapach");
  await plain.click("#contact-lookup button[value='find-contact']");
  // Without a script the answer is a new page: nothing but its choices tells that it came.
  await plain.locator("[name='contact-pick']").first().waitFor({ state: "attached" });
  await plain.context().close();
});
