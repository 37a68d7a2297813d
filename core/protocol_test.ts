import assert from "node:assert/strict";
import fc from "fast-check";
import { closeCodes, reconnects } from "./close_code.ts";
import { refusalCodes } from "./refusal.ts";
import { utf8Bytes } from "./utf8.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0xd7ff, max: 0xe000 })).map((units) => String.fromCharCode(...units)),
);

Deno.test("[BI1] bytes of UTF-8 are counted as TextEncoder writes them, lone surrogates too", () => {
  const encoder = new TextEncoder();
  fc.assert(fc.property(texts, (text) => {
    assert.equal(utf8Bytes(text), encoder.encode(text).length);
  }));
});

Deno.test("[BI4] a fault of the token or the protocol does not reconnect, a node's own does", () => {
  const stays = Object.entries(closeCodes).filter(([, { code }]) => !reconnects(code));
  assert.deepEqual(stays.map(([name]) => name), [
    "bad_token",
    "token_expired",
    "replaced",
    "too_many_tabs",
    "frame_too_big",
    "too_many_frames",
    "bad_protocol",
    "banned",
    "logged_out",
    "unknown_site",
  ]);
  for (const { code } of Object.values(closeCodes)) assert.ok(code >= 4000 && code <= 4999);
  const codes = Object.values(closeCodes).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

Deno.test("[BI5] every refusal says whether repeating helps, and why", () => {
  const retryable = Object.entries(refusalCodes).filter(([, code]) => code.retryable);
  assert.deepEqual(retryable.map(([name]) => name), [
    "rate_limited",
    "unavailable",
    "overloaded",
    "storage_full",
    "queue_full",
    "closed",
    "nobody_online",
    "wait_too_long",
    "target_unavailable",
  ]);
  for (const { why } of Object.values(refusalCodes)) assert.match(why, /^[A-Z].+\.$/);
});
