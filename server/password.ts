import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

const hashBytes = 32;

/** Hashes a password for the configuration: "scrypt$N$r$p$salt$hash". Off the event loop. */
export async function hashPassword(password: string, cost = 16_384): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, { cost, blockSize: 8, parallelization: 1 });
  return `scrypt$${cost}$8$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Whether the password is the one that was hashed. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, cost, blockSize, parallelization, salt, hash] = stored.split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64url");
  const options = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  };
  const given = await derive(password, Buffer.from(salt, "base64url"), options, expected.length);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function derive(
  password: string,
  salt: Buffer,
  options: { cost: number; blockSize: number; parallelization: number },
  length = hashBytes,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { ...options, maxmem: 256 * 1024 * 1024 }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
