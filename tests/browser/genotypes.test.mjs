// No answer of the pages tells a genotype to anybody but geneticists: every account of the demonstration follows every link it is given, and whatever is
// answered, pages, data of maps and refusals, is read for names of DNA markers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, startNode } from "./node.mjs";
import { launch, open } from "./rig.mjs";

let browser;
let node;

before(async () => {
  [browser, node] = await Promise.all([launch(), startNode()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Names of markers that laboratories type, as no other text of the pages has them. */
const MARKER = /\b(?:D\d{1,2}S\d{3,4}|DYS\d{3}|vWA|FGA|TH01|TPOX|CSF1PO|SE33|Penta [DE])\b/;

/** Addresses of pages for geneticists that nobody else is given a link to. */
const BEYOND = ["/banco/familias", "/banco/busquedas", "/banco/conjunta"];

/** Pages of one kind, as far as one is like the next: ids are one. */
const kind = (path) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}").replace(/\?.*/, "");

/** Follows links from `start`, at most `most` of a kind; what was answered by address. */
async function crawl(page, start, most = 4) {
  const told = new Map();
  const seen = new Set(start);
  const kinds = new Map();
  const queue = [...start];
  while (queue.length > 0) {
    const path = queue.shift();
    const answer = await page.request.get(node.url + path, { maxRedirects: 3 });
    const text = /^(?:image|font|application\/pdf)/.test(answer.headers()["content-type"] ?? "") ? "" : await answer.text();
    told.set(path, { status: answer.status(), text });
    for (const [, link] of text.matchAll(/(?:href|data-src|data-map|action)="(\/[^"#]*)"/g)) {
      const next = link.replaceAll("&amp;", "&");
      if (seen.has(next) || /^\/(?:assets|salir|entrar)/.test(next)) continue;
      seen.add(next);
      const of = (kinds.get(kind(next)) ?? 0) + 1;
      kinds.set(kind(next), of);
      if (of <= most) queue.push(next);
    }
  }
  return told;
}

const marked = (told) => [...told].filter(([, { text }]) => MARKER.test(text)).map(([path]) => path);

test("nobody but geneticists is told a genotype by any page that links lead to", async () => {
  // Whoever works with profiles finds them this way, or the search would prove nothing.
  const geneticist = await open(browser, "desk");
  await signIn(geneticist, node, "geneticsMexico");
  const theirs = await crawl(geneticist, ["/inicio", ...BEYOND]);
  assert.ok(marked(theirs).some((path) => /\/perfil/.test(path)), `a geneticist reaches a profile: ${[...theirs.keys()]}`);
  // What the geneticist reached the others ask for as well.
  const bank = [...theirs.keys()].filter((path) => path.startsWith("/banco"));
  await geneticist.context().close();
  for (const role of Object.keys(node.accounts).filter((name) => !name.startsWith("genetics"))) {
    const page = await open(browser, "desk");
    await signIn(page, node, role);
    const told = await crawl(page, ["/inicio", ...bank]);
    assert.deepEqual(marked(told), [], `${role} is told markers`);
    assert.ok(told.size > bank.length, `${role} has pages`);
    const failed = [...told].filter(([, { status }]) => status >= 500).map(([path]) => path);
    assert.deepEqual(failed, [], `${role} meets failures`);
    await page.context().close();
  }
  const family = await open(browser, "phone");
  await family.goto(`${node.url}/familia/entrar`);
  await family.fill("#folio", node.family.folio);
  await family.fill("#pin", node.family.pin);
  await family.click("main form button[type=submit]");
  await family.waitForURL((url) => url.pathname === "/familia");
  const told = await crawl(family, ["/familia", ...bank]);
  assert.deepEqual(marked(told), [], "a family is told markers");
  await family.context().close();
});
