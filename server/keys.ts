import { createHash, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import { z } from "zod";
import { writeWhole } from "./file_copy.ts";

/** A master key: 32 bytes, named by a short id that stands in everything made with it. */
export interface MasterKey {
  readonly keyId: string;
  readonly secret: Uint8Array;
}

/** The master keys of a deployment: the newest signs and encrypts, the older ones still verify. */
export class KeyRing {
  readonly keys: readonly MasterKey[];

  constructor(keys: readonly MasterKey[]) {
    this.keys = keys;
  }

  get newest(): MasterKey {
    const newest = this.keys[0];
    if (newest === undefined) throw new Error("The key ring is empty");
    return newest;
  }

  /** Names the keys without giving them away: 16 hex digits of each one's SHA-256, newest first. */
  fingerprints(): string[] {
    return this.keys.map(({ secret }) =>
      createHash("sha256").update("chatnode key").update(secret).digest("hex").slice(0, 16)
    );
  }
}

const secretBytes = 32;

/** Keys as they are stored: with none, or with an empty one, anybody could sign. */
const storedSchema = z.array(z.object({
  keyId: z.string().min(1),
  secret: z.string().transform((text) => Buffer.from(text, "base64url")).refine(
    ({ length }) => length === secretBytes,
    `${secretBytes} bytes in base64url`,
  ),
})).min(1);

/**
 * The keys of this data folder, newest first; makes one at the first start. The file is readable by
 * its owner only. Throws when the file holds none, or one that is no key. [AM18]
 */
export async function openKeyRing(dataDir: string): Promise<KeyRing> {
  const path = `${dataDir}/keys.json`;
  try {
    return new KeyRing(storedSchema.parse(JSON.parse(await Deno.readTextFile(path))));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new Error(`Cannot read the keys in "${path}"`, { cause: error });
    }
  }
  const made = { keyId: "k1", secret: randomBytes(secretBytes) };
  const text = JSON.stringify([{ keyId: made.keyId, secret: made.secret.toString("base64url") }]);
  await writeWhole(path, text);
  return new KeyRing([made]);
}
