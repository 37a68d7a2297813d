import { Buffer } from "node:buffer";
import { randomBytes, scryptSync } from "node:crypto";

/** Every agent's password here: these sites live for a minute on the loopback. */
export const benchPassword = "bench password";

/** Agents are a1, a2, …: the load generator logs in the first ones. */
export function benchAgentId(index: number): string {
  return `a${index + 1}`;
}

/** A site's configuration, as the server reads it from CHATNODE_SITES. */
export function benchSite(siteId: string, agents: number) {
  const passwordHash = scryptHash(benchPassword);
  return {
    siteId,
    name: `Bench ${siteId}`,
    agents: Array.from({ length: agents }, (_, index) => ({
      agentId: benchAgentId(index),
      name: `A ${index + 1}`,
      passwordHash,
      chatLimit: 3,
    })),
    routing: { mode: "manual" },
  };
}

/** Weak on purpose (N = 1024), so that a hundred logins are quick. */
function scryptHash(password: string): string {
  const salt = randomBytes(16);
  const hash: Buffer = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 });
  return `scrypt$1024$8$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}
