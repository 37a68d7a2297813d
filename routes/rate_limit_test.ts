import assert from "node:assert/strict";
import { KeyedLimit, TokenBucket } from "./rate_limit.ts";

Deno.test("[BI3] a bucket gives its burst at once, then its rate, and says how long to wait", () => {
  const bucket = new TokenBucket(3, 0);
  const take = (now: number) => bucket.take(now, 10, 3);
  assert.deepEqual([take(0), take(0), take(0), take(0)], [true, true, true, false]);
  assert.equal(bucket.waitMs(10), 100);
  assert.equal(take(99), false);
  assert.equal(bucket.waitMs(10), 1);
  assert.equal(take(100), true);
  assert.equal(take(100), false);
});

Deno.test("[BI3] a long pause gives no more than the burst", () => {
  const bucket = new TokenBucket(2, 0);
  const taken = Array.from({ length: 4 }, () => bucket.take(1_000_000, 10, 2));
  assert.deepEqual(taken, [true, true, false, false]);
});

Deno.test("[BI3] every key has its own bucket", () => {
  const limit = new KeyedLimit({ rate: 1, burst: 1 });
  assert.deepEqual(["a", "a", "b"].map((key) => limit.take(key, 0)), [0, 1_000, 0]);
});
