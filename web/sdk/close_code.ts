// deno-lint-ignore-file camelcase -- the wire's own names
import type { closeCodes as coreCodes, CloseName } from "../../core/close_code.ts";

/** The server's close codes by name; the type is core's own, so the two cannot drift apart. */
export const closeCodes: { readonly [Name in CloseName]: (typeof coreCodes)[Name]["code"] } = {
  drain: 4000,
  moved: 4001,
  resync: 4002,
  slow_consumer: 4003,
  silent: 4004,
  hello_timeout: 4005,
  overloaded: 4006,
  newer_console: 4007,
  bad_token: 4500,
  token_expired: 4501,
  replaced: 4502,
  too_many_tabs: 4503,
  frame_too_big: 4504,
  too_many_frames: 4505,
  bad_protocol: 4506,
  unknown_site: 4507,
  banned: 4508,
  logged_out: 4509,
};

/** Why a connection stopped for good; `unknown` is a stop code of a newer server. */
export type StopName = CloseName | "unknown";

const announcedCodes: ReadonlySet<number> = new Set([
  closeCodes.drain,
  closeCodes.moved,
  closeCodes.resync,
]);

/** Whether the page has to act before a new connection makes sense: 4500-4999. */
export function stopsReconnecting(code: number): boolean {
  return code >= 4500 && code <= 4999;
}

/** Whether the server announced the close and spread it, so that the client comes back at once. */
export function announced(code: number): boolean {
  return announcedCodes.has(code);
}

/** The name of a close code, for the page to explain it. */
export function nameOfCode(code: number): StopName {
  for (const name of Object.keys(closeCodes)) {
    if (isCloseName(name) && closeCodes[name] === code) return name;
  }
  return "unknown";
}

function isCloseName(name: string): name is CloseName {
  return Object.hasOwn(closeCodes, name);
}
