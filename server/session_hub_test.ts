import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { Site } from "../core/site.ts";
import { ListeningSocket } from "../tests/harness/listening_socket.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { SessionHub } from "./session_hub.ts";
import { SiteSlot } from "./site_slot.ts";

const slot = new SiteSlot(siteIdSchema.parse("acme"), new Site(benchConfig()));

function connected(hub: SessionHub) {
  const socket = new ListeningSocket();
  const seen = { gone: 0 };
  const connection = hub.add(slot, socket, { now: 0, gone: () => seen.gone += 1 });
  return { socket, connection, seen };
}

Deno.test("[MS4] frames of one release go out as one message, in order, a line each", () => {
  const hub = new SessionHub();
  const [one, two] = [connected(hub), connected(hub)];
  hub.gather([one.connection.no, two.connection.no], "1");
  hub.gatherFor(one.connection.no, "2");
  hub.gather([one.connection.no], "3");
  assert.deepEqual(one.socket.messages, []);
  hub.flush();
  assert.deepEqual([one.socket.messages, two.socket.messages], [["1\n2\n3"], ["1"]]);
  hub.flush();
  assert.equal(one.socket.messages.length, 1);
});

Deno.test("[MS4] what is gathered beyond a message begins the next, and nothing is lost", () => {
  const hub = new SessionHub();
  const { socket, connection } = connected(hub);
  const frames = Array.from({ length: 30 }, (_, n) => String(n).repeat(5_000));
  for (const frame of frames) hub.gatherFor(connection.no, frame);
  hub.flush();
  assert.ok(socket.messages.length > 1);
  assert.deepEqual(socket.messages.join("\n").split("\n"), frames);
});

Deno.test("[CN6] a connection that does not read is closed when a mebibyte waits, nothing skipped", () => {
  const hub = new SessionHub();
  const [slow, quick] = [connected(hub), connected(hub)];
  slow.socket.reads = false;
  const frames = Array.from({ length: 120 }, (_, n) => `${n}:`.padEnd(10_000, "x"));
  for (const frame of frames) {
    hub.gather([slow.connection.no, quick.connection.no], frame);
    hub.flush();
  }
  assert.equal(slow.socket.closedWith, "slow_consumer");
  assert.equal(hub.slowConsumers, 1);
  const sent = slow.socket.messages;
  assert.deepEqual(sent, frames.slice(0, sent.length), "a beginning without a gap");
  assert.ok(sent.join("").length <= limits.sendQueueBytesMax);
  assert.ok(sent.join("").length > limits.sendQueueBytesMax - 10_001);
  assert.deepEqual([quick.socket.closedWith, quick.socket.messages.length], [undefined, 120]);
});

Deno.test("[CN6] what waits is counted in bytes", () => {
  const hub = new SessionHub();
  const { socket, connection } = connected(hub);
  socket.bufferedAmount = limits.sendQueueBytesMax - 20_000;
  hub.gatherFor(connection.no, "\u8a9e".repeat(10_000));
  hub.flush();
  assert.equal(socket.closedWith, "slow_consumer");
});

Deno.test("[CN3] a close sends what was gathered before it, and nothing after it", () => {
  const hub = new SessionHub();
  const { socket, connection } = connected(hub);
  hub.gatherFor(connection.no, "before");
  hub.close(connection, "replaced");
  hub.gatherFor(connection.no, "after");
  hub.flush();
  hub.close(connection, "drain");
  assert.deepEqual([socket.messages, socket.closedWith], [["before"], "replaced"]);
});

Deno.test("[CN1] who says no hello within 10 seconds is closed hello_timeout, who is silent later", () => {
  const hub = new SessionHub();
  const [stranger, known] = [connected(hub), connected(hub)];
  known.connection.session = { type: "agent", agentId: benchConfig().agents[0]?.agentId ?? fail() };
  hub.sweep(limits.helloMsMax);
  assert.equal(stranger.socket.closedWith, undefined);
  hub.sweep(limits.helloMsMax + 1);
  assert.deepEqual([stranger, known].map(({ socket }) => socket.closedWith), [
    "hello_timeout",
    undefined,
  ]);
  hub.sweep(limits.silenceMsMax + 1);
  assert.equal(known.socket.closedWith, "silent");
});

Deno.test("[CN6] a peer that does not answer the close is given up, and counts until it is gone", () => {
  const hub = new SessionHub();
  const { connection, seen } = connected(hub);
  hub.close(connection, "slow_consumer");
  hub.sweep(10_000);
  hub.sweep(14_999);
  assert.deepEqual([seen.gone, hub.size], [0, 1]);
  hub.sweep(15_000);
  assert.deepEqual([seen.gone, hub.size, hub.get(connection.no)], [1, 1, undefined]);
  hub.remove(connection);
  assert.deepEqual([seen.gone, hub.size], [1, 0]);
});

function fail(): never {
  return assert.fail("the bench has agents");
}
