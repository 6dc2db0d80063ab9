// A running node for browser tests: the demonstration of the program under test on a private folder, and signing in to it.
// Environment: TEST_PROGRAM (the program, default target/debug/rastro); TEST_DEMO (the folder of a demonstration that was loaded and stopped: each
// start gets a copy instead of loading its own); TEST_URL (a demonstration that runs already and is used instead;
// TEST_FAMILY then names its family as FOLIO:PIN).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The password of every account of the demonstration, whose persons are invented. */
export const PASSWORD = "demostracion-ficticia";

/** Accounts of the demonstration by what they do. */
export const ACCOUNTS = {
  commission: "comision@honduras.invalid",
  commissionGuatemala: "comision@guatemala.invalid",
  commissionMexico: "comision@mexico.invalid",
  bank: "bank@arizona.invalid",
  bankMexico: "banco@mexico.invalid",
  genetics: "genetics@arizona.invalid",
  geneticsMexico: "genetica@mexico.invalid",
  consulate: "consulado@honduras.invalid",
  consulateGuatemala: "consulado@guatemala.invalid",
  defender: "defender@arizona.invalid",
  hospital: "hospital@chiapas.invalid",
  association: "comite@familias.invalid",
  administrator: "admin@honduras.invalid",
};

/** Loading the demonstration takes seconds in a release build; a debug build on a busy machine gets this long. */
const PATIENCE_MS = 10 * 60 * 1000;

/** Resolves with everything printed until the address stands there; rejects when the program ends before or time runs out. */
function untilOpen(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const timer = setTimeout(() => reject(new Error(`the node did not start in time:\n${printed}`)), PATIENCE_MS);
    const end = (act) => {
      clearTimeout(timer);
      act();
    };
    const read = (chunk) => {
      printed += chunk;
      if (/^Open http\S+ /m.test(printed)) end(() => resolve(printed));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", (error) => end(() => reject(error)));
    child.once("exit", (code) => end(() => reject(new Error(`the node ended with ${code}:\n${printed}`))));
  });
}

const ended = (child) => new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve()));

/**
 * Starts a demonstration: `{url, accounts, password, family: {folio, pin}, stop()}`. One per test file; `stop` ends the server and its
 * database and removes the folder.
 */
export async function startNode() {
  const common = { accounts: ACCOUNTS, password: PASSWORD };
  if (process.env.TEST_URL) {
    const [folio = "", pin = ""] = (process.env.TEST_FAMILY ?? "").split(":");
    return { ...common, url: process.env.TEST_URL.replace(/\/$/, ""), family: { folio, pin }, stop: async () => {} };
  }
  const program = process.env.TEST_PROGRAM || fileURLToPath(new URL("../../target/debug/rastro", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "rastro-browser-"));
  // The database's user has to reach its files in it, or they would lie elsewhere and stay behind.
  chmodSync(folder, 0o755);
  // With owners, as the files are that user's.
  if (process.env.TEST_DEMO) execFileSync("cp", ["-a", process.env.TEST_DEMO, join(folder, "data")]);
  // Our own settings (TEST_PROGRAM, TEST_SHOTS) are none of the program's, which refuses what it does not know.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RASTRO_")));
  const child = spawn(program, ["demo", "--data", join(folder, "data"), "--port", "0"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) child.kill("SIGINT");
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const printed = await untilOpen(child);
    const [, url] = printed.match(/^Open (http:\S+)/m);
    const [, folio = "", pin = ""] = printed.match(/folio (\S+) with PIN (\S+)/) ?? [];
    return { ...common, url, family: { folio, pin }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Signs in a member of staff by the name of an account in `ACCOUNTS` (or a mail address), and stands on their first page. */
export async function signIn(page, node, role) {
  await page.goto(`${node.url}/entrar`);
  await page.fill("#email", node.accounts[role] ?? role);
  await page.fill("#password", node.password);
  await page.click("main form button[type=submit]");
  await page.waitForURL((url) => !url.pathname.startsWith("/entrar"));
  assert.ok(!page.url().includes("/entrar"), `signing in as ${role}`);
}
