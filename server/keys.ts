import { createHash, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";

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

/**
 * The keys of this data folder, newest first; makes one at the first start. The file is readable by
 * its owner only.
 */
export async function openKeyRing(dataDir: string): Promise<KeyRing> {
  const path = `${dataDir}/keys.json`;
  try {
    const stored: { keyId: string; secret: string }[] = JSON.parse(await Deno.readTextFile(path));
    return new KeyRing(
      stored.map(({ keyId, secret }) => ({ keyId, secret: Buffer.from(secret, "base64url") })),
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new Error(`Cannot read the keys in "${path}"`, { cause: error });
    }
  }
  const made = { keyId: "k1", secret: randomBytes(32) };
  const text = JSON.stringify([{ keyId: made.keyId, secret: made.secret.toString("base64url") }]);
  await Deno.writeTextFile(path, text, { mode: 0o600, createNew: true });
  return new KeyRing([made]);
}
