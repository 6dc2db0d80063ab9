// Whether an answer's time tells if a record is there: asks a demonstration for cases of an authority that the asking one has no agreement with, and for
// ids that never were, in turns, and compares the times.
//
//   node scripts/bench-timing.mjs URL CLIENT_FILE FOREIGN_CASE_ID [ROUNDS]
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";

const [url, file, foreign, rounds = "2000"] = process.argv.slice(2);
const [, client, secret] = readFileSync(file, "utf8").match(/client_id (\S+)\s+client_secret (\S+)/);
const json = { "content-type": "application/json" };
const body = JSON.stringify({ grant_type: "client_credentials", client_id: client, client_secret: secret });
const { access_token } = await (await fetch(`${url}/api/v1/token`, { method: "POST", headers: json, body })).json();

async function time(id) {
  const from = performance.now();
  const response = await fetch(`${url}/api/v1/cases/${id}`, { headers: { authorization: `Bearer ${access_token}` } });
  await response.text();
  if (response.status !== 404) throw new Error(`${response.status}`);
  return performance.now() - from;
}

/** A fresh id of the same age as the foreign one: ids carry their time. */
const never = () => foreign.slice(0, 14) + randomUUID().slice(14);
const [there, nowhere] = [[], []];
for (let k = 0; k < 200; k += 1) await time(never());
for (let k = 0; k < Number(rounds); k += 1) {
  const first = k % 2 === 0;
  if (first) there.push(await time(foreign));
  nowhere.push(await time(never()));
  if (!first) there.push(await time(foreign));
}
const mean = (x) => x.reduce((a, b) => a + b, 0) / x.length;
const sorted = (x) => [...x].sort((a, b) => a - b);
const median = (x) => sorted(x)[Math.floor(x.length / 2)];
// The middle 90 % of each, so that a pause of the machine does not decide.
const middle = (x) => sorted(x).slice(Math.floor(x.length * 0.05), Math.ceil(x.length * 0.95));
const variance = (x) => mean(x.map((v) => (v - mean(x)) ** 2));
const [a, b] = [middle(there), middle(nowhere)];
const t = (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
console.log(`| | median ms | mean ms (middle 90 %) |\n| --- | ---: | ---: |`);
console.log(`| a case of an authority without an agreement | ${median(there).toFixed(3)} | ${mean(a).toFixed(3)} |`);
console.log(`| an id that never was | ${median(nowhere).toFixed(3)} | ${mean(b).toFixed(3)} |`);
console.log(`\nWelch's t over ${rounds} rounds: ${t.toFixed(2)} (beyond 2.6 the difference would be sure at 99 %)`);
