import assert from "node:assert/strict";
import { type DeadlineKey, Deadlines } from "./deadlines.ts";
import { agentIdSchema } from "./ids.ts";

const keyOf = (name: string): DeadlineKey => `agent/${agentIdSchema.parse(name)}`;

Deno.test("[IN1] the earliest deadline is next, and each is taken once when it has come", () => {
  const deadlines = new Deadlines();
  assert.equal(deadlines.next, undefined);
  deadlines.setBy(keyOf("ana"), 300);
  deadlines.setBy("push", 100);
  deadlines.setBy(keyOf("ben"), 200);
  assert.equal(deadlines.next, 100);
  assert.equal(deadlines.takeDue(99), undefined);
  assert.deepEqual([200, 200, 200].map((now) => deadlines.takeDue(now)), [
    "push",
    keyOf("ben"),
    undefined,
  ]);
  assert.equal(deadlines.next, 300);
});

Deno.test("[IN1] a deadline moves forward at once and never back by itself", () => {
  const deadlines = new Deadlines();
  deadlines.setBy("push", 200);
  deadlines.setBy("push", 300);
  assert.equal(deadlines.next, 200);
  deadlines.setBy("push", 100);
  assert.equal(deadlines.next, 100);
  deadlines.clear("push");
  assert.equal(deadlines.next, undefined);
});
