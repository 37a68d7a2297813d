import type { AppEnv } from "./app_deps.ts";

/** The peer's address. Forwarded headers do not count: no router is configured. */
export function addressOf(env: AppEnv["Bindings"] | undefined): string {
  const address = env?.remoteAddr;
  return address !== undefined && "hostname" in address ? address.hostname : "unknown";
}
