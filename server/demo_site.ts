import { randomBytes } from "node:crypto";
import type { ConfigCache } from "../cache/config_cache.ts";
import { siteConfigSchema } from "../core/site_config.ts";
import { hashPassword } from "./password.ts";

/** The demo site's agents and their password, to be shown at start. */
export interface DemoLogin {
  readonly agentIds: readonly string[];
  readonly password: string;
}

/**
 * Makes the site "demo" at the first start, with a password of its own that only this data folder
 * knows, and gives its log-in.
 */
export async function openDemoSite(dataDir: string, configs: ConfigCache): Promise<DemoLogin> {
  const path = `${dataDir}/demo_login.json`;
  const agentIds = ["ana", "ben"];
  try {
    const { password }: { password: string } = JSON.parse(await Deno.readTextFile(path));
    return { agentIds, password };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const password = randomBytes(6).toString("base64url");
  const passwordHash = await hashPassword(password);
  await configs.put(siteConfigSchema.parse({
    siteId: "demo",
    name: "Demo",
    agents: [
      { agentId: "ana", name: "Ana", passwordHash },
      { agentId: "ben", name: "Ben", passwordHash },
    ],
    routing: { mode: "load_balancing" },
  }));
  await Deno.writeTextFile(path, JSON.stringify({ password }), { mode: 0o600 });
  return { agentIds, password };
}
