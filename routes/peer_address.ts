import type { AppEnv } from "./app_deps.ts";

/**
 * The peer's address, by which bans judge. Forwarded headers do not count: no router is configured,
 * and anybody can write them.
 */
export function peerAddress(env: AppEnv["Bindings"] | undefined): string | undefined {
  const address = env?.remoteAddr;
  return address !== undefined && "hostname" in address ? address.hostname : undefined;
}

/** The peer's address as a key of limits; who has none shares one. */
export function addressOf(env: AppEnv["Bindings"] | undefined): string {
  return peerAddress(env) ?? "unknown";
}
