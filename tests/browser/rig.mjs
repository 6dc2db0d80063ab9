// What every browser test needs: a Chromium, contexts the size of a phone and a desk, and checks that are facts about a page.
// Environment: CHROMIUM (path of the browser, default /usr/bin/chromium), TEST_SHOTS (folder for screenshots; none when unset).
import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Sizes that pages are looked at in. "narrow" is WCAG's 320 px reflow width. */
export const SIZES = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  desk: { viewport: { width: 1280, height: 860 } },
  narrow: { viewport: { width: 320, height: 640 } },
};

const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/** Starts Chromium. The caller closes it. Runs without a sandbox because test machines run as root. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"],
  });
}

/**
 * Opens a page of the given size. `page.complaints` gathers console errors, CSP violations, page errors, failed requests and
 * requests to other hosts; `assertCalm` fails when it is not empty.
 */
export async function open(browser, size, options = {}) {
  const context = await browser.newContext({ ...SIZES[size], locale: "es-MX", timezoneId: "America/Mexico_City", ...options });
  const page = await context.newPage();
  page.complaints = [];
  let home = null;
  page.on("console", (message) => {
    // A page that answers 4xx on purpose is not an error of the page; CSP reports arrive here as errors too.
    if (message.type() === "error" && !/the server responded with a status of 4\d\d/.test(message.text())) {
      page.complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => page.complaints.push(`page error: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!/^https?:$/.test(url.protocol)) return;
    home ??= url.host;
    if (url.host !== home) page.complaints.push(`request to another host: ${url.host}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) page.complaints.push(`${response.status()} from ${new URL(response.url()).pathname}`);
  });
  return page;
}

/** No console error, CSP violation, 5xx or foreign request so far. */
export function assertCalm(page) {
  assert.deepEqual(page.complaints, [], `${page.url()} complained`);
}

/** axe-core finds no violation of WCAG 2.2 A and AA. */
export async function assertAxe(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze();
  const told = violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(" ")).slice(0, 5).join(" | ")}`);
  assert.deepEqual(told, [], `axe at ${page.url()}`);
}

/** Every visible text uses our sans-serif face; axe does not notice a fall back to Times. */
export async function assertNoSerif(page) {
  const serif = await page.evaluate(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const parent = walker.currentNode.parentElement;
      if (!text || !parent || !parent.checkVisibility?.()) continue;
      const family = getComputedStyle(parent).fontFamily;
      if (!/sans-serif|monospace/.test(family)) found.push(`${text.slice(0, 40)} (${family})`);
    }
    return found.slice(0, 5);
  });
  assert.deepEqual(serif, [], `serif text at ${page.url()}`);
}

/** The page does not scroll sideways (one pixel is allowed for rounding). */
export async function assertNoSidewaysScroll(page) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - room;
    if (over <= 1) return null;
    const guilty = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return `${over}px: ${guilty.slice(0, 4).map((e) => `${e.tagName}.${e.className}`).join(", ")}`;
  });
  assert.equal(wide, null, `${page.url()} scrolls sideways`);
}

/** One h1, a skip link first, a language, and no inline style or script (the policy would block them). */
export async function assertSoundFrame(page) {
  // A page that was just left for may be there without a word of it yet.
  await page.waitForFunction(() => document.readyState === "complete");
  const frame = await page.evaluate(() => ({
    h1: document.querySelectorAll("h1").length,
    skip: document.querySelector("body a")?.getAttribute("href"),
    lang: document.documentElement.lang.length >= 2,
    inline: document.querySelectorAll("script:not([src]):not([type='application/json'])").length,
  }));
  assert.deepEqual(frame, { h1: 1, skip: "#main", lang: true, inline: 0 }, page.url());
}

/** All page-wide checks at once. */
export async function assertWellMade(page) {
  await assertSoundFrame(page);
  await assertNoSerif(page);
  await assertNoSidewaysScroll(page);
  await assertAxe(page);
  assertCalm(page);
}

/** Writes a screenshot of the whole page as NAME.png when TEST_SHOTS names a folder. */
export async function shoot(page, name) {
  const folder = process.env.TEST_SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Waits until every `[data-map]` of the page has drawn its data. */
export async function mapsReady(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("[data-map]")].every((map) => map.dataset.mapLoaded !== undefined));
}

/** Slows the connection: kilobits per second and milliseconds of latency. */
export async function throttle(page, kbits, latency) {
  const session = await page.context().newCDPSession(page);
  const bytes = (kbits * 1024) / 8;
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: bytes, uploadThroughput: bytes });
  return session;
}

/** Counts the bytes that cross the wire while `act` runs. */
export async function transferred(page, act) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
  });
  await act();
  await page.waitForLoadState("networkidle");
  await session.detach();
  return bytes;
}
