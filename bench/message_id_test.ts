import assert from "node:assert/strict";
import { messageIdPrefix, newUlid, readCounter, writeCounter } from "./message_id.ts";

Deno.test("A message id is a ULID, and its counter comes back", () => {
  const prefix = messageIdPrefix();
  for (const counter of [0, 1, 31, 32, 1_234_567, 32 ** 6 - 1]) {
    const bytes = new TextEncoder().encode(prefix + "000000");
    writeCounter(bytes, prefix.length, counter);
    assert.match(new TextDecoder().decode(bytes), /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    assert.equal(readCounter(bytes, prefix.length), counter);
  }
  assert.match(newUlid(), /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.notEqual(newUlid(), newUlid());
});
