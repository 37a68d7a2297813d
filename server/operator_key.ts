import { randomBytes } from "node:crypto";
import { writeWhole } from "./file_copy.ts";

/** Where the operator's key lies. */
export function operatorKeyPath(dataDir: string): string {
  return `${dataDir}/operator_key`;
}

/** What a key must have, as whoever knows it may do everything. */
const keyCharsMin = 32;

/** The file that should hold the operator's key holds none that nobody guesses. */
export class BadOperatorKey extends Error {
  override name = "BadOperatorKey";

  constructor(path: string) {
    super(
      `The operator's key in "${path}" must have at least ${keyCharsMin} printable characters ` +
        "without blanks: write one, or remove the file and start again to have one made",
    );
  }
}

/**
 * The key of whoever runs the deployment, as it stands in "Authorization: Bearer": makes sites and
 * may do anything to them. Made at the first start, in a file that its owner alone can read. Throws
 * BadOperatorKey: with an empty one nobody would have to know anything. [AM18]
 */
export async function openOperatorKey(dataDir: string): Promise<string> {
  const path = operatorKeyPath(dataDir);
  try {
    const key = (await Deno.readTextFile(path)).trim();
    if (key.length < keyCharsMin || !/^[!-~]+$/.test(key)) throw new BadOperatorKey(path);
    return key;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const key = `op_${randomBytes(24).toString("base64url")}`;
  await writeWhole(path, `${key}\n`);
  return key;
}
