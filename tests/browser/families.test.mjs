// The family's pages as a family meets them: on a small telephone, without scripts, on a slow line, in a hurry to leave.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startNode, signIn } from "./node.mjs";
import { assertAxe, assertNoSidewaysScroll, assertWellMade, launch, open, shoot, throttle, transferred } from "./rig.mjs";

let browser;
let node;

before(async () => {
  [browser, node] = await Promise.all([launch(), startNode()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Does what leaves the portal and waits until the page stands elsewhere; the neutral site itself may be out of reach. */
async function leaves(page, act) {
  const exit = page.waitForResponse((response) => response.url() === `${node.url}/salir`);
  await act();
  assert.equal((await exit).status(), 303);
  const patience = Date.now() + 20_000;
  while (page.url().startsWith(node.url) && Date.now() < patience) await page.waitForTimeout(50);
  assert.ok(!page.url().startsWith(node.url), `still at ${page.url()}`);
}

async function enter(page) {
  await page.goto(`${node.url}/familia/entrar`);
  await page.fill("#folio", node.family.folio);
  await page.fill("#pin", node.family.pin);
  await page.click("main form button[type=submit]");
  await page.waitForURL(`${node.url}/familia`);
}

test("a family signs in, asks for a call, writes and reads what is held, all without scripts", async () => {
  const page = await open(browser, "phone", { javaScriptEnabled: false });
  await enter(page);
  assert.match(await page.textContent("h1"), /sigue activa/);
  assert.equal(await page.title(), "Portal");
  await page.check('input[name="when"][value="evening"]');
  await page.fill("#note", "después de las seis");
  await page.click('form[action="/familia/llamada"] button');
  assert.match(await page.textContent("[role=status]"), /Una persona le llamará/);
  assert.match(await page.textContent("main"), /Usted pidió una llamada/);
  await page.click('form[action="/familia/mensaje"] button');
  assert.match(await page.textContent("[role=alert]"), /Escriba algo/);
  await page.fill("#text", "Recordamos algo más.");
  await page.click('form[action="/familia/mensaje"] button');
  assert.match(await page.textContent("main"), /Recordamos algo más\./);
  await page.click('a[href="/familia/datos"]');
  assert.match(await page.textContent("h1"), /Sus datos y permisos/);
  const withdraw = page.locator('a[href="/familia/datos/retirar?purpose=todos"]');
  if (await withdraw.count()) {
    await withdraw.click();
    assert.match(await page.textContent("main"), /Qué pasa si lo retira/);
    await page.click('main form a[href="/familia/datos"]');
  }
  await page.route(/^https?:\/\/(?!127\.0\.0\.1)/, (route) => route.fulfill({ body: "<title>harmless</title>", contentType: "text/html" }));
  await leaves(page, () => page.click("[data-exit]", { noWaitAfter: true }));
  await page.goto(`${node.url}/familia`);
  assert.match(page.url(), /\/familia\/entrar/);
  await page.context().close();
});

test("the quick exit and Shift three times leave at once, and going back shows nothing of the family", async () => {
  for (const how of ["tap", "keys"]) {
    const page = await open(browser, "phone");
    await page.route(/^https?:\/\/(?!127\.0\.0\.1)/, (route) => route.fulfill({ body: "<title>harmless</title>", contentType: "text/html" }));
    await enter(page);
    await leaves(page, async () => {
      if (how === "tap") await page.click("[data-exit]", { noWaitAfter: true });
      else for (let i = 0; i < 3; i += 1) await page.keyboard.press("Shift");
    });
    // The browser may still be changing processes when the address has changed; a page that answers is there.
    await page.waitForFunction(() => document.title === "harmless");
    await page.goBack();
    await page.waitForLoadState("domcontentloaded");
    assert.doesNotMatch((await page.textContent("body")) ?? "", /sigue activa|Su persona de contacto|Su folio/);
    const cookies = await page.context().cookies(node.url);
    assert.deepEqual(cookies.filter((c) => /familia/.test(c.name)), []);
    await page.context().close();
  }
});

test("the pages are well made at 1280 and 360 pixels, and do not scroll sideways at 320", async () => {
  for (const size of ["desk", "phone"]) {
    const page = await open(browser, size);
    await page.goto(`${node.url}/familia/entrar`);
    await assertWellMade(page);
    await shoot(page, `entrar-${size}`);
    await page.click("main form button[type=submit]");
    await assertAxe(page);
    await shoot(page, `entrar-faults-${size}`);
    await enter(page);
    await assertWellMade(page);
    await shoot(page, `familia-${size}`);
    await page.goto(`${node.url}/familia?lang=en`);
    await assertWellMade(page);
    await page.click('form[action="/familia/mensaje"] button');
    await assertAxe(page);
    for (const [path, name] of [["/familia/datos", "datos"], ["/familia/datos/retirar?purpose=todos", "retirar"], ["/familia/datos/retirar?purpose=search", "retirar-search"]]) {
      await page.goto(`${node.url}${path}`);
      await assertWellMade(page);
      await page.goto(`${node.url}${path}${path.includes("?") ? "&" : "?"}lang=es`);
      await assertWellMade(page);
      await shoot(page, `${name}-${size}`);
    }
    await page.context().close();
  }
  const narrow = await open(browser, "narrow");
  await enter(narrow);
  for (const path of ["/familia/entrar", "/familia", "/familia/datos", "/familia/datos/retirar?purpose=todos"]) {
    await narrow.goto(`${node.url}${path}`);
    await assertNoSidewaysScroll(narrow);
  }
  await narrow.context().close();
});

test("the association's pages are well made, and a question is sent", async () => {
  for (const size of ["desk", "phone"]) {
    const page = await open(browser, size);
    await signIn(page, node, "association");
    assert.match(page.url(), /\/asociacion$/);
    await assertWellMade(page);
    await shoot(page, `asociacion-${size}`);
    await page.click("tbody a");
    await page.fill("#text", `¿Cuándo nos vemos? (${size})`);
    await page.click("main form button[type=submit]");
    await page.waitForFunction((text) => document.querySelector("main")?.textContent.includes(text), `¿Cuándo nos vemos? (${size})`);
    await assertWellMade(page);
    await shoot(page, `asociacion-caso-${size}`);
    await page.setViewportSize({ width: 320, height: 640 });
    await assertNoSidewaysScroll(page);
    await page.context().close();
  }
});

test("a first visit is 50 KB at most, the next page 12 KB, no font is fetched where data are saved, and a slow line shows the page in seconds", async () => {
  const page = await open(browser, "phone");
  const first = await transferred(page, () => page.goto(`${node.url}/familia/entrar`));
  assert.ok(first <= 50_000, `the first visit took ${first} bytes`);
  const next = await transferred(page, () => enter(page));
  assert.ok(next <= 24_000, `signing in took ${next} bytes`);
  const data = await transferred(page, () => page.click('a[href="/familia/datos"]'));
  assert.ok(data <= 12_000, `the next page took ${data} bytes`);
  await page.context().close();

  const saving = await open(browser, "phone", { extraHTTPHeaders: { "Save-Data": "on" } });
  const fonts = [];
  saving.on("request", (request) => request.url().includes("woff2") && fonts.push(request.url()));
  const frugal = await transferred(saving, () => saving.goto(`${node.url}/familia/entrar`));
  assert.deepEqual(fonts, []);
  assert.ok(frugal <= 25_000, `with data saved it took ${frugal} bytes`);
  await saving.context().close();
  console.log(`bytes: first visit ${first}, sign-in and status ${next}, data page ${data}, first visit with Save-Data ${frugal}`);

  const slow = await open(browser, "phone");
  await throttle(slow, 50, 500);
  const started = Date.now();
  await slow.goto(`${node.url}/familia/entrar`, { waitUntil: "commit", timeout: 60_000 });
  await slow.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0, null, { timeout: 60_000 });
  const paint = await slow.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  console.log(`first contentful paint at 50 kbit/s and 500 ms: ${Math.round(paint)} ms (${Date.now() - started} ms by the clock)`);
  assert.ok(paint < 12_000);
  await slow.context().close();
});
