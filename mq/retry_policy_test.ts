import assert from "node:assert/strict";
import { type FailureKind, retryDelay } from "./retry_policy.ts";

const rows: readonly {
  readonly kind: FailureKind;
  /** The longest delay after the first, second, third and hundredth failure. */
  readonly most: readonly (number | "never")[];
}[] = [
  { kind: "unavailable", most: [500, 1_000, 2_000, 30_000] },
  { kind: "neighbour", most: [5_000, 10_000, 20_000, 3_600_000] },
  { kind: "throttled", most: [10_000, 20_000, 40_000, 900_000] },
  { kind: "failed", most: [1_000, 2_000, 4_000, 600_000] },
  { kind: "broker", most: [100, 200, 400, 10_000] },
  { kind: "poison", most: ["never", "never", "never", "never"] },
];

for (const { kind, most } of rows) {
  Deno.test(`[QD8] ${kind}: up to ${most.join(", ")} ms`, () => {
    const delays = [1, 2, 3, 100].map((failures) =>
      retryDelay(kind, failures, { random: () => 1 })
    );
    assert.deepEqual(delays, most);
  });
}

Deno.test("[QD8] a delay is anything up to its bound, and more than nothing", () => {
  const delays = [0, 0.25, 0.5].map((value) => retryDelay("failed", 3, { random: () => value }));
  assert.deepEqual(delays, [1, 1_000, 2_000]);
});

Deno.test("[QD8] what the other side asked for is waited before", () => {
  assert.equal(retryDelay("throttled", 1, { random: () => 0.5, atLeastMs: 60_000 }), 65_000);
});
