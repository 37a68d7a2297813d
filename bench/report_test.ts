import assert from "node:assert/strict";
import { isMet, rounded } from "./report.ts";

Deno.test("A goal is met on its border, and never by a figure that is missing", () => {
  assert.equal(isMet({ name: "ratio", value: 0.6, atLeast: 0.6 }), true);
  assert.equal(isMet({ name: "ratio", value: 0.599, atLeast: 0.6 }), false);
  assert.equal(isMet({ name: "p99", value: 10.001, atMost: 10 }), false);
  assert.equal(isMet({ name: "p99", value: NaN, atMost: 10 }), false);
  assert.equal(rounded(NaN), null);
});
