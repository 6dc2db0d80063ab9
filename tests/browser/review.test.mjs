// The queue and the review page in a browser: well made on every size, the waterfall with its table, a verdict by keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, startNode } from "./node.mjs";
import { assertWellMade, launch, mapsReady, open, shoot } from "./rig.mjs";

let browser;
let node;

before(async () => {
  [browser, node] = await Promise.all([launch(), startNode()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

async function onReview(size, role = "commission") {
  const page = await open(browser, size);
  await signIn(page, node, role);
  await page.goto(`${node.url}/hipotesis`);
  const first = await page.locator("main a[href^='/hipotesis/']").first().getAttribute("href");
  return { page, first };
}

for (const size of ["desk", "phone"]) {
  test(`the queue and the review page are well made (${size})`, async () => {
    const { page, first } = await onReview(size);
    await assertWellMade(page);
    await shoot(page, `queue-${size}`);
    await page.goto(node.url + first);
    await mapsReady(page);
    await assertWellMade(page);
    await shoot(page, `review-${size}`);
    await page.context().close();
  });

  test(`routes, queries and administration are well made in both languages (${size})`, async () => {
    for (const [role, paths] of [
      ["commission", ["/rutas", "/rutas?ruta=bestia_south_pacific&km=30&lat=16.2&lon=-93.9&radio=5"]],
      ["consulate", ["/consulta"]],
      [
        "administrator",
        ["", "/acuerdos", "/acuerdos/DEMO", "/programas", "/instituciones", "/accesos"].map((part) => `/administracion${part}`),
      ],
    ]) {
      const page = await open(browser, size);
      await signIn(page, node, role);
      for (const path of paths) {
        for (const lang of ["es", "en"]) {
          await page.goto(`${node.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
          await mapsReady(page);
          await assertWellMade(page);
          await shoot(page, `${role}${path.split("?")[0].replaceAll("/", "-")}-${paths.indexOf(path)}-${size}-${lang}`);
        }
      }
      await page.context().close();
    }
  });
}

for (const size of ["desk", "phone"]) {
  test(`a pair is explained with what it weighs, what is missing and where it stands, in both languages (${size})`, async () => {
    const { page, first } = await onReview(size);
    for (const lang of ["es", "en"]) {
      await page.goto(`${node.url}${first}?lang=${lang}`);
      await mapsReady(page);
      // Weightiest first, as the bars are drawn.
      const told = await page.locator(".ra-compare td.ra-compare__weight strong").allTextContents();
      const weights = told.map((text) => Number(text.replace("−", "-").replace("+", "")));
      assert.ok(weights.length > 2);
      assert.deepEqual(weights, weights.toSorted((a, b) => b - a));
      await page.locator(".ra-lacking").evaluate((table) => table.closest("details").setAttribute("open", ""));
      await assertWellMade(page);
      await shoot(page, `review-missing-${size}-${lang}`);

      await page.goto(`${node.url}/casos?lang=${lang}`);
      await page.goto(node.url + (await page.locator("main a[href^='/casos/']:not([href$='nuevo'])").first().getAttribute("href")));
      await page.locator("details:has(form[action='/explicacion'])").evaluate((details) => details.setAttribute("open", ""));
      await page.locator("#alcance + p ~ details").evaluateAll((all) => all.forEach((details) => details.setAttribute("open", "")));
      await mapsReady(page);
      await assertWellMade(page);
      await shoot(page, `case-information-${size}-${lang}`);
    }
    // From the case to a record by its folio: one that the review page names.
    await page.goto(node.url + first);
    const [, found] = await page.locator(".ra-compare thead small").allTextContents();
    const href = await page.locator("main a[href^='/casos/']").first().getAttribute("href");
    await page.goto(node.url + href);
    await page.locator("details:has(form[action='/explicacion']) summary").click();
    await page.fill("#hallazgo", found.toLowerCase());
    await page.locator("form[action='/explicacion'] button").click();
    await page.waitForURL((url) => url.pathname === "/explicacion");
    assert.ok((await page.locator("[data-weight]").count()) > 2);
    for (const lang of ["es", "en"]) {
      await page.goto(`${page.url().replace(/&lang=..$/, "")}&lang=${lang}`);
      await assertWellMade(page);
      await shoot(page, `explanation-${size}-${lang}`);
    }
    await page.fill("#hallazgo", "MX-0");
    await page.locator("form[action='/explicacion'] button").click();
    await page.waitForSelector(".govuk-error-summary");
    await assertWellMade(page);
    await shoot(page, `explanation-unseen-${size}`);
    await page.context().close();
  });
}

test("an account's page, a secret and a partner's answer are well made", async () => {
  for (const size of ["desk", "phone"]) {
    const admin = await open(browser, size);
    await signIn(admin, node, "administrator");
    await admin.goto(`${node.url}/administracion`);
    await admin.getByRole("link", { name: "Marta Ficticia" }).click();
    await assertWellMade(admin);
    await shoot(admin, `person-${size}`);
    await admin.goto(`${node.url}/administracion/programas`);
    await admin.locator("summary", { hasText: "Registrar un programa" }).click();
    await admin.fill("#name", `Sistema inventado ${size}`);
    await admin.selectOption("#user", { index: 1 });
    await admin.getByRole("button", { name: "Registrar y ver su clave" }).click();
    await admin.waitForSelector(".ra-secret");
    await assertWellMade(admin);
    await shoot(admin, `secret-${size}`);
    await admin.context().close();

    const consul = await open(browser, size);
    await signIn(consul, node, "consulate");
    await consul.goto(`${node.url}/consulta`);
    await consul.getByRole("button", { name: "Consultar" }).click();
    await consul.waitForSelector(".govuk-error-summary");
    await assertWellMade(consul);
    await shoot(consul, `query-faults-${size}`);
    await consul.fill("#name", "Persona Inexistente");
    await consul.fill("#birth-year", "1990");
    await consul.fill("#legal_basis", "Mandato inventado");
    await consul.getByRole("button", { name: "Consultar" }).click();
    await consul.waitForURL((url) => /\/consulta\/[0-9a-f-]{36}/.test(url.pathname));
    await assertWellMade(consul);
    await shoot(consul, `answer-${size}`);
    await consul.context().close();
  }
});

test("the waterfall's bars stand in its table, and a verdict is given by keyboard alone", async () => {
  const { page } = await onReview("desk");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => /\/hipotesis\/[0-9a-f-]{36}/.test(url.pathname));
  const bars = await page.locator(".ra-wf__bar").count();
  assert.ok(bars > 1);
  assert.equal(await page.locator("[data-weight]").count(), bars);

  await page.locator("#verdict").focus();
  await page.keyboard.press("Space");
  await page.locator("input[name=reasons]").first().focus();
  await page.keyboard.press("Space");
  await page.locator("#note").focus();
  await page.keyboard.type("Motivo inventado de una prueba");
  await page.keyboard.press("Tab");
  // On to the button, wherever it stands after the note.
  for (let i = 0; i < 12; i += 1) {
    if (await page.evaluate(() => document.activeElement?.matches("form[action$='/dictamen'] button[type=submit]"))) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".ra-flash--success");
  await page.context().close();
});
