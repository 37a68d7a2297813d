import assert from "node:assert/strict";
import { limits } from "../core/limits.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { DiskBudget } from "./disk_budget.ts";
import { Pulse } from "./pulse.ts";

/** A node with its pulse, and a visitor who waits. */
async function waiting(used = () => 0) {
  const bench = await NodeBench.start();
  const disk = new DiskBudget(1_000, used);
  const pulse = new Pulse(bench.clock, bench.node, bench.log, disk);
  pulse.start();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  await bench.idle();
  visitor.take();
  const state = () => bench.slot().site.state.chats.get(chatId)?.state.state;
  const stop = () => {
    pulse.stop();
    bench.stop();
  };
  return { bench, visitor, state, stop };
}

Deno.test("[IN2] after a freeze the absence of a visitor begins again from zero", async () => {
  const { bench, visitor, state, stop } = await waiting();
  bench.node.hub.remove(visitor.connection);
  bench.node.post(bench.slot(), { type: "disconnected", connection: visitor.connection.no });
  await bench.clock.advance(10_000);
  await bench.idle();
  await bench.clock.freeze(600_000);
  await bench.idle();
  assert.equal(state(), "waiting", "it was the node that was absent");
  assert.ok(bench.logged.includes("stalled"));
  await bench.clock.advance(limits.presenceGraceMs - 2_000);
  await bench.idle();
  assert.equal(state(), "waiting");
  await bench.clock.advance(3_000);
  await bench.idle();
  assert.equal(state(), "ended");
  stop();
});

Deno.test("[IN2] a stall is noticed before deadlines that were due right after its beginning", async () => {
  const { bench, visitor, state, stop } = await waiting();
  await bench.clock.advance(700);
  bench.node.hub.remove(visitor.connection);
  bench.node.post(bench.slot(), { type: "disconnected", connection: visitor.connection.no });
  await bench.idle();
  // 200 ms before the visitor counts as gone, 500 before the next beat.
  await bench.clock.advance(limits.presenceGraceMs - 200);
  await bench.clock.freeze(600_000);
  await bench.idle();
  assert.equal(state(), "waiting", "nobody could have come back meanwhile");
  assert.equal(bench.logged.filter((event) => event === "stalled").length, 1);
  await bench.clock.advance(limits.presenceGraceMs + 1_000);
  await bench.idle();
  assert.equal(state(), "ended");
  stop();
});

Deno.test("[IN4] a wall clock that is set back is told to the operator once", async () => {
  const { bench, stop } = await waiting();
  bench.clock.step = "ahead";
  await bench.clock.advance(5_000);
  assert.deepEqual(bench.logged.filter((event) => event !== "disk_state"), ["clock_ahead"]);
  stop();
});

Deno.test("[IN2] after a freeze nobody is called silent before it could be heard", async () => {
  const { bench, visitor, stop } = await waiting();
  await bench.clock.freeze(limits.silenceMsMax + 5_000);
  assert.equal(visitor.socket.closedWith, undefined);
  visitor.connection.heardAt = bench.clock.monotonic();
  await bench.clock.advance(2_000);
  assert.equal(visitor.socket.closedWith, undefined);
  await bench.clock.advance(limits.silenceMsMax + 2_000);
  assert.equal(visitor.socket.closedWith, "silent");
  stop();
});

Deno.test("[DB1A] a change of the disk's state is logged once", async () => {
  let used = 0;
  const { bench, stop } = await waiting(() => used);
  for (const bytes of [0, 850, 860, 990, 100]) {
    used = bytes;
    await bench.clock.advance(1_000);
  }
  assert.equal(bench.logged.filter((event) => event === "disk_state").length, 3);
  stop();
});
