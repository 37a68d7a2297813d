import { statfs } from "node:fs/promises";
import { parseArgs } from "node:util";
import { holderOf } from "../server/file_lock.ts";
import { openKeyRing } from "../server/keys.ts";
import { BadCertificate, readCertificate } from "./certificate.ts";
import { BadSettings, readSettings, type Settings } from "./settings.ts";

/** One thing that was looked at. bad: the process would not start, or not as it should. */
export interface CheckLine {
  readonly state: "ok" | "warn" | "bad";
  readonly what: string;
  readonly text: string;
}

/** What the program gives the command. */
export interface CheckPorts {
  readonly env: Readonly<Record<string, string>>;
  readonly webDir: string;
  readonly args: readonly string[];
}

const dayMs = 24 * 3_600_000;
/** A certificate that ends sooner is worth a warning. */
const certificateDaysMin = 14;

/** `chatnode check [--against=<internal url>]`: prints what it found; exit code 1 when bad. */
export async function runCheck(ports: CheckPorts): Promise<void> {
  const { values } = parseArgs({
    args: [...ports.args],
    options: { against: { type: "string" } },
  });
  const lines = await check(ports, values.against);
  const text = lines.map(({ state, what, text }) =>
    `${state.padEnd(5)}${what.padEnd(14)}${text}\n`
  );
  Deno.stdout.writeSync(new TextEncoder().encode(text.join("")));
  Deno.exit(lines.some(({ state }) => state === "bad") ? 1 : 0);
}

/**
 * Looks at settings, data folder, keys, certificate, pages and limits of this machine without
 * changing anything, and at the running process where there is one. `against`: the internal address
 * of another process, whose keys must be the same.
 */
export async function check(
  { env, webDir }: Pick<CheckPorts, "env" | "webDir">,
  against?: string,
): Promise<readonly CheckLine[]> {
  let settings: Settings;
  try {
    settings = await readSettings(env);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    return error.message.split("\n").map((text) => ({ state: "bad", what: "settings", text }));
  }
  return [
    { state: "ok", what: "settings", text: "every setting is as allowed" },
    ...await checkFolder(settings),
    await checkDisk(settings),
    ...await checkKeys(settings, against),
    ...await checkCertificate(settings),
    await checkPages(settings.WEB_DIR ?? webDir),
    await checkFiles(settings),
  ];
}

async function checkFolder({ DATA_DIR }: Settings): Promise<CheckLine[]> {
  const what = "data folder";
  try {
    const { isDirectory } = await Deno.stat(DATA_DIR);
    if (!isDirectory) return [{ state: "bad", what, text: `"${DATA_DIR}" is no folder` }];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [{ state: "ok", what, text: `"${DATA_DIR}" is made at the first start` }];
  }
  const holder = await holderOf(DATA_DIR);
  const text = holder === undefined ? "no process uses it" : `process ${holder} uses it`;
  return [{ state: "ok", what, text: `"${DATA_DIR}": ${text}` }];
}

/** How long the budget lasts with the database away, at the rate of the running process. [DB5] */
async function checkDisk(settings: Settings): Promise<CheckLine> {
  const what = "disk";
  const budget = settings.DISK_BUDGET_GIB * 2 ** 30;
  const free = await freeBytes(settings.DATA_DIR);
  const space = `budget ${gib(budget)}, free on the disk ${gib(free)}`;
  const rate = await bytesPerDay(settings);
  if (rate === undefined) {
    const text = `${space}; how long it lasts is known while the process runs`;
    return { state: free < budget ? "warn" : "ok", what, text };
  }
  const days = Math.min(budget - rate.used, free) / Math.max(1, rate.perDay);
  const lasts = days > 3_650 ? "more than ten years" : `${days.toFixed(1)} days`;
  const text = `${space}, used ${gib(rate.used)}, written ${gib(rate.perDay)} a day: ` +
    `with nothing taken from the outbox it lasts ${lasts}`;
  return { state: days < 1 || free < budget - rate.used ? "warn" : "ok", what, text };
}

/** Of the folder, or of the nearest one above that exists. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return path === "/" || path === "." ? 0 : await freeBytes(path.replace(/\/*[^/]*$/, "") || ".");
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 3 : 1)} GiB`;
}

async function bytesPerDay(
  settings: Settings,
): Promise<{ readonly used: number; readonly perDay: number } | undefined> {
  const metrics = await ask(`${internalUrl(settings)}/metrics`);
  const value = (name: string) => {
    const found = new RegExp(`^${name} (\\S+)$`, "m").exec(metrics ?? "")?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const written = value("chatnode_journal_bytes_total");
  const uptime = value("chatnode_uptime_seconds");
  const used = value("chatnode_disk_used_bytes");
  if (written === undefined || uptime === undefined || used === undefined) return undefined;
  return { used, perDay: written / Math.max(1, uptime) * dayMs / 1_000 };
}

function internalUrl({ INTERNAL_HOST, INTERNAL_PORT }: Settings): string {
  return `http://${INTERNAL_HOST}:${INTERNAL_PORT}`;
}

async function ask(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined; // nobody there
  }
}

/** The keys' fingerprints, newest first: one process must read what another signed. */
async function checkKeys({ DATA_DIR }: Settings, against?: string): Promise<CheckLine[]> {
  const what = "keys";
  const there = await Deno.stat(`${DATA_DIR}/keys.json`).then(() => true, () => false);
  if (!there) return [{ state: "ok", what, text: "made at the first start" }];
  const ours = (await openKeyRing(DATA_DIR)).fingerprints().join(" ");
  if (against === undefined) return [{ state: "ok", what, text: `fingerprints ${ours}` }];
  const theirs = (await ask(`${against}/v1/keys`))?.trim();
  if (theirs === undefined) {
    return [{ state: "bad", what, text: `nobody answers at ${against}/v1/keys` }];
  }
  const shown = theirs.split("\n").join(" ");
  return shown === ours
    ? [{ state: "ok", what, text: `the same as at ${against}: ${ours}` }]
    : [{ state: "bad", what, text: `here ${ours}, at ${against} ${shown}: they must be the same` }];
}

async function checkCertificate(
  { TLS_CERT: cert, TLS_KEY: key }: Settings,
): Promise<CheckLine[]> {
  const what = "certificate";
  if (cert === undefined || key === undefined) {
    return [{ state: "ok", what, text: "none: the public port speaks plain HTTP" }];
  }
  try {
    const { facts: { names, expiresAt } } = await readCertificate({ cert, key });
    const days = (expiresAt - Date.now()) / dayMs;
    const state = days < 0 ? "bad" : days < certificateDaysMin ? "warn" : "ok";
    const until = new Date(expiresAt).toISOString();
    return [{ state, what, text: `${names}, until ${until} (${Math.floor(days)} days)` }];
  } catch (error) {
    if (!(error instanceof BadCertificate)) throw error;
    return [{ state: "bad", what, text: error.message }];
  }
}

async function checkPages(webDir: string): Promise<CheckLine> {
  const there = await Deno.stat(webDir).then(({ isDirectory }) => isDirectory, () => false);
  return there
    ? { state: "ok", what: "pages", text: "built" }
    : { state: "bad", what: "pages", text: `"${webDir}" is missing: run deno task build` };
}

/** Every connection is an open file. */
async function checkFiles({ CHATNODE_LIMITS }: Settings): Promise<CheckLine> {
  const what = "open files";
  const text = await Deno.readTextFile("/proc/self/limits").catch(() => "");
  const limit = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? NaN);
  if (Number.isNaN(limit)) return { state: "warn", what, text: "the limit cannot be read here" };
  const needed = CHATNODE_LIMITS.connectionsMax + 500;
  return limit >= needed
    ? { state: "ok", what, text: `${limit} allowed, ${needed} needed` }
    : { state: "warn", what, text: `${limit} allowed, ${needed} needed for connectionsMax` };
}
