import { deepEqual, equal } from "node:assert/strict";
import { closeCodes } from "./close_code.ts";
import {
  type Connection,
  type ConnectionEvent,
  type ConnectionState,
  idleConnection,
  step,
} from "./connection.ts";

const now = 1_000_000;
const chance = { now, random: 0.5 };

const states: { readonly [name: string]: ConnectionState } = {
  "idle": { state: "idle" },
  "connecting": { state: "connecting", giveUpAt: now + 5_000 },
  "connecting late": { state: "connecting", giveUpAt: now },
  "greeting": { state: "greeting", giveUpAt: now + 5_000 },
  "greeting late": { state: "greeting", giveUpAt: now },
  "open": { state: "open", since: now - 60_000, heartbeat: { state: "due", at: now + 9_000 } },
  "open due": { state: "open", since: now - 60_000, heartbeat: { state: "due", at: now } },
  "open asked": {
    state: "open",
    since: now - 60_000,
    heartbeat: { state: "asked", at: now - 7_000, by: now + 1_000 },
  },
  "open silent": {
    state: "open",
    since: now - 60_000,
    heartbeat: { state: "asked", at: now - 8_000, by: now },
  },
  "waiting": { state: "waiting_to_reconnect", until: now + 3_000 },
  "waiting over": { state: "waiting_to_reconnect", until: now },
  "stopped": { state: "stopped", closeName: "replaced" },
};

const events: { readonly [name: string]: ConnectionEvent } = {
  "start": { type: "start" },
  "stop": { type: "stop" },
  "opened": { type: "socket_opened", socketNo: 7 },
  "lost": { type: "socket_closed", socketNo: 7, code: 1006 },
  "drained": { type: "socket_closed", socketNo: 7, code: closeCodes.drain },
  "replaced": { type: "socket_closed", socketNo: 7, code: closeCodes.replaced },
  "old lost": { type: "socket_closed", socketNo: 6, code: closeCodes.replaced },
  "broken": { type: "broken" },
  "welcomed": { type: "welcomed" },
  "heard": { type: "heard" },
  "answered": { type: "heartbeat_answered" },
  "network": { type: "network_returned" },
  "woke": { type: "woke" },
};

/** Every pair of state and event: the state after it and the effects, "-" when nothing changes. */
const table: readonly (readonly [state: string, event: string, then: string])[] = [
  ["idle", "start", "connecting: open_socket"],
  ["idle", "stop", "idle:"],
  ["idle", "opened", "-"],
  ["idle", "lost", "-"],
  ["idle", "drained", "-"],
  ["idle", "replaced", "-"],
  ["idle", "old lost", "-"],
  ["idle", "broken", "-"],
  ["idle", "welcomed", "-"],
  ["idle", "heard", "-"],
  ["idle", "answered", "-"],
  ["idle", "network", "-"],
  ["idle", "woke", "-"],

  ["connecting", "start", "-"],
  ["connecting", "stop", "idle: close_socket"],
  ["connecting", "opened", "greeting: greet"],
  ["connecting", "lost", "waiting_to_reconnect:"],
  ["connecting", "drained", "connecting: open_socket"],
  ["connecting", "replaced", "stopped:"],
  ["connecting", "old lost", "-"],
  ["connecting", "broken", "waiting_to_reconnect: close_socket"],
  ["connecting", "welcomed", "-"],
  ["connecting", "heard", "-"],
  ["connecting", "answered", "-"],
  ["connecting", "network", "-"],
  ["connecting", "woke", "-"],
  ["connecting late", "woke", "waiting_to_reconnect: close_socket"],

  ["greeting", "start", "-"],
  ["greeting", "stop", "idle: close_socket"],
  ["greeting", "opened", "-"],
  ["greeting", "lost", "waiting_to_reconnect:"],
  ["greeting", "drained", "connecting: open_socket"],
  ["greeting", "replaced", "stopped:"],
  ["greeting", "old lost", "-"],
  ["greeting", "broken", "waiting_to_reconnect: close_socket"],
  ["greeting", "welcomed", "open:"],
  ["greeting", "heard", "-"],
  ["greeting", "answered", "-"],
  ["greeting", "network", "-"],
  ["greeting", "woke", "-"],
  ["greeting late", "woke", "waiting_to_reconnect: close_socket"],

  ["open", "start", "-"],
  ["open", "stop", "idle: close_socket"],
  ["open", "opened", "-"],
  ["open", "lost", "waiting_to_reconnect:"],
  ["open", "drained", "connecting: open_socket"],
  ["open", "replaced", "stopped:"],
  ["open", "old lost", "-"],
  ["open", "broken", "waiting_to_reconnect: close_socket"],
  ["open", "welcomed", "-"],
  ["open", "heard", "-"],
  ["open", "answered", "open:"],
  ["open", "network", "open: beat"],
  ["open", "woke", "-"],
  ["open due", "woke", "open: beat"],
  ["open asked", "heard", "open:"],
  ["open asked", "answered", "open:"],
  ["open asked", "network", "-"],
  ["open asked", "woke", "-"],
  ["open silent", "woke", "waiting_to_reconnect: close_socket"],

  ["waiting", "start", "connecting: open_socket"],
  ["waiting", "stop", "idle:"],
  ["waiting", "opened", "-"],
  ["waiting", "lost", "-"],
  ["waiting", "drained", "-"],
  ["waiting", "replaced", "-"],
  ["waiting", "old lost", "-"],
  ["waiting", "broken", "-"],
  ["waiting", "welcomed", "-"],
  ["waiting", "heard", "-"],
  ["waiting", "answered", "-"],
  ["waiting", "network", "connecting: open_socket"],
  ["waiting", "woke", "-"],
  ["waiting over", "woke", "connecting: open_socket"],

  ["stopped", "start", "connecting: open_socket"],
  ["stopped", "stop", "idle:"],
  ["stopped", "opened", "-"],
  ["stopped", "lost", "-"],
  ["stopped", "drained", "-"],
  ["stopped", "replaced", "-"],
  ["stopped", "old lost", "-"],
  ["stopped", "broken", "-"],
  ["stopped", "welcomed", "-"],
  ["stopped", "heard", "-"],
  ["stopped", "answered", "-"],
  ["stopped", "network", "-"],
  ["stopped", "woke", "-"],
];

for (const [stateName, eventName, then] of table) {
  Deno.test(`connection: ${stateName} + ${eventName} = ${then}`, () => {
    const state = states[stateName] ?? { state: "idle" };
    const event = events[eventName] ?? { type: "woke" };
    const before: Connection = { socketNo: 7, attempts: 0, now: state };
    const { connection, effects } = step(before, event, chance);
    const what = effects.map(({ type }) => ` ${type}`).join("");
    equal(connection === before ? "-" : `${connection.now.state}:${what}`, then);
  });
}

Deno.test("the table of the connection names every pair of state and event", () => {
  const plain = ["idle", "connecting", "greeting", "open", "waiting", "stopped"];
  const named = new Set(table.map(([state, event]) => `${state} + ${event}`));
  const missing = plain.flatMap((state) =>
    Object.keys(events).map((event) => `${state} + ${event}`)
  ).filter((pair) => !named.has(pair));
  deepEqual(missing, []);
});

/** Loses the connection again and again, each time after it was open for `openMs`. */
function waits({ code, openMs, times }: { code: number; openMs: number; times: number }) {
  const delays: number[] = [];
  let connection = idleConnection;
  let clock = now;
  const next = (event: ConnectionEvent) => {
    connection = step(connection, event, { now: clock, random: 0.5 }).connection;
  };
  next({ type: "start" });
  for (let i = 0; i < times; i++) {
    next({ type: "socket_opened", socketNo: connection.socketNo });
    next({ type: "welcomed" });
    clock += openMs;
    next({ type: "socket_closed", socketNo: connection.socketNo, code });
    const { now: state } = connection;
    const delay = state.state === "waiting_to_reconnect" ? state.until - clock : 0;
    delays.push(delay);
    clock += delay;
    next({ type: "woke" });
  }
  return delays;
}

Deno.test("losses in a row wait longer, with jitter, up to 30 s", () => {
  const delays = waits({ code: 1006, openMs: 1_000, times: 8 });
  deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

Deno.test("a connection that was stable starts the back-off anew", () => {
  deepEqual(waits({ code: 1006, openMs: 11_000, times: 3 }), [500, 500, 500]);
});

Deno.test("announced closes come back at once, but not in a hot loop", () => {
  deepEqual(waits({ code: closeCodes.drain, openMs: 60_000, times: 3 }), [0, 0, 0]);
  deepEqual(waits({ code: closeCodes.moved, openMs: 10, times: 3 }), [0, 1_000, 2_000]);
});

Deno.test("an overloaded server is not asked again at once", () => {
  deepEqual(waits({ code: closeCodes.overloaded, openMs: 60_000, times: 1 }), [1_000]);
});

Deno.test("a slow link gets more time for its heartbeat while frames arrive, but not for ever", () => {
  const asked: Connection = {
    socketNo: 1,
    attempts: 0,
    now: {
      state: "open",
      since: now,
      heartbeat: { state: "asked", at: now, by: now + 8_000 },
    },
  };
  let connection = asked;
  for (let clock = now; clock < now + 60_000; clock += 1_000) {
    connection = step(connection, { type: "heard" }, { now: clock, random: 0 }).connection;
  }
  deepEqual(connection.now.state === "open" && connection.now.heartbeat, {
    state: "asked",
    at: now,
    by: now + 24_000,
  });
});
