import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

const hashBytes = 32;

/** Hashes a password for the configuration: "scrypt$N$r$p$salt$hash". Off the event loop. */
export async function hashPassword(password: string, cost = 16_384): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, { cost, blockSize: 8, parallelization: 1 });
  return `scrypt$${cost}$8$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Characters of a password. */
export const passwordChars = { min: 10, max: 1_024 } as const;

/** What is wrong with a new password of this agent, and what is allowed; undefined: nothing. */
export function passwordFault(
  password: unknown,
  agent: { readonly agentId?: unknown; readonly name?: unknown },
): string | undefined {
  const { min, max } = passwordChars;
  const core = typeof password === "string" ? password.trim() : "";
  if (core.length < min || typeof password !== "string" || password.length > max) {
    return `${min} to ${max.toLocaleString("en")} characters, not counting blanks at its ends`;
  }
  const isName = [agent.agentId, agent.name].some((name) =>
    typeof name === "string" && name.trim().toLowerCase() === core.toLowerCase()
  );
  return isName ? "must not be the agent's name" : undefined;
}

/** A password that nobody chose: 20 characters of 6 bits. */
export function randomPassword(): string {
  return randomBytes(15).toString("base64url");
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
