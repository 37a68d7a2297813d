import { randomBytes } from "node:crypto";

/** Where the operator's key lies. */
export function operatorKeyPath(dataDir: string): string {
  return `${dataDir}/operator_key`;
}

/**
 * The key of whoever runs the deployment, as it stands in "Authorization: Bearer": makes sites and
 * may do anything to them. Made at the first start, in a file that its owner alone can read.
 */
export async function openOperatorKey(dataDir: string): Promise<string> {
  const path = operatorKeyPath(dataDir);
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const key = `op_${randomBytes(24).toString("base64url")}`;
  await Deno.writeTextFile(path, `${key}\n`, { mode: 0o600, createNew: true });
  return key;
}
