import type { Context } from "hono";
import type { SiteConfig } from "../core/site_config.ts";
import type { LoginLock } from "../server/login_lock.ts";
import { withHashes } from "./agent_password.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { type Caller, callerName } from "./caller.ts";
import { type Json, refusedSecrets, withKeptSecrets, withoutSecrets } from "./config_secret.ts";
import { type Fault, faulty } from "./json_body.ts";
import { peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";
import { staffFault } from "./staff_guard.ts";

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
 * 412 with the version that stands there now. Nothing is changed then. [AM3, AM5]
 */
export async function writeConfig(
  { deps, logins }: { readonly deps: AppDeps; readonly logins: LoginLock },
  c: Context<AppEnv>,
  { config: stored, caller }: { readonly config: SiteConfig; readonly caller: Caller },
  { next, at, what }: WantedChange,
): Promise<WrittenConfig | Response> {
  const refused = refusedSecrets(next);
  if (refused.length > 0) return faulty(c, refused.map((fault) => seenFrom(at, fault)));
  const kept = withKeptSecrets(next, JSON.parse(JSON.stringify(stored)));
  const hashed = await withHashes(kept, stored, deps.clock.now());
  if ("faults" in hashed) return faulty(c, hashed.faults.map((fault) => seenFrom(at, fault)));
  const fault = staffFault(stored, hashed.config, caller);
  if (fault !== undefined) {
    return problem(c, fault.status, "Not allowed", fault.detail, { code: fault.code });
  }
  const { siteId } = stored;
  const result = await deps.configs.change({
    siteId,
    from: stored.version,
    by: callerName(caller),
    what: hashed.set.length > 0 ? `${what} with password` : what,
    address: peerAddress(c.env),
    at: deps.clock.now(),
    edit: () => hashed.config,
  });
  if (result.type === "written" && result.config !== undefined) {
    for (const { agentId } of result.config.agents) {
      if (hashed.set.includes(agentId)) logins.clear({ siteId, agentId });
    }
    return { config: result.config, version: result.version };
  }
  return notWritten(c, result, at);
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
      return faulty(
        c,
        result.issues.map(({ path, message }) =>
          seenFrom(at, { path: path === "" ? [] : path.split("."), message })
        ),
      );
    default:
      return problem(c, 404, "Unknown site");
  }
}

/** 412: somebody else wrote in between; tells the version that stands there now. [AM3] */
export function conflicting(c: Context<AppEnv>, version: number): Response {
  c.header("ETag", `"${version}"`);
  const detail = `The configuration is at version ${version}: read it, and write on top of that`;
  return problem(c, 412, "Changed by somebody else", detail, { code: "version_conflict", version });
}

/** A fault of the whole configuration as the sender of a part of it sees it. [AM5] */
export function seenFrom(
  at: ConfigPath | undefined,
  fault: { readonly path: readonly PropertyKey[]; readonly message: string },
): Fault {
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
