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

/** The configuration with hashes in the place of passwords, and whose were set; or the faults. */
export type Hashed =
  | { readonly config: Json; readonly set: readonly string[] }
  | { readonly faults: readonly ConfigFault[] };

/**
 * Hashes the passwords that stand in a configuration that is about to be written. A new password
 * ends the agent's sessions; the sessions of an agent that had this name before a new one stay
 * ended, as the new one's tokenVersion begins at the time. [AM8, AM9]
 */
export async function withHashes(
  next: Json,
  stored: SiteConfig | undefined,
  now: Millis,
): Promise<Hashed> {
  const agents = next["agents"];
  if (!Array.isArray(agents)) return { config: next, set: [] };
  const known = new Map<unknown, AgentConfig>(stored?.agents.map((one) => [one.agentId, one]));
  const faults = faultsOfPasswords(agents, known);
  if (faults.length > 0) return { faults };
  const set: string[] = [];
  const hashed: unknown[] = [];
  for (const agent of agents) {
    const password = isObject(agent) ? agent["password"] : undefined;
    if (!isObject(agent) || typeof password !== "string") {
      hashed.push(agent);
      continue;
    }
    const { password: _, ...others } = agent;
    const before = known.get(agent["agentId"]);
    const tokenVersion = before === undefined ? now : before.tokenVersion + 1;
    hashed.push({ ...others, passwordHash: await hashPassword(password), tokenVersion });
    set.push(String(agent["agentId"]));
  }
  return { config: { ...next, agents: hashed }, set };
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
