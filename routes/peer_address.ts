import { readAddress } from "../core/ip_address.ts";
import type { AppEnv } from "./app_deps.ts";

/**
 * The peer's address, by which bans judge. Forwarded headers do not count: no router is configured,
 * and anybody can write them.
 */
export function peerAddress(env: AppEnv["Bindings"] | undefined): string | undefined {
  const address = env?.remoteAddr;
  return address !== undefined && "hostname" in address ? address.hostname : undefined;
}

/**
 * The peer's address as a key of limits; who has none shares one. Of IPv6 the first 64 bits: who
 * has one such address has all of them.
 */
export function addressOf(env: AppEnv["Bindings"] | undefined): string {
  const text = peerAddress(env);
  if (text === undefined) return "unknown";
  const address = readAddress(text);
  if (address === undefined) return text;
  const { bits, value } = address;
  return bits === 32 ? `4:${value}` : `6:${(value >> 64n).toString(16)}`;
}
