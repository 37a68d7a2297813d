import { randomBytes } from "node:crypto";
import type { ConfigCache } from "../cache/config_cache.ts";
import { siteIdSchema } from "../core/ids.ts";
import { siteConfigSchema } from "../core/site_config.ts";
import { writeWhole } from "./file_copy.ts";
import { hashPassword } from "./password.ts";

/** The demo site's agents and where their password is kept, to be shown at start. */
export interface DemoLogin {
  readonly agentIds: readonly string[];
  /** The file with their password; undefined when it is not ours to know. */
  readonly path: string | undefined;
  /** At the start that made the site alone: the log is read by more people than the file. */
  readonly password: string | undefined;
}

const siteId = siteIdSchema.parse("demo");
const agentIds = ["ana", "ben"];

/**
 * Makes the site "demo" at the first start, with a password of its own that only this data folder
 * knows. One that is there is left as it is, whoever made it, and one that was removed stays away:
 * undefined. [AM26]
 */
export async function openDemoSite(
  dataDir: string,
  configs: ConfigCache,
): Promise<DemoLogin | undefined> {
  const path = `${dataDir}/demo_login.json`;
  const known = await readPassword(path);
  if (await configs.store.read(siteId) !== undefined) {
    return { agentIds, path: known === undefined ? undefined : path, password: undefined };
  }
  if (await configs.store.removedAt(siteId) !== undefined) return undefined;
  // Kept before it is used: a start that is cut off here goes on with it.
  const password = known ?? randomBytes(9).toString("base64url");
  if (known === undefined) await writeWhole(path, JSON.stringify({ password }));
  const passwordHash = await hashPassword(password);
  await configs.put(siteConfigSchema.parse({
    siteId,
    name: "Demo",
    agents: [
      { agentId: "ana", name: "Ana", passwordHash },
      { agentId: "ben", name: "Ben", passwordHash },
    ],
    routing: { mode: "load_balancing" },
  }));
  return { agentIds, path, password };
}

async function readPassword(path: string): Promise<string | undefined> {
  try {
    const { password }: { password: string } = JSON.parse(await Deno.readTextFile(path));
    return password;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read the demo site's password in "${path}"`, { cause: error });
  }
}
