import assert from "node:assert/strict";
import { UnsavedNouns } from "./unsaved_nouns.ts";

Deno.test("[JR2] a noun is unsaved since the first record that changed it", () => {
  const nouns = new UnsavedNouns();
  nouns.touch("acme/chat/a", 5);
  nouns.touch("acme/chat/b", 6);
  nouns.touch("acme/chat/a", 7);
  assert.deepEqual([nouns.oldestSeq(), [...nouns].slice(0, 1), nouns.size], [
    5,
    ["acme/chat/a"],
    2,
  ]);
  nouns.saved("acme/chat/a", 4);
  assert.equal(nouns.oldestSeq(), 5, "saved before it changed");
  nouns.saved("acme/chat/a", 7);
  assert.deepEqual([...nouns], ["acme/chat/b"]);
});

Deno.test("[JR2] notes that came out of order are sorted again", () => {
  const nouns = new UnsavedNouns();
  nouns.touch("acme/chat/a", 9);
  nouns.touch("acme/chat/b", 3);
  nouns.sort();
  assert.deepEqual([nouns.oldestSeq(), [...nouns]], [3, ["acme/chat/b", "acme/chat/a"]]);
});
