import { resolve } from "node:path";
import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { RateLimits } from "../routes/rate_limit.ts";

const port = z.coerce.number().int().min(0).max(65_535);

const ratesSchema = z.strictObject({
  framesPerSecond: z.number().min(1).default(limits.framesPerSecond),
  framesBurst: z.number().min(1).default(limits.framesBurst),
  siteFramesPerSecond: z.number().min(1).default(limits.siteFramesPerSecond),
  visitorsPerMinute: z.number().min(1).default(600),
  loginsPerMinute: z.number().min(1).default(30),
  connectionsMax: z.int().min(1).max(19_000).default(18_000),
});

/** A setting that is an object, written as JSON in the environment. */
function json<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  }, schema);
}

/**
 * Every setting of every role, under the name of its environment variable. A settings file has the
 * same names; the environment comes before it.
 */
export const settingsSchema = z.strictObject({
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: port.default(8080),
  INTERNAL_HOST: z.string().min(1).default("127.0.0.1"),
  INTERNAL_PORT: port.default(8081),
  /** A certificate chain and its key (PEM files): the public port then speaks TLS. */
  TLS_CERT: z.string().min(1).optional(),
  TLS_KEY: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).default("data"),
  /** Where POST /v1/ops/backup writes backups, each in a folder of its own; none: not at all. */
  BACKUP_DIR: z.string().min(1).optional(),
  WEB_DIR: z.string().min(1).optional(),
  /**
   * The internal address of a process whose configuration this one follows, and the key that lets
   * one follow the other: the same on both sides, at least 32 characters.
   */
  CONFIG_FROM: z.url({ protocol: /^https?$/ }).optional(),
  CONFIG_KEY: z.string().min(32).regex(/^[!-~]+$/, "printable ASCII without blanks").optional(),
  /** Lets CONFIG_FROM be http: to another machine, over a line that is private otherwise. */
  CONFIG_ALLOW_HTTP: z.union([z.boolean(), z.stringbool()]).default(false),
  /** A file with a JSON array of site configurations, taken over at start. */
  CHATNODE_SITES: z.string().min(1).optional(),
  /** Rates that replace the defaults. */
  CHATNODE_LIMITS: json(ratesSchema).prefault({}),
  /** GiB that the data folder may take before new chats are refused. */
  DISK_BUDGET_GIB: z.coerce.number().min(0.01).max(100_000).default(10),
}).superRefine((settings, context) => {
  const refuse = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  const { TLS_CERT, TLS_KEY, CONFIG_FROM, BACKUP_DIR } = settings;
  if (BACKUP_DIR !== undefined && isWithin(BACKUP_DIR, settings.DATA_DIR)) {
    refuse("BACKUP_DIR", "a folder outside DATA_DIR, best on another disk");
  }
  if ((TLS_CERT === undefined) !== (TLS_KEY === undefined)) {
    refuse(TLS_CERT === undefined ? "TLS_CERT" : "TLS_KEY", "goes with the other of the two");
  }
  if (CONFIG_FROM === undefined) return;
  if (settings.CONFIG_KEY === undefined) {
    refuse("CONFIG_KEY", "CONFIG_FROM needs the key of the process that it names");
  }
  if (settings.CHATNODE_SITES !== undefined) {
    refuse("CHATNODE_SITES", "configuration is written where CONFIG_FROM points to");
  }
  if (isOpenToOthers(CONFIG_FROM) && !settings.CONFIG_ALLOW_HTTP) {
    refuse(
      "CONFIG_FROM",
      "https: beyond this machine, as configurations hold password hashes; or CONFIG_ALLOW_HTTP",
    );
  }
});

function isWithin(path: string, folder: string): boolean {
  return `${resolve(path)}/`.startsWith(`${resolve(folder)}/`);
}

/** Whether what goes there in plain text leaves this machine. */
function isOpenToOthers(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:") return false;
  return !(hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname));
}

/** Every setting, as given or by default. */
export type Settings = z.infer<typeof settingsSchema>;
/** What is given of them. */
export type GivenSettings = z.input<typeof settingsSchema>;

/** A setting is wrong; the message names it and what is allowed. */
export class BadSettings extends Error {
  override name = "BadSettings";
}

/**
 * Reads settings from the environment and from the JSON file that CHATNODE_SETTINGS names. An
 * unknown name in the file is refused; unknown variables of the environment are somebody else's.
 */
export async function readSettings(
  env: Readonly<Record<string, string>>,
): Promise<Settings & { readonly rates: RateLimits }> {
  const path = env["CHATNODE_SETTINGS"];
  const given: Record<string, unknown> = path === undefined ? {} : await readFile(path);
  for (const name of Object.keys(settingsSchema.shape)) {
    if (env[name] !== undefined) given[name] = env[name];
  }
  const settings = settingsSchema.safeParse(given);
  if (settings.success) return { ...settings.data, rates: settings.data.CHATNODE_LIMITS };
  throw new BadSettings(
    settings.error.issues.map(({ path: at, message }) => `${at.join(".") || path}: ${message}`)
      .join("\n"),
  );
}

async function readFile(path: string): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    throw new BadSettings(`CHATNODE_SETTINGS: cannot read "${path}" as a JSON object`, {
      cause: error,
    });
  }
}
