import type { Context } from "hono";
import { type ConfigIssue, validConfig } from "../cache/valid_config.ts";
import type { Millis } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { LoginLock } from "../server/login_lock.ts";
import { type ConfigFault, hashesOf, type WithPasswords, withPasswords } from "./agent_password.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { callerName } from "./caller.ts";
import { type Json, refusedSecrets, withKeptSecrets, withoutSecrets } from "./config_secret.ts";
import { type Fault, faulty } from "./json_body.ts";
import { peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";
import type { SiteAccess } from "./site_access.ts";
import { forgedBans, staffFault } from "./staff_guard.ts";

/** A place in a configuration. */
export type ConfigPath = readonly (string | number)[];

/** What a writer wants the configuration to be. */
export interface WantedChange {
  /** The whole of it; secrets that it leaves out are kept. */
  readonly next: Json;
  /** Where in it stands what was sent: faults are told from there. Absent: nothing was sent. */
  readonly at?: ConfigPath;
  /** For the audit log: "agents.create zoe". */
  readonly what: string;
  /** What is wrong with what was sent, as far as the configuration does not show it. */
  readonly faults?: readonly ConfigFault[];
}

/** A write: on top of what, and what of the site as it is then. */
export interface ConfigWriting {
  readonly access: SiteAccess;
  /** The version that the writer saw; undefined: whatever stands there. */
  readonly from: number | undefined;
  /** Called again with the site as it is at the write; a Response refuses. */
  want(now: SiteAccess): WantedChange | Response;
}

/** A configuration as it was written. */
export interface WrittenConfig {
  readonly config: SiteConfig;
  readonly version: number;
}

/** A site's configuration as JSON, as answers show it. */
export function shownConfig(config: SiteConfig): Json {
  return withoutSecrets(JSON.parse(JSON.stringify(config)));
}

/**
 * Writes a configuration on top of the version that was read, or says why not: 422 with the faults,
 * 412 with the version that stands there now. Nothing is changed then. What is wanted, and whether
 * the caller may, is found out in the turn of the write, so that nobody comes in between; passwords
 * are hashed before it, once all else of the write was found right. [AM3, AM5, AM19, AM23]
 */
export async function writeConfig(
  { deps, logins }: { readonly deps: AppDeps; readonly logins: LoginLock },
  c: Context<AppEnv>,
  { access, from, want }: ConfigWriting,
): Promise<WrittenConfig | Response> {
  const now = deps.clock.now();
  const planned = (access: SiteAccess, hashes: ReadonlyMap<string, string>) => {
    const wanted = want(access);
    return wanted instanceof Response ? wanted : plan(c, access, wanted, { now, hashes });
  };
  const first = planned(access, new Map());
  if (first instanceof Response) return first;
  const { passwords, at, what } = first;
  const { siteId } = access.config;
  if (passwords.size > 0) {
    const made = validConfig(siteId, first.config, access.config.version + 1);
    if ("issues" in made) return faultyAsSent(c, faultsOfIssues(made.issues), at);
  }
  const hashes = await hashesOf(passwords);
  let refusal: Response | undefined;
  const result = await deps.configs.change({
    siteId,
    from,
    by: callerName(access.caller),
    what: passwords.size > 0 ? `${what} with password` : what,
    address: peerAddress(c.env),
    at: now,
    edit(config) {
      if (config === undefined) return undefined;
      const again = access.again(config);
      const judged = again instanceof Response ? again : planned(again, hashes);
      refusal = judged instanceof Response ? judged : undefined;
      return judged instanceof Response ? config : judged.config;
    },
  });
  if (refusal !== undefined) return refusal;
  if (result.type === "written" && result.config !== undefined) {
    for (const { agentId } of result.config.agents) {
      if (passwords.has(agentId)) logins.clear({ siteId, agentId });
    }
    return { config: result.config, version: result.version };
  }
  return notWritten(c, result, at);
}

/** A change as it would be written, but for what its schema says; or the answer that refuses it. */
function plan(
  c: Context<AppEnv>,
  { config: stored, caller }: SiteAccess,
  { next, at, what, faults: sent = [] }: WantedChange,
  how: { readonly now: Millis; readonly hashes: ReadonlyMap<string, string> },
): (WithPasswords & Pick<WantedChange, "at" | "what">) | Response {
  const kept = withKeptSecrets(next, JSON.parse(JSON.stringify(stored)));
  const made = withPasswords(kept, stored, how);
  const faults = [
    ...[...sent, ...refusedSecrets(next), ...made.faults],
    ...forgedBans(stored, made.config, caller),
  ];
  if (faults.length > 0) {
    const valid = validConfig(stored.siteId, made.config, stored.version + 1);
    const others = "issues" in valid ? faultsOfIssues(valid.issues) : [];
    return faultyAsSent(c, [...faults, ...others], at);
  }
  const fault = staffFault(stored, made.config, caller);
  if (fault !== undefined) {
    return problem(c, fault.status, "Not allowed", fault.detail, { code: fault.code });
  }
  return { ...made, what, ...(at === undefined ? {} : { at }) };
}

/** The answer to a change that did not come about. */
export function notWritten(
  c: Context<AppEnv>,
  result: Awaited<ReturnType<AppDeps["configs"]["change"]>>,
  at: ConfigPath | undefined,
): Response {
  switch (result.type) {
    case "conflict":
      return conflicting(c, result.version);
    case "refused":
      return faultyAsSent(c, faultsOfIssues(result.issues), at);
    default:
      return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
  }
}

/** 412: somebody else wrote in between; tells the version that stands there now. [AM3] */
export function conflicting(c: Context<AppEnv>, version: number): Response {
  c.header("ETag", `"${version}"`);
  const detail = `The configuration is at version ${version}: read it, and write on top of that`;
  return problem(c, 412, "Changed by somebody else", detail, { code: "version_conflict", version });
}

/** 422 with faults of the whole configuration, each told from where the sender sees it. */
export function faultyAsSent(
  c: Context<AppEnv>,
  faults: readonly ConfigFault[],
  at: ConfigPath | undefined,
): Response {
  return faulty(c, faults.map((fault) => seenFrom(at, fault)));
}

/** What a check of a configuration found, as faults. */
export function faultsOfIssues(issues: readonly ConfigIssue[]): ConfigFault[] {
  return issues.map(({ path, message }) => ({ path: path === "" ? [] : path.split("."), message }));
}

/** A fault of the whole configuration as the sender of a part of it sees it. [AM5] */
function seenFrom(at: ConfigPath | undefined, fault: ConfigFault): Fault {
  const { message } = fault;
  const path = fault.path.map(String);
  const isWithin = at?.every((step, place) => path[place] === String(step));
  if (at !== undefined && isWithin) return { path: path.slice(at.length).join("."), message };
  return { path: path.join("."), message, of: "site" };
}

/**
 * The version that If-Match names, which must be the one that stands there; "*" takes any. 428
 * without it: nobody overwrites what it has not seen by accident. [AM3]
 */
export function checkIfMatch(c: Context<AppEnv>, version: number): "any" | "same" | Response {
  const given = c.req.header("if-match")?.trim();
  if (given === undefined) {
    const detail = 'If-Match: the ETag that was read, as in "7", or * for whatever stands there';
    return problem(c, 428, "Say what you change", detail, { code: "if_match_needed" });
  }
  if (given === "*") return "any";
  const known = /^"(\d{1,15})"$/.exec(given)?.[1];
  if (known === undefined) {
    const detail = 'If-Match: one version in quotes, as in "7", or *';
    return problem(c, 400, "Bad request", detail, { code: "bad_if_match", field: "If-Match" });
  }
  return Number(known) === version ? "same" : conflicting(c, version);
}
