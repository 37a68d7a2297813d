import assert from "node:assert/strict";
import fc from "fast-check";
import { agentFrameSchema, visitorFrameSchema } from "../core/protocol.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { limits } from "../core/limits.ts";
import { plainMessage, readFrame } from "./frame_intake.ts";

const chatId = fixedUlid(1);
const messageId = fixedUlid(2);
const commandId = fixedUlid(3);
const tenure = fixedUlid(4);
const post = { type: "post_message", chatId, messageId, text: "hello" };
const hello = {
  type: "hello",
  protocol: 1,
  token: "t",
  connectionId: fixedUlid(5),
  term: 0,
  chats: {},
  unacked: 0,
};
const entry = {
  chatId,
  tenure,
  stream: "public",
  n: 1,
  order: 1,
  at: 1,
  author: { type: "system", id: "system" },
  id: "x",
  kind: "message",
  text: "",
  sig: "k1.x",
};
const many = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [fixedUlid(n), value]));
const streams = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${fixedUlid(n)}/public`, 1]));

// What is sent, the refusal's code and field. Objects are sent as JSON.
const bad: readonly [string, unknown, string, string?][] = [
  ["nothing", "", "bad_frame"],
  ["no JSON", "hello", "bad_frame"],
  ["half of a frame", '{"type":"typing"', "bad_frame"],
  ["two frames", "{}{}", "bad_frame"],
  ["bytes", new Uint8Array([123, 125]), "binary_frame"],
  ["a blob", new Blob(["{}"]), "binary_frame"],
  ["null", "null", "bad_frame", "type"],
  ["a number", "5", "bad_frame", "type"],
  ["a list", "[]", "bad_frame", "type"],
  ["an empty object", {}, "bad_frame", "type"],
  ["an unknown type", { type: "post_massage" }, "bad_frame", "type"],
  ["a type that is no text", { type: 5 }, "bad_frame", "type"],
  ["the other side's type", { type: "accept_chat", commandId, chatId }, "bad_frame", "type"],
  ["a server's frame", { type: "welcome" }, "bad_frame", "type"],
  ["no text", { ...post, text: undefined }, "bad_frame", "text"],
  ["an empty text", { ...post, text: "" }, "bad_frame", "text"],
  ["a text that is a number", { ...post, text: 5 }, "bad_frame", "text"],
  ["a text that is a list", { ...post, text: ["hello"] }, "bad_frame", "text"],
  ["a field too many", { ...post, colour: "red" }, "bad_frame", "colour"],
  ["a flag as text", { type: "typing", chatId, on: "true" }, "bad_frame", "on"],
  ["no chatId", { type: "typing", on: true }, "bad_frame", "chatId"],
  ["a chatId in lower case", { ...post, chatId: chatId.toLowerCase() }, "bad_frame", "chatId"],
  ["a chatId too short", { ...post, chatId: chatId.slice(1) }, "bad_frame", "chatId"],
  ["a chatId with a line end", { ...post, chatId: `${chatId}\n` }, "bad_frame", "chatId"],
  [
    "a chatId with a letter that no ULID has",
    { ...post, chatId: `U${chatId.slice(1)}` },
    "bad_frame",
    "chatId",
  ],
  ["a messageId that is null", { ...post, messageId: null }, "bad_frame", "messageId"],
  [
    "16 KiB and one of ASCII",
    { ...post, text: "a".repeat(limits.textBytesMax + 1) },
    "bad_frame",
    "text",
  ],
  [
    "16 KiB and one in three-byte characters",
    { ...post, text: "\u8a9e".repeat(5_462) },
    "bad_frame",
    "text",
  ],
  ["16 KiB and one in pairs", { ...post, text: "\ud83d\ude00".repeat(4_097) }, "bad_frame", "text"],
  ["an order below one", { type: "mark_read", commandId, chatId, order: 0 }, "bad_frame", "order"],
  [
    "an order with a fraction",
    { type: "mark_read", commandId, chatId, order: 1.5 },
    "bad_frame",
    "order",
  ],
  [
    "an order beyond integers",
    '{"type":"mark_read","commandId":"' + commandId +
    `","chatId":"${chatId}","order":1e400}`,
    "bad_frame",
    "order",
  ],
  [
    "a name too long",
    { type: "request_chat", commandId, name: "x".repeat(129) },
    "bad_frame",
    "name",
  ],
  [
    "an address too long",
    { type: "request_chat", commandId, email: "x".repeat(255) },
    "bad_frame",
    "email",
  ],
  [
    "a page's address too long",
    { type: "view_page", url: "x".repeat(2_049), title: "" },
    "bad_frame",
    "url",
  ],
  [
    "too many chats",
    { ...hello, chats: many(limits.chatsPerHelloMax + 1, {}) },
    "bad_frame",
    "chats",
  ],
  [
    "too many streams",
    { ...hello, chats: { [chatId]: streams(limits.vectorStreamsMax + 1) } },
    "bad_frame",
    `chats.${chatId}`,
  ],
  ["a chat of wrong form", { ...hello, chats: { chat: {} } }, "bad_frame", "chats.chat"],
  [
    "a stream of wrong form",
    { ...hello, chats: { [chatId]: { public: 1 } } },
    "bad_frame",
    `chats.${chatId}.public`,
  ],
  [
    "a negative cursor",
    { ...hello, chats: { [chatId]: { [`${tenure}/public`]: -1 } } },
    "bad_frame",
    `chats.${chatId}.${tenure}/public`,
  ],
  ["no entries", { type: "upload_entries", chatId, entries: [] }, "bad_frame", "entries"],
  [
    "too many entries",
    { type: "upload_entries", chatId, entries: Array(51).fill(entry) },
    "bad_frame",
    "entries",
  ],
  [
    "an entry without a signature",
    { type: "upload_entries", chatId, entries: [{ ...entry, sig: undefined }] },
    "bad_frame",
    "entries.0.sig",
  ],
  [
    "an entry with a field too many",
    { type: "upload_entries", chatId, entries: [{ ...entry, colour: "red" }] },
    "bad_frame",
    "entries.0.colour",
  ],
  [
    "an author of another kind",
    { type: "upload_entries", chatId, entries: [{ ...entry, author: { type: "robot", id: "x" } }] },
    "bad_frame",
    "entries.0.author.type",
  ],
  [
    "a bot of another name",
    { type: "upload_entries", chatId, entries: [{ ...entry, author: { type: "bot", id: "x" } }] },
    "bad_frame",
    "entries.0.author.id",
  ],
  [
    "a __proto__ field",
    `{"type":"typing","chatId":"${chatId}","on":true,"__proto__":{"x":1}}`,
    "bad_frame",
    "__proto__",
  ],
  [
    "a __proto__ chat",
    '{"type":"heartbeat","chats":{"__proto__":{"x":1}}}',
    "bad_frame",
    "chats.__proto__",
  ],
  ["a constructor field", { ...post, constructor: { prototype: {} } }, "bad_frame", "constructor"],
];

for (const [what, sent, code, field] of bad) {
  Deno.test(`[BI1] ${what} is refused ${code}${field === undefined ? "" : ` at "${field}"`}`, () => {
    const plain = typeof sent === "string" || sent instanceof Uint8Array || sent instanceof Blob;
    const intake = readFrame("visitor", plain ? sent : JSON.stringify(sent));
    assert.ok(intake.type === "refused");
    assert.equal(intake.refusal.code, code);
    assert.equal(intake.refusal.field, field);
    if (code === "bad_frame") assert.ok((intake.refusal.message ?? "").length > 10);
  });
}

const good: readonly [string, "visitor" | "agent", Record<string, unknown>][] = [
  ["exactly 16 KiB of ASCII", "visitor", { ...post, text: "a".repeat(limits.textBytesMax) }],
  ["almost 16 KiB of three-byte characters", "visitor", { ...post, text: "\u8a9e".repeat(5_461) }],
  ["exactly 16 KiB of pairs", "visitor", { ...post, text: "\ud83d\ude00".repeat(4_096) }],
  ["a hundred chats", "visitor", { ...hello, chats: many(limits.chatsPerHelloMax, {}) }],
  ["fifty entries", "agent", { type: "upload_entries", chatId, entries: Array(50).fill(entry) }],
  ["text that looks like markup", "visitor", { ...post, text: "<script>alert(1)</script>" }],
];
for (const [what, side, frame] of good) {
  Deno.test(`[BI1] ${what} passes unchanged`, () => {
    assert.deepEqual(readFrame(side, JSON.stringify(frame)), { type: "frame", frame });
  });
}

Deno.test("[BI1] a refusal names the message or command it is about", () => {
  const re = (frame: unknown) => {
    const intake = readFrame("visitor", JSON.stringify(frame));
    return intake.type === "refused" ? intake.re : undefined;
  };
  assert.deepEqual(
    [
      re({ ...post, text: "" }),
      re({ type: "end_chat", commandId, chatId: "?" }),
      re({ type: "typing" }),
      re({ type: "x".repeat(1_000) }),
      re(null),
    ],
    [messageId, commandId, "typing", "x".repeat(64), ""],
  );
});

const sizes: readonly [string, string, "too_big" | "refused"][] = [
  ["64 KiB of ASCII", "a".repeat(limits.frameBytesMax), "refused"],
  ["64 KiB and one of ASCII", "a".repeat(limits.frameBytesMax + 1), "too_big"],
  ["64 KiB in three-byte characters", "\u8a9e".repeat(21_845), "refused"],
  ["more than 64 KiB in three-byte characters", "\u8a9e".repeat(21_846), "too_big"],
];
for (const [what, text, type] of sizes) {
  Deno.test(`[BI2] ${what} is ${type}`, () => {
    assert.equal(readFrame("visitor", text).type, type);
  });
}

/** A field of a message, right or wrong in ways that a hand-written check may overlook. */
const wrong = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    "",
    messageId.toLowerCase(),
    `${messageId}\n`,
    ` ${messageId}`,
    messageId.slice(1),
    `${messageId}0`,
    `${messageId.slice(1)}U`,
    `${messageId.slice(1)}\u0130`,
    "post_note",
    [messageId],
  ),
);
const lengths = [1, 5_460, 5_461, 5_462, 5_463, 10_923, 16_384, 16_385];
const texts = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.tuple(fc.constantFrom("x", "\u0001", "\ud800", "€", '"'), fc.constantFrom(...lengths))
    .map(([unit, length]) => unit.repeat(length)),
);
const nearMessage = fc.record({
  type: fc.oneof({ weight: 9, arbitrary: fc.constant("post_message") }, wrong),
  chatId: fc.oneof({ weight: 9, arbitrary: fc.constant(chatId) }, wrong),
  messageId: fc.oneof({ weight: 9, arbitrary: fc.constant(messageId) }, wrong),
  text: fc.oneof({ weight: 9, arbitrary: texts }, wrong),
}, { requiredKeys: ["type"] });
const extras = fc.dictionary(
  fc.constantFrom("__proto__", "constructor", "toString", "typ", "text ", "0"),
  fc.jsonValue(),
  { maxKeys: 1, noNullPrototype: true },
);

Deno.test("[BI1] a message read without the schema is what the schema makes of it", () => {
  let plain = 0;
  let refusedToo = 0;
  fc.assert(
    fc.property(nearMessage, extras, fc.boolean(), (fields, extra, withExtra) => {
      const parts = [...Object.entries(fields), ...withExtra ? Object.entries(extra) : []]
        .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
      const read = () => JSON.parse(`{${parts.join(",")}}`);
      const frame = plainMessage(read());
      const json = read();
      const isHidden = Object.hasOwn(json, "__proto__");
      for (const schema of [visitorFrameSchema, agentFrameSchema]) {
        const parsed = schema.safeParse(json);
        if (frame === undefined) continue;
        assert.ok(parsed.success && !isHidden);
        assert.deepEqual(frame, parsed.data);
      }
      if (frame !== undefined) plain += 1;
      else if (!visitorFrameSchema.safeParse(json).success) refusedToo += 1;
      // Nothing short that the schema takes is left to it: the quick way is in use.
      const isShort = typeof fields.text === "string" && fields.text.length <= 5_461;
      if (isShort && !isHidden && json.type === "post_message") {
        assert.equal(frame !== undefined, visitorFrameSchema.safeParse(json).success);
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(plain > 500 && refusedToo > 500, `${plain} taken, ${refusedToo} refused`);
});

Deno.test("[BI1] what is no message at all is left to the schema", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => assert.equal(plainMessage(json), undefined)),
  );
});
