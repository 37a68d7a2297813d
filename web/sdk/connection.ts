import { unreachable } from "./assert.ts";
import { reconnectDelayMs } from "./backoff.ts";
import {
  announced,
  closeCodes,
  nameOfCode,
  type StopName,
  stopsReconnecting,
} from "./close_code.ts";
import { limits } from "./limits.ts";

/** A heartbeat is due at a time, or was asked and must be answered by one. */
export type Heartbeat =
  | { readonly state: "due"; readonly at: number }
  | { readonly state: "asked"; readonly at: number; readonly by: number };

/** Where the connection stands. Times are those of the `now` that events bring, in milliseconds. */
export type ConnectionState =
  | { readonly state: "idle" }
  | { readonly state: "connecting"; readonly giveUpAt: number }
  | { readonly state: "greeting"; readonly giveUpAt: number }
  | { readonly state: "open"; readonly since: number; readonly heartbeat: Heartbeat }
  /** `newer`: another console of the agent, started later, is connected. */
  | { readonly state: "waiting_to_reconnect"; readonly until: number; readonly newer?: true }
  | { readonly state: "stopped"; readonly closeName: StopName };

/**
 * One session's connection over all its sockets. A socket whose number is not the last is ignored.
 */
export interface Connection {
  readonly socketNo: number;
  /** Connections in a row that were lost before they were stable. */
  readonly attempts: number;
  readonly now: ConnectionState;
}

/** What reached the connection. `broken`: the socket said something that is no frame. */
export type ConnectionEvent =
  | { readonly type: "start" }
  | { readonly type: "stop" }
  | { readonly type: "socket_opened"; readonly socketNo: number }
  | { readonly type: "socket_closed"; readonly socketNo: number; readonly code: number }
  | { readonly type: "broken" }
  | { readonly type: "welcomed" }
  | { readonly type: "heard" }
  | { readonly type: "heartbeat_answered" }
  | { readonly type: "network_returned" }
  | { readonly type: "woke" };

/** What the connection wants done, in this order. */
export type ConnectionEffect =
  | { readonly type: "open_socket"; readonly socketNo: number }
  | { readonly type: "close_socket"; readonly socketNo: number }
  | { readonly type: "greet" }
  | { readonly type: "beat" };

/** The time of an event and a random number in [0, 1); the machine has neither of its own. */
export interface Chance {
  readonly now: number;
  readonly random: number;
}

/** The connection after an event, and what has to be done. */
export interface Step {
  readonly connection: Connection;
  readonly effects: readonly ConnectionEffect[];
}

/** A connection that nobody started. */
export const idleConnection: Connection = { socketNo: 0, attempts: 0, now: { state: "idle" } };

/**
 * The transition function: pure, total, and `connection` itself is returned where nothing changed.
 */
export function step(connection: Connection, event: ConnectionEvent, chance: Chance): Step {
  switch (event.type) {
    case "start":
      return start(connection, chance);
    case "stop":
      return leave(connection, { state: "idle" });
    case "socket_opened":
      return event.socketNo === connection.socketNo ? opened(connection) : same(connection);
    case "socket_closed":
      if (event.socketNo !== connection.socketNo || !hasSocket(connection.now)) {
        return same(connection);
      }
      return lost(connection, chance, event.code);
    case "broken":
      return hasSocket(connection.now) ? drop(connection, chance) : same(connection);
    case "welcomed":
      return welcomed(connection, chance);
    case "heard":
      return heard(connection, chance);
    case "heartbeat_answered":
      return answered(connection, chance);
    case "network_returned":
      return networkReturned(connection, chance);
    case "woke":
      return woke(connection, chance);
    default:
      return unreachable(event);
  }
}

/** When the connection wants to be woken; undefined when only an event can move it. */
export function connectionDeadline({ now }: Connection): number | undefined {
  switch (now.state) {
    case "idle":
    case "stopped":
      return undefined;
    case "connecting":
    case "greeting":
      return now.giveUpAt;
    case "open":
      return now.heartbeat.state === "due" ? now.heartbeat.at : now.heartbeat.by;
    case "waiting_to_reconnect":
      return now.until;
    default:
      return unreachable(now);
  }
}

function start(connection: Connection, chance: Chance): Step {
  switch (connection.now.state) {
    case "idle":
    case "stopped":
      return connect({ ...connection, attempts: 0 }, chance);
    case "waiting_to_reconnect":
      return connect(connection, chance);
    case "connecting":
    case "greeting":
    case "open":
      return same(connection);
    default:
      return unreachable(connection.now);
  }
}

function opened(connection: Connection): Step {
  if (connection.now.state !== "connecting") return same(connection);
  const { giveUpAt } = connection.now;
  return to(connection, { state: "greeting", giveUpAt }, [{ type: "greet" }]);
}

function welcomed(connection: Connection, { now }: Chance): Step {
  if (connection.now.state !== "greeting") return same(connection);
  const heartbeat: Heartbeat = { state: "due", at: now + limits.heartbeatMs };
  return to(connection, { state: "open", since: now, heartbeat });
}

/** Any frame proves that the way back is alive, so a slow answer gets more time, within a limit. */
function heard(connection: Connection, { now }: Chance): Step {
  if (connection.now.state !== "open") return same(connection);
  const { heartbeat } = connection.now;
  if (heartbeat.state === "due") return same(connection);
  const by = Math.min(now + limits.heartbeatAnswerMs, heartbeat.at + limits.heartbeatAnswerMsMax);
  if (by <= heartbeat.by) return same(connection);
  return to(connection, { ...connection.now, heartbeat: { ...heartbeat, by } });
}

function answered(connection: Connection, { now }: Chance): Step {
  if (connection.now.state !== "open") return same(connection);
  const heartbeat: Heartbeat = { state: "due", at: now + limits.heartbeatMs };
  return to(connection, { ...connection.now, heartbeat });
}

function networkReturned(connection: Connection, chance: Chance): Step {
  if (connection.now.state === "waiting_to_reconnect") return connect(connection, chance);
  if (connection.now.state !== "open" || connection.now.heartbeat.state === "asked") {
    return same(connection);
  }
  return beat(connection, connection.now, chance);
}

function woke(connection: Connection, chance: Chance): Step {
  const deadline = connectionDeadline(connection);
  if (deadline === undefined || deadline > chance.now) return same(connection);
  switch (connection.now.state) {
    case "idle":
    case "stopped":
      return same(connection);
    case "connecting":
    case "greeting":
      return drop(connection, chance);
    case "open":
      if (connection.now.heartbeat.state === "asked") return drop(connection, chance);
      return beat(connection, connection.now, chance);
    case "waiting_to_reconnect":
      return connect(connection, chance);
    default:
      return unreachable(connection.now);
  }
}

function beat(
  connection: Connection,
  open: Extract<ConnectionState, { state: "open" }>,
  { now }: Chance,
): Step {
  const heartbeat: Heartbeat = { state: "asked", at: now, by: now + limits.heartbeatAnswerMs };
  return to(connection, { ...open, heartbeat }, [{ type: "beat" }]);
}

function connect(connection: Connection, { now }: Chance): Step {
  const socketNo = connection.socketNo + 1;
  const connecting: ConnectionState = {
    state: "connecting",
    giveUpAt: now + limits.connectMsMax,
  };
  return to({ ...connection, socketNo }, connecting, [{ type: "open_socket", socketNo }]);
}

/**
 * Gives the socket up without waiting for its close: a half-dead one would take minutes to say so.
 */
function drop(connection: Connection, chance: Chance): Step {
  const next = lost(connection, chance, 1006);
  const close: ConnectionEffect = { type: "close_socket", socketNo: connection.socketNo };
  return { connection: next.connection, effects: [close, ...next.effects] };
}

function leave(connection: Connection, now: ConnectionState): Step {
  if (!hasSocket(connection.now)) return to(connection, now);
  return to(connection, now, [{ type: "close_socket", socketNo: connection.socketNo }]);
}

function lost(connection: Connection, chance: Chance, code: number): Step {
  if (stopsReconnecting(code)) {
    return to(connection, { state: "stopped", closeName: nameOfCode(code) });
  }
  const stable = connection.now.state === "open" &&
    chance.now - connection.now.since > limits.stableMs;
  const before = stable ? 0 : connection.attempts;
  const attempts = code === closeCodes.overloaded ? Math.max(1, before) : before;
  const delay = reconnectDelayMs({ attempts, random: chance.random }, {
    announced: announced(code),
  });
  const waiting = { ...connection, attempts: attempts + 1 };
  if (delay === 0) return connect(waiting, chance);
  const newer = code === closeCodes.newer_console ? { newer: true } as const : {};
  return to(waiting, { state: "waiting_to_reconnect", until: chance.now + delay, ...newer });
}

function hasSocket(now: ConnectionState): boolean {
  return now.state === "connecting" || now.state === "greeting" || now.state === "open";
}

function to(
  connection: Connection,
  now: ConnectionState,
  effects: readonly ConnectionEffect[] = [],
): Step {
  return { connection: { ...connection, now }, effects };
}

function same(connection: Connection): Step {
  return { connection, effects: [] };
}
