import assert from "node:assert/strict";
import { type SiteId, siteIdSchema } from "../core/ids.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { Wakeups } from "./wakeups.ts";

const [acme, other] = ["acme", "other"].map((id) => siteIdSchema.parse(id));
assert.ok(acme && other);

function watched() {
  const clock = new VirtualClock();
  const woken: [SiteId, number][] = [];
  const start = clock.now();
  const wakeups = new Wakeups(clock, (siteId) => woken.push([siteId, clock.now() - start]));
  return { clock, woken, wakeups, start };
}

Deno.test("[IN1] each site is woken when it wants to be, once, by one timer for all", async () => {
  const { clock, woken, wakeups, start } = watched();
  wakeups.set(acme, start + 300);
  wakeups.set(other, start + 200);
  wakeups.set(acme, start + 100);
  assert.equal(clock.timerCount, 1);
  await clock.advance(1_000);
  assert.deepEqual(woken, [[acme, 100], [other, 200]]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("[IN1] a site that wants nothing any more is not woken", async () => {
  const { clock, woken, wakeups, start } = watched();
  wakeups.set(acme, start + 100);
  wakeups.set(acme, undefined);
  await clock.advance(1_000);
  assert.deepEqual(woken, []);
  assert.equal(clock.timerCount, 0);
});

Deno.test("[IN1] a time that is over wakes at once, and a site may set the next one while woken", async () => {
  const { clock, wakeups, start } = watched();
  const woken: number[] = [];
  const chained = new Wakeups(clock, (siteId) => {
    woken.push(clock.now() - start);
    if (woken.length < 3) chained.set(siteId, clock.now() + 50);
  });
  wakeups.stop();
  chained.set(acme, start - 1_000);
  await clock.advance(1_000);
  assert.deepEqual(woken, [1, 51, 101]);
});

Deno.test("[IN1] after stop nobody is woken, whatever is still set", async () => {
  const { clock, woken, wakeups, start } = watched();
  wakeups.set(acme, start + 100);
  wakeups.stop();
  wakeups.set(other, start + 50);
  await clock.advance(1_000);
  assert.deepEqual(woken, []);
  assert.equal(clock.timerCount, 0);
});

Deno.test("[IN4] when the time has jumped, what was due meanwhile wakes at once", async () => {
  const { clock, woken, wakeups, start } = watched();
  const hour = 3600_000;
  let aheadMs = 0;
  const jumping = new Wakeups(
    {
      now: () => clock.now() + aheadMs,
      monotonic: () => clock.monotonic(),
      after: (ms, task) => clock.after(ms, task),
    },
    (siteId) => woken.push([siteId, clock.now() - start]),
  );
  wakeups.stop();
  jumping.set(acme, start + 20 * hour);
  jumping.set(other, start + 60 * hour);
  await clock.advance(1_000);
  aheadMs = 48 * hour;
  jumping.rearm();
  await clock.advance(1_000);
  assert.deepEqual(woken, [[acme, 1_001]]);
  assert.equal(clock.timerCount, 1);
  await clock.advance(12 * hour);
  assert.deepEqual(woken.at(-1), [other, 12 * hour]);
});
