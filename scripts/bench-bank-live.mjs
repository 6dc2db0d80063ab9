// The parts of scripts/bench-bank-live that are not a shell's: invented families through the API, and how long a saved profile takes to be evidence.
import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

const [command, count, home, url] = process.argv.slice(2);
const TABLE = "config/genetics/frequencies/fbi2015_sw_hispanic.csv.gz";

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

/** Alleles with their frequencies, by locus. */
async function table() {
  const loci = new Map();
  for await (const line of createInterface({ input: createReadStream(TABLE).pipe(createGunzip()) })) {
    const [, locus, allele, frequency] = line.split(",");
    if (locus === "locus") continue;
    if (!loci.has(locus)) loci.set(locus, []);
    loci.get(locus).push([allele, Number(frequency)]);
  }
  return loci;
}

function founder(loci, random) {
  const one = (alleles) => {
    let at = random();
    for (const [allele, p] of alleles) if ((at -= p) < 0) return allele;
    return alleles[alleles.length - 1][0];
  };
  return Object.fromEntries([...loci].map(([locus, alleles]) => [locus, [one(alleles), one(alleles)]]));
}

function child(mother, father, random) {
  const pick = (pair) => pair[random() < 0.5 ? 0 : 1];
  return Object.fromEntries(Object.keys(mother).map((locus) => [locus, [pick(mother[locus]), pick(father[locus])]]));
}

class Program {
  constructor(name) {
    const text = readFileSync(join(home, `client-${name}`), "utf8");
    this.id = text.match(/[0-9a-f-]{36}/)[0];
    this.secret = text.match(/secret[^A-Za-z0-9_-]*([A-Za-z0-9_-]{20,})/)[1];
  }
  async token() {
    if (!this.until || Date.now() > this.until) {
      const body = JSON.stringify({ grant_type: "client_credentials", client_id: this.id, client_secret: this.secret, purpose: "search" });
      const answer = await fetch(`${url}/api/v1/token`, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
      this.bearer = (await answer.json()).access_token;
      this.until = Date.now() + 120_000;
    }
    return this.bearer;
  }
  async ask(method, path, body) {
    const headers = { authorization: `Bearer ${await this.token()}` };
    if (body) headers["content-type"] = "application/json";
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }
  post(path, body) {
    return this.ask("POST", path, body);
  }
}

const KINDS = ["search", "identification"];
const reading = (genome) => ({ kit: "invented", laboratory: "invented", run_on: "2026-01-05", loci: genome });
const names = ["Ana", "Luz", "Rosa", "Elsa", "Nora", "Inés", "Marta", "Julia", "Irma", "Delia"];
const surnames = ["Zelaya", "Pineda", "Funes", "Orellana", "Cáceres", "Murillo", "Banegas", "Aguilar", "Rivas", "Mejía", "Turcios", "Bonilla"];

function person(random, told) {
  const any = (list) => list[Math.floor(random() * list.length)];
  return {
    names: told ? [{ kind: "legal", given_names: any(names), first_surname: any(surnames), second_surname: any(surnames), full_text: "" }] : [],
    sex: "female",
    birth: told ? `${1975 + Math.floor(random() * 30)}-${String(1 + Math.floor(random() * 12)).padStart(2, "0")}-${String(1 + Math.floor(random() * 28)).padStart(2, "0")}` : undefined,
  };
}

async function profile(sample, genome, programs) {
  await programs.first.post(`/samples/${sample}/readings`, reading(genome));
  return programs.second.post(`/samples/${sample}/readings`, reading(genome));
}

/** One family: a missing daughter, and one to four of mother, father, sister, brother typed. */
async function family(loci, random, programs) {
  const { officer, keeper, first } = programs;
  const [mother, father] = [founder(loci, random), founder(loci, random)];
  const missing = child(mother, father, random);
  const consent = {
    language: "es", explained_by: "measurement", granted_by: "family", form_version: "1",
    grants: KINDS.map((purpose) => ({ purpose, recipient: "forensic_bank", categories: ["identity", "description", "circumstances"] })),
  };
  const made = await officer.post("/cases", { person: person(random, true), consent });
  const relatives = [
    ["mother", "female", "mother", mother],
    ["father", "male", "father", father],
    ["sister", "female", "full_sibling", child(mother, father, random)],
    ["brother", "male", "full_sibling", child(mother, father, random)],
  ];
  const donors = [];
  for (const [individual, sex, relation, genome] of relatives.slice(0, 1 + Math.floor(random() * 4))) {
    const donor = await keeper.post("/donors", {
      case: made.id, relation, name: "Inventada", sex,
      consent: { institutions: ["forensic_bank"], language: "es", explained_by: "measurement", granted_by: "donor", form_version: "1" },
    });
    const sample = await keeper.post("/samples", { source: "relative", donor: donor.id, material: "saliva", taken_on: "2026-01-02" });
    await profile(sample.id, genome, programs);
    donors.push({ individual, donor: donor.id });
  }
  const born = { mother: "mother", father: "father" };
  await first.post("/pedigrees", {
    individuals: [
      { id: "mother", sex: "female" }, { id: "father", sex: "male" }, { id: "missing", sex: "female", ...born },
      { id: "sister", sex: "female", ...born }, { id: "brother", sex: "male", ...born },
    ],
    missing: [{ individual: "missing", case: made.id }],
    donors,
    state: "validated",
  });
  return { case: made.id, missing, donors: donors.map((d) => d.donor) };
}

function programs() {
  return Object.fromEntries(["officer", "keeper", "first", "second"].map((name) => [name, new Program(name)]));
}

async function families() {
  const [loci, random, who] = [await table(), numbers(11), programs()];
  const [wanted, made, began] = [Number(count), [], Date.now()];
  const lane = async () => {
    while (made.length < wanted) {
      const at = made.push(null) - 1;
      made[at] = await family(loci, random, who);
      if ((at + 1) % 500 === 0) console.log(`${at + 1} families, ${((Date.now() - began) / 1000).toFixed(0)} s`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  writeFileSync(join(home, "families.json"), JSON.stringify(made));
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The officer's session on the pages. */
async function signedIn() {
  const cookies = new Map();
  const ask = async (path, form) => {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    const body = form && new URLSearchParams(form);
    const answer = await fetch(url + path, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    return { status: answer.status, text: await answer.text() };
  };
  const { text } = await ask("/entrar");
  const csrf = text.match(/name="csrf" value="([^"]*)"/)?.[1] ?? "";
  const { status } = await ask("/entrar", { csrf, email: "officer@bench.invalid", password: "a long enough password" });
  if (status !== 303) throw new Error(`signing in: ${status}`);
  return ask;
}

function told(what, times, of, missed) {
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(0);
  console.log(`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms, of ${of}; not seen in 30 s: ${missed}`);
  if (missed > 0) process.exitCode = 1;
}

/** Asks every 5 ms until `seen` finds something; how long it took from `began` on, or nothing. */
async function until(began, seen) {
  while (performance.now() - began < 30_000) {
    const found = await seen();
    if (found) return { found, took: performance.now() - began };
    await sleep(5);
  }
  return null;
}

async function measure() {
  const [random, who] = [numbers(13), programs()];
  const made = JSON.parse(readFileSync(join(home, "families.json"), "utf8"));
  const [saved, shown, ended, pairs] = [[], [], [], []];
  let missed = 0;
  const dna = async (sought, found) => {
    const page = await who.officer.ask("GET", `/hypotheses?case=${sought}&found_record=${found}`);
    return page.items.map((line) => ({ id: line.id, ...line.evidence.find((e) => e.field === "dna") })).find((e) => e.level);
  };
  const page = await signedIn();
  for (let k = 0; k < Number(count); k += 1) {
    const { case: sought, missing, donors } = made[Math.floor(random() * made.length)];
    const found = await who.keeper.post("/found-records", { kind: "remains_unnamed", person: person(random, false) });
    const sample = await who.keeper.post("/samples", { source: "remains", found_record: found.id, material: "bone", taken_on: "2026-01-03" });
    await who.first.post(`/samples/${sample.id}/readings`, reading(missing));
    await who.second.token();
    await who.officer.token();
    await sleep(50);
    const began = performance.now();
    await who.second.post(`/samples/${sample.id}/readings`, reading(missing));
    const seen = await until(began, async () => {
      const evidence = await dna(sought, found.id);
      return evidence?.level === "dna.supports" && evidence;
    });
    if (!seen) {
      missed += 1;
      continue;
    }
    saved.push(seen.took);
    // The review page itself, with the bar.
    const { status, text } = await page(`/hipotesis/${seen.found.id}`);
    if (status !== 200 || !text.includes("ADN")) throw new Error(`the review page answers ${status} without DNA`);
    shown.push(performance.now() - began);
    pairs.push({ sought, found: found.id, donors, weight: seen.found.log10_lr });
  }
  told("saved to evidence in the hypothesis, the request itself included", saved, Number(count), missed);
  told("saved to the review page with the DNA bar", shown, Number(count), missed);
  // Then relatives withdraw, all of a family, one after the other: from the last one's request until the hypothesis says so.
  let unseen = 0;
  const once = [...new Map(pairs.map((pair) => [pair.sought, pair])).values()];
  for (const { sought, found, donors } of once) {
    for (const donor of donors.slice(0, -1)) await who.keeper.post(`/donors/${donor}/withdrawals`, {});
    await who.keeper.token();
    await who.officer.token();
    await sleep(50);
    const began = performance.now();
    await who.keeper.post(`/donors/${donors.at(-1)}/withdrawals`, {});
    const seen = await until(began, async () => (await dna(sought, found))?.level === "dna.withdrawn");
    if (seen) ended.push(seen.took);
    else unseen += 1;
  }
  told("withdrawn to the hypothesis saying so", ended, once.length, unseen);
}

await { families, measure }[command]();
