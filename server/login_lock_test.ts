import assert from "node:assert/strict";
import { agentIdSchema, siteIdSchema } from "../core/ids.ts";
import { lockLimits, LoginLock, type LoginName } from "./login_lock.ts";

const name = (agentId: string, isAgent = true): LoginName => ({
  siteId: siteIdSchema.parse("acme"),
  agentId: agentIdSchema.parse(agentId),
  isAgent,
});

Deno.test("[AM7] the fifth wrong password locks for a minute, each further one twice as long", () => {
  let now = 0;
  const lock = new LoginLock(() => now);
  const waits: number[] = [];
  for (let wrong = 1; wrong <= 4; wrong++) {
    assert.deepEqual(lock.attempt(name("ana")), { waitMs: 0, locks: false });
  }
  for (let wrong = 5; wrong <= 14; wrong++) {
    assert.deepEqual(lock.attempt(name("ana")), { waitMs: 0, locks: true });
    const { waitMs } = lock.attempt(name("ana"));
    waits.push(waitMs / 1_000);
    now += waitMs;
  }
  assert.deepEqual(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]);
});

Deno.test("[AM7] attempts at once are no more than one by one, and locked ones do not prolong", () => {
  let now = 0;
  const lock = new LoginLock(() => now);
  const free = Array.from({ length: 100 }, () => lock.attempt(name("ana")))
    .filter(({ waitMs }) => waitMs === 0);
  assert.equal(free.length, lockLimits.failuresMax);
  now = 59_999;
  assert.equal(lock.attempt(name("ana")).waitMs, 1);
  now = 60_000;
  assert.equal(lock.attempt(name("ana")).waitMs, 0);
});

Deno.test("[AM7] a cleared name and one that was left alone for a day begin anew", () => {
  let now = 0;
  const lock = new LoginLock(() => now);
  for (let wrong = 0; wrong < 5; wrong++) lock.attempt(name("ana"));
  lock.clear(name("ana"));
  assert.deepEqual(lock.attempt(name("ana")), { waitMs: 0, locks: false });
  for (let wrong = 0; wrong < 4; wrong++) lock.attempt(name("ana"));
  now = lockLimits.keptMs + 1;
  assert.deepEqual(lock.attempt(name("ana")), { waitMs: 0, locks: false });
});

Deno.test("[AM7] made-up names are locked alike, cost bounded memory and push no agent out", () => {
  const lock = new LoginLock(() => 0);
  for (let wrong = 0; wrong < 5; wrong++) {
    lock.attempt(name("ana"));
    assert.equal(lock.attempt(name("nobody", false)).waitMs, 0);
  }
  assert.equal(lock.attempt(name("nobody", false)).waitMs, 60_000);
  for (let n = 0; n < lockLimits.namesMax + 10; n++) lock.attempt(name(`x${n}`, false));
  assert.equal(lock.size, lockLimits.namesMax + 1);
  assert.equal(lock.attempt(name("ana")).waitMs, 60_000);
  assert.equal(lock.attempt(name("nobody", false)).waitMs, 0);
});
