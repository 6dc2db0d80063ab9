// The whole walk in a browser: remains are registered, a report comes in, its hypothesis appears in an open page, two people of two institutions
// decide, the second blind to the first, and the family's page does not move by any of it. Every page on the way is well made.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, startNode } from "./node.mjs";
import { assertWellMade, launch, open, shoot } from "./rig.mjs";

let browser;
let node;

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

async function signedIn(role, size = "desk") {
  const page = await open(browser, size);
  await signIn(page, node, role);
  return page;
}

/** What a family sees, without what changes at every visit. */
async function familyPage(page) {
  await page.goto(`${node.url}/familia`);
  return (await page.content()).replace(/name="csrf" value="[^"]*"/g, "");
}

async function decide(page, note) {
  await page.check("input[name='verdict'][value='support']");
  await page.check("input[name='reasons'][value='mark']");
  await page.fill("#note", note);
  await page.click("form[action$='/dictamen'] button[type=submit]");
}

test("from a report to two verdicts, with a family's page that nothing of it moves", async () => {
  // The bank registers remains with a name on a paper.
  const bank = await signedIn("bankMexico");
  await bank.goto(`${node.url}/hallazgos/nuevo`);
  await bank.check("input[name='kind'][value='remains_named']");
  await fill(bank, {
    names: "Zoraida Inventada Quiñónez Prueba",
    "found-on-month": "6",
    "found-on-year": "2024",
    place: "Altar",
    country: "MEX",
    lat: "30.71",
    lon: "-111.83",
    "age-from": "25",
    "age-to": "35",
    "height-from": "155",
    "height-to": "162",
    marks: "Tatuaje de colibrí, hombro derecho",
  });
  await fill(bank, { sex: "female", nationality: "HND" });
  await assertWellMade(bank);
  await bank.click("main form button[type=submit]:has-text('Guardar'), main form button[type=submit]:has-text('Registrar')");
  await bank.waitForURL((url) => /\/hallazgos\/[0-9a-f-]{36}/.test(url.pathname));
  await assertWellMade(bank);

  // A colleague of the commission has the queue open.
  const queue = await signedIn("commission");
  const streaming = queue.waitForRequest((request) => request.url().endsWith("/novedades"));
  await queue.goto(`${node.url}/hipotesis`);
  await streaming;

  // The report of the mother.
  const officer = await signedIn("commission");
  await officer.goto(`${node.url}/casos/nuevo`);
  await fill(officer, {
    "who-name": "Madre Inventada",
    "who-relation": "mother",
    given: "Zoraida Inventada",
    surname1: "Quiñónez",
    surname2: "Prueba",
    "birth-year": "1994",
    marks: "Tatuaje de colibrí en el hombro derecho",
    "contact-on-month": "5",
    "contact-on-year": "2024",
    "contact-place": "Altar",
    "contact-country": "MEX",
    "contact-lat": "30.7",
    "contact-lon": "-111.8",
    "consent-language": "es",
    "granted-by": "mother",
    "explained-by": "Oficial Inventada",
  });
  await fill(officer, { sex: "female", nationality: "HND" });
  await officer.locator("label", { hasText: "Banco forense" }).first().click();
  for (const what of ["identity", "description", "circumstances"]) await officer.locator(`[name='search-what'][value='${what}']`).check();
  await officer.click("main form button:has-text('Registrar')");
  await officer.waitForSelector(".ra-slip");
  const folio = (await officer.locator(".ra-slip dd").first().textContent()).trim();
  const pin = (await officer.locator(".ra-slip dd").last().textContent()).trim();

  // The family looks, before anything happens.
  const family = await open(browser, "phone", { javaScriptEnabled: false });
  await family.goto(`${node.url}/familia/entrar`);
  await fill(family, { folio, pin });
  await family.click("main form button[type=submit]");
  await family.waitForURL((url) => url.pathname === "/familia");
  const before = await familyPage(family);

  // The hypothesis appears in the page that was open all the time.
  const news = queue.locator("[data-news-show]");
  await news.waitFor({ state: "visible" });
  await shoot(queue, "novedades-desk");
  await news.click();
  const line = queue.locator("#queue tr", { hasText: folio });
  await line.first().waitFor();
  await assertWellMade(queue);

  // Two people of two institutions.
  await line.first().locator("a[href^='/hipotesis/']").first().click();
  await queue.waitForURL((url) => /\/hipotesis\/[0-9a-f-]{36}/.test(url.pathname));
  const address = new URL(queue.url()).pathname;
  await assertWellMade(queue);
  await shoot(queue, "revision-desk");
  await queue.locator("summary", { hasText: "tabla" }).first().click();
  assert.ok((await queue.locator("section[aria-labelledby='evidence-heading'] table tbody tr").count()) >= 3, "the waterfall has its table");
  await decide(queue, "El tatuaje y el lugar coinciden.");
  await queue.waitForSelector(".govuk-inset-text");
  await bank.goto(`${node.url}${address}`);
  assert.ok(!(await bank.content()).includes("El tatuaje y el lugar coinciden."), "the second review is blind to the first");
  await decide(bank, "Coincide el colibrí.");
  await bank.waitForSelector("#board-heading");
  await assertWellMade(bank);
  await shoot(bank, "mesa-desk");

  // Nothing of it reached the family.
  assert.equal(await familyPage(family), before);
  await shoot(family, "familia-phone");
  for (const page of [bank, queue, officer, family]) await page.context().close();
});
