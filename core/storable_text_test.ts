import assert from "node:assert/strict";
import { isStorable, storable } from "./storable_text.ts";

Deno.test("[SC8] what every store takes is taken as it is, the rest can be put right", () => {
  const rows = [
    ["", ""],
    ["Smørbrød \u{1f600}\n\u0001", "Smørbrød \u{1f600}\n\u0001"],
    ["a\0b", "ab"],
    ["\ud83d", "\ufffd"],
    ["\ude00\ud83d", "\ufffd\ufffd"],
  ] as const;
  for (const [text, right] of rows) {
    assert.equal(isStorable(text), text === right);
    assert.equal(storable(text), right);
    assert.ok(isStorable(right));
  }
});
