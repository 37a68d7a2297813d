import type { AgentConfig } from "../core/agent_config.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { Millis } from "../core/ids.ts";
import { hashPassword, passwordChars, passwordFault } from "../server/password.ts";
import type { Json } from "./config_secret.ts";
import { isObject } from "./merge_patch.ts";

/** Passwords that one write may set: each takes 50 ms of a core. */
const passwordsMax = 100;

/** A fault by its path in the whole configuration. */
export interface ConfigFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A configuration with a hash for each agent; what it still says is for the schema to judge. */
export interface WithPasswords {
  readonly config: Json;
  /** The passwords that are set, by agent. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly faults: readonly ConfigFault[];
}

/** What has the form of a hash, and is no password's: until the real one is there. */
const placeholderHash = "scrypt$16384$8$1$AAAA$AAAA";

/**
 * A configuration that is about to be written, without its passwords: each agent that gets one has
 * its hash, or a placeholder while there is none. A new password ends the agent's sessions, and so
 * does disabling it; the sessions of an agent that had this name before a new one stay ended, as
 * the new one's tokenVersion begins at the time. [AM8, AM9]
 */
export function withPasswords(
  next: Json,
  stored: SiteConfig | undefined,
  { now, hashes }: { readonly now: Millis; readonly hashes: ReadonlyMap<string, string> },
): WithPasswords {
  const agents = next["agents"];
  const passwords = new Map<string, string>();
  if (!Array.isArray(agents)) return { config: next, passwords, faults: [] };
  const known = new Map<unknown, AgentConfig>(stored?.agents.map((one) => [one.agentId, one]));
  const faults = faultsOfPasswords(agents, known);
  const hashed = agents.map((agent) => {
    if (!isObject(agent)) return agent;
    const { password, ...others } = agent;
    const agentId = String(agent["agentId"]);
    const before = known.get(agent["agentId"]);
    if (before !== undefined && !Object.hasOwn(agent, "password")) {
      const isPutOut = agent["disabled"] === true && !before.disabled;
      return isPutOut ? { ...agent, tokenVersion: before.tokenVersion + 1 } : agent;
    }
    if (typeof password === "string") passwords.set(agentId, password);
    const tokenVersion = before === undefined ? now : before.tokenVersion + 1;
    return { ...others, passwordHash: hashes.get(agentId) ?? placeholderHash, tokenVersion };
  });
  return { config: { ...next, agents: hashed }, passwords, faults };
}

/** The hash of each password, by agent. Takes 50 ms of a core for each. */
export async function hashesOf(
  passwords: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const [agentId, password] of passwords) hashes.set(agentId, await hashPassword(password));
  return hashes;
}

function faultsOfPasswords(
  agents: readonly unknown[],
  known: ReadonlyMap<unknown, AgentConfig>,
): ConfigFault[] {
  let count = 0;
  return agents.flatMap((agent, place) => {
    if (!isObject(agent)) return [];
    const fault = (message: string) => [{ path: ["agents", place, "password"], message }];
    if (!Object.hasOwn(agent, "password")) {
      if (known.has(agent["agentId"])) return [];
      const { min, max } = passwordChars;
      return fault(`a new agent needs one: ${min} to ${max.toLocaleString("en")} characters`);
    }
    count += 1;
    if (count > passwordsMax) return fault(`at most ${passwordsMax} passwords in one write`);
    const message = passwordFault(agent["password"], agent);
    return message === undefined ? [] : fault(message);
  });
}
