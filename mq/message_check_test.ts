import assert from "node:assert/strict";
import { MessageCheck } from "./message_check.ts";
import { MessageRefused, payloadBytesMax } from "./queue.ts";

const check = new MessageCheck([
  {
    name: "jobs",
    leaseMs: 1,
    attemptsMax: 1,
    check: (payload) =>
      Object.keys(payload as object).length > 3 // an object, as was seen before
        ? { path: "payload.more", message: "at most three" }
        : undefined,
  },
]);
const good = { queueName: "jobs", uniqueId: "a", payload: { n: 1 }, at: 0 };

Deno.test("[QD1] a refusal says which message, what of it, and what is allowed", () => {
  assert.throws(() => check.one({ ...good, uniqueId: "" }), (error) => {
    assert.ok(error instanceof MessageRefused);
    assert.deepEqual([error.queueName, error.uniqueId, error.path], ["jobs", "", "uniqueId"]);
    assert.match(error.message, /1 to 256 characters of printable ASCII/);
    return true;
  });
  assert.throws(() => check.one({ ...good, queueName: "job" }), /the queues are jobs/);
  assert.throws(() => check.one({ ...good, payload: { a: 1, b: 1, c: 1, d: 1 } }), /at most three/);
});

Deno.test("[QD1] a payload's size counts in bytes of its JSON", () => {
  const around = JSON.stringify({ text: "" }).length;
  const text = "x".repeat(payloadBytesMax - around);
  assert.equal(check.one({ ...good, payload: { text } }).bytes.length, payloadBytesMax);
  assert.throws(() => check.one({ ...good, payload: { text: text + "x" } }), /262145 bytes/);
});

Deno.test("[QD11] what is set aside may have any payload, but not any id", () => {
  const broken = { ...good, payload: { n: 1n } };
  assert.match(check.setAside(broken).json, /unreadable.*no JSON/);
  assert.throws(() => check.setAside({ ...good, uniqueId: "\n" }), { path: "uniqueId" });
  assert.throws(() => check.setAside({ ...good, at: NaN }), { path: "at" });
});
