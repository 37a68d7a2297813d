import assert from "node:assert/strict";
import { mergePatch } from "./merge_patch.ts";

Deno.test("[AM5] a merge patch does what RFC 7396 says, example by example", () => {
  const rows: readonly (readonly [unknown, unknown, unknown])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, expected] of rows) {
    const before = JSON.stringify(target);
    assert.deepEqual(mergePatch(target, patch), expected, JSON.stringify(patch));
    assert.equal(JSON.stringify(target), before);
  }
});

Deno.test("[AM5] a patch reaches no prototype, and one of any depth is merged without a fault", () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__": {"admin": true}}'));
  assert.equal(Object.getPrototypeOf(patched), Object.prototype);
  assert.ok(typeof patched === "object" && patched !== null && !("admin" in patched));
  const deep = JSON.parse('{"a":'.repeat(100_000) + "1" + "}".repeat(100_000));
  assert.ok(mergePatch({}, deep));
});
