// The parts of scripts/bench-live that are not a shell's: recombining invented persons, and watching an open page.
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { launch, open } from "../tests/browser/rig.mjs";

const [command, count, home, url, figures] = process.argv.slice(2);

/** The same numbers at every run (mulberry32). */
function numbers(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function cells(line) {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((m) => m[1]);
}

/** A file of `n` persons who share names, days and places with the demonstration's, but are nobody of them. */
async function recombine(file, n, out, random) {
  const lines = [];
  for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  const header = lines[0].split(",");
  const rows = lines.slice(1).map(cells);
  const column = (name) => header.indexOf(name);
  // Each of these comes from a row of its own.
  const apart = ["given_names", "surname_1", "surname_2", "name_as_recorded", "dob", "place", "marks", "clothing"].map(column).filter((i) => i >= 0);
  const [id, phones, document, place] = [0, column("phones"), column("doc_number"), column("place")];
  const stream = createWriteStream(out);
  stream.write(`${lines[0]}\n`);
  const any = () => rows[Math.floor(random() * rows.length)];
  for (let k = 0; k < n; k += 1) {
    const row = [...any()];
    for (const i of apart) {
      const from = any();
      row[i] = from[i];
      if (i === place) for (const at of [column("country"), column("lat"), column("lon")]) row[at] = from[at];
    }
    row[id] = `X${k}`;
    if (row[phones]) row[phones] = `+504${Math.floor(random() * 1e8)}`;
    if (row[document]) row[document] = String(Math.floor(random() * 1e11));
    if (!stream.write(`${row.slice(0, header.length).join(",")}\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function others() {
  const random = numbers(7);
  await recombine("config/demo/corpus-1k/cases.csv", Number(count), join(home, "cases.csv"), random);
  await recombine("config/demo/corpus-1k/records.csv", Number(count), join(home, "records.csv"), random);
}

async function answer(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${response.url}: ${text}`);
  return JSON.parse(text);
}

async function token(file) {
  const [, client, secret] = readFileSync(join(home, file), "utf8").match(/([0-9a-f-]{36})[\s\S]*?([A-Za-z0-9_-]{40,})/);
  const body = { grant_type: "client_credentials", client_id: client, client_secret: secret };
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await answer(await fetch(`${url}/api/v1/token`, request))).access_token;
}

const post = async (path, bearer, body) =>
  answer(await fetch(`${url}/api/v1${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` }, body: JSON.stringify(body) }));
const get = async (path, bearer) => answer(await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${bearer}` } }));

const SYLLABLES = ["xo", "mi", "ra", "tzu", "pel", "quin", "ba", "lor", "ne", "fi"];
/** An invented person who is told apart by name and day of birth. */
function person(k) {
  const word = (n) => [...String(n + 1000)].map((d) => SYLLABLES[Number(d)]).join("");
  const name = { kind: "legal", given_names: `Prueba ${word(k)}`, first_surname: `In${word(k * 7)}`, second_surname: `Ve${word(k * 3)}` };
  const birth = `${1960 + (k % 45)}-${String(1 + (k % 12)).padStart(2, "0")}-${String(1 + (k % 28)).padStart(2, "0")}`;
  return { names: [name], sex: k % 2 ? "female" : "male", birth, nationalities: ["HND"] };
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];

async function measure() {
  const n = Number(count);
  const [cases, found] = [await token("client-cases"), await token("client-found")];
  for (let k = 0; k < n; k += 1) await post("/found-records", found, { kind: "remains_named", person: person(k) });
  const from = performance.now();
  while (/^rastro_jobs_open\{kind="match_records"\} [1-9]/m.test(await (await fetch(figures)).text())) await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`the ${n} partners were compared, the last ${((performance.now() - from) / 1000).toFixed(1)} s after the last was registered`);
  const browser = await launch();
  try {
    const page = await open(browser, "desk");
    await page.goto(`${url}/entrar`);
    await page.fill("#email", "officer@commission.invalid");
    await page.fill("#password", "a long enough password");
    await page.click("main form button[type=submit]");
    const streaming = page.waitForRequest((request) => request.url().endsWith("/novedades"));
    await page.goto(`${url}/hipotesis`);
    await streaming;
    // When the page shows that something is new, and which hypotheses the event named.
    await page.evaluate(() => {
      window.shown = [];
      const box = document.querySelector("[data-news]");
      box.addEventListener("news", (event) => {
        const { hypotheses } = JSON.parse(event.detail.data);
        // After the page's own listener has written the sentence and the browser has painted it.
        requestAnimationFrame(() => setTimeout(() => window.shown.push({ at: Date.now(), hypotheses, visible: !box.querySelector("[data-news-show]").hidden })));
      });
    });
    const commits = [];
    let told = 0;
    for (let k = 0; k < n; k += 1) {
      const sent = Date.now();
      const grants = [{ purpose: "search", recipient: "forensic_bank", categories: ["identity", "description", "circumstances"] }];
      const consent = { grants, language: "es", explained_by: "measurement", granted_by: "mother" };
      const { id } = await post("/cases", cases, { person: person(k), consent });
      // The next commit waits until the page has shown something, so that each has the node to itself as a person's would.
      await page.waitForFunction((seen) => window.shown.length > seen, told, { timeout: 20000, polling: 5 });
      told = await page.evaluate(() => window.shown.length);
      commits.push({ id, sent });
    }
    const times = [];
    for (const [k, commit] of commits.entries()) {
      // The pair itself: the strongest hypothesis of the case.
      const { items } = await get(`/hypotheses?case=${commit.id}`, cases);
      const shown = await page.evaluate((id) => window.shown.find((event) => event.hypotheses.includes(id)), items[0]?.id);
      if (!shown?.visible) throw new Error(`commit ${k}: its hypothesis was not shown`);
      times.push(shown.at - commit.sent);
    }
    times.sort((a, b) => a - b);
    console.log(`| commits | p50 ms | p90 ms | p99 ms | worst ms |\n| ---: | ---: | ---: | ---: | ---: |`);
    console.log(`| ${n} | ${[0.5, 0.9, 0.99, 1].map((q) => quantile(times, q)).join(" | ")} |`);
    console.log("from sending the request to the painted page, so the commit itself is in it");
  } finally {
    await browser.close();
  }
}

await (command === "others" ? others() : measure());
