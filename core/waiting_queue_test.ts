import assert from "node:assert/strict";
import fc from "fast-check";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { chatIdSchema } from "./ids.ts";
import { WaitingQueue } from "./waiting_queue.ts";

const idOf = (n: number) => chatIdSchema.parse(fixedUlid(n));

Deno.test("[WQ1] the longest-waiting chat is first, whenever it came back", () => {
  const queue = new WaitingQueue();
  queue.add(idOf(3), 300);
  queue.add(idOf(1), 100);
  queue.add(idOf(2), 200);
  queue.add(idOf(4), 400);
  assert.deepEqual([...queue], [1, 2, 3, 4].map(idOf));
  queue.remove(idOf(1));
  assert.equal([...queue][0], idOf(2));
});

Deno.test("[WQ1] the order is that of waitingSince, however chats were added and removed", () => {
  const step = fc.record({ n: fc.nat(20), since: fc.nat(5), remove: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new WaitingQueue();
    const since = new Map<string, number>();
    for (const { n, since: at, remove } of steps) {
      if (remove) {
        queue.remove(idOf(n));
        since.delete(idOf(n));
      } else if (!since.has(idOf(n))) {
        queue.add(idOf(n), at);
        since.set(idOf(n), at);
      }
    }
    const waits = [...queue].map((chatId) => since.get(chatId) ?? -1);
    assert.deepEqual(waits, waits.toSorted((a, b) => a - b));
    assert.equal(queue.size, since.size);
  }));
});

Deno.test("[WQ1] the order does not hang on the order of adding, also within one millisecond", () => {
  const waits = fc.uniqueArray(fc.tuple(fc.nat(30), fc.nat(3)), { selector: ([n]) => n });
  fc.assert(fc.property(waits, fc.infiniteStream(fc.nat()), (chats, keys) => {
    const ordered = chats.map((chat) => [keys.next().value, chat] as const)
      .sort(([a], [b]) => a - b).map(([, chat]) => chat);
    const [one, other] = [new WaitingQueue(), new WaitingQueue()];
    for (const [n, since] of chats) one.add(idOf(n), since);
    for (const [n, since] of ordered) other.add(idOf(n), since);
    assert.deepEqual([...one], [...other]);
  }));
});

Deno.test("[WQ1] waiting chats keep their place over reconnects and restarts", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitors = [bench.visitor(), bench.visitor(), bench.visitor()];
  const chats = visitors.map((visitor) => {
    bench.advance(100);
    return visitor.requestChat();
  });
  visitors[0]?.lose();
  bench.advance(20_000);
  visitors[0]?.connect();
  assert.deepEqual(bench.waitingChats(), chats);
  bench.restart();
  visitors[2]?.connect();
  visitors[0]?.connect();
  assert.deepEqual(bench.waitingChats(), chats);
  const ana = bench.agent("ana");
  assert.equal(chats[0] === undefined ? undefined : ana.accept(chats[0])[0]?.type, "chat");
  assert.deepEqual(bench.waitingChats(), chats.slice(1));
});

Deno.test("[WQ3] only positions that changed are told", () => {
  const queue = new WaitingQueue();
  for (const n of [1, 2, 3]) queue.add(idOf(n), n);
  assert.deepEqual(queue.takePositions(), [[idOf(1), 1], [idOf(2), 2], [idOf(3), 3]]);
  assert.deepEqual(queue.takePositions(), []);
  queue.remove(idOf(2));
  assert.deepEqual(queue.takePositions(), [[idOf(3), 2]]);
  assert.equal(queue.position(idOf(3)), 2);
  assert.equal(queue.position(idOf(2)), undefined);
});

Deno.test("[WQ3] the list told is the head of the queue, by what came and went", () => {
  const queue = new WaitingQueue();
  for (const n of [1, 2, 3]) queue.add(idOf(n), n);
  assert.deepEqual(queue.takeListed(2), { added: [idOf(1), idOf(2)], removed: [] });
  assert.equal(queue.changed, false);
  queue.remove(idOf(1));
  assert.equal(queue.changed, true);
  assert.deepEqual(queue.takeListed(2), { added: [idOf(3)], removed: [idOf(1)] });
});

Deno.test("[WQ3] a chat that only a newcomer was shown is taken off its list, too", () => {
  const queue = new WaitingQueue();
  queue.add(idOf(1), 100);
  queue.noteShown([idOf(1)]);
  queue.remove(idOf(1));
  assert.deepEqual(queue.takeListed(10), { added: [], removed: [idOf(1)] });
  assert.deepEqual(queue.takeListed(10), { added: [], removed: [] });
});
