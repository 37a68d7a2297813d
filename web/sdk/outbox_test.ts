import { deepEqual, equal, ok } from "node:assert/strict";
import type { RefusalCode } from "../../core/refusal.ts";
import { fakeChatId } from "./fake_entry.ts";
import { countingIds } from "./fake_network.ts";
import type { FrameOf } from "./frame.ts";
import { chatIdOf } from "./ids.ts";
import { limits } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { adoptable, type OutboxFrame } from "./outbox_record.ts";
import { textProblem } from "./text.ts";

const chance = { now: 1_000, random: 0.5 };
const ids = countingIds();

function message(text = "hello", chatId = fakeChatId): OutboxFrame {
  return { type: "post_message", chatId, messageId: ids.messageId(), text };
}

function refusal(
  re: string,
  { code = "unavailable", retryable = true }: { code?: RefusalCode; retryable?: boolean } = {},
): FrameOf<"refused"> {
  return { type: "refused", re, code, retryable, message: "No" };
}

Deno.test("a lane sends one at a time; other lanes do not wait for it", () => {
  const outbox = new Outbox();
  const first = outbox.add(message(), 0);
  const second = outbox.add(message(), 0);
  const other = outbox.add(message("hi", chatIdOf(ids.commandId())), 0);
  deepEqual(outbox.takeSendable(0), [first, other]);
  deepEqual(outbox.takeSendable(0), []);
  outbox.remove(first.id);
  deepEqual(outbox.takeSendable(0), [second]);
});

Deno.test("after a lost connection everything is sent again in its original order", () => {
  const outbox = new Outbox();
  const chatId = chatIdOf(ids.commandId());
  const first = outbox.add(message("b", chatId), 0);
  const second = outbox.add(message("a"), 0);
  outbox.takeSendable(0);
  outbox.disconnected();
  deepEqual(outbox.takeSendable(0), [first, second]);
});

Deno.test("a retryable refusal waits, longer each time, never less than the server asked", () => {
  const outbox = new Outbox();
  const item = outbox.add(message(), 0);
  outbox.takeSendable(0);
  outbox.refuse(item, refusal(item.id), chance);
  equal(outbox.deadline(), 1_375);
  deepEqual(outbox.takeSendable(1_374), []);
  deepEqual(outbox.takeSendable(1_375), [item]);
  outbox.refuse(item, { ...refusal(item.id), retryAfterMs: 9_000 }, chance);
  equal(outbox.deadline(), 10_000);
});

Deno.test("rate_limited holds every lane back", () => {
  const outbox = new Outbox();
  const item = outbox.add(message(), 0);
  outbox.takeSendable(0);
  outbox.refuse(item, refusal(item.id, { code: "rate_limited" }), chance);
  outbox.add(message("other", chatIdOf(ids.commandId())), 0);
  deepEqual(outbox.takeSendable(1_374), []);
  equal(outbox.deadline(), 1_375);
  equal(outbox.takeSendable(1_375).length, 2);
});

Deno.test("a chat refused for good takes with it what was said in it", () => {
  const outbox = new Outbox();
  const commandId = ids.commandId();
  const request = outbox.add({ type: "request_chat", commandId }, 0);
  outbox.add(message("hello", chatIdOf(commandId)), 0);
  outbox.takeSendable(0);
  const refused = refusal(request.id, { code: "already_chatting", retryable: false });
  const result = outbox.refuse(request, refused, chance);
  equal(result.type === "failed" && result.items.length, 2);
  equal(outbox.unacked, 0);
  equal(outbox.failed().length, 2);
});

Deno.test("a status replaces one that waits, not one that is under way", () => {
  const outbox = new Outbox();
  const status = (to: "online" | "away" | "offline") =>
    outbox.add({ type: "set_status", commandId: ids.commandId(), status: to }, 0);
  const online = status("online");
  outbox.takeSendable(0);
  const away = status("away");
  const offline = status("offline");
  equal(outbox.has(away.id), false);
  outbox.remove(online.id);
  deepEqual(outbox.takeSendable(0), [offline]);
});

Deno.test("what a reload brings back goes before what was written since, its chat's request first", () => {
  const outbox = new Outbox();
  const commandId = ids.commandId();
  const chatId = chatIdOf(commandId);
  const request: OutboxFrame = { type: "request_chat", commandId };
  const early = message("early", chatId);
  outbox.add(message("late", chatId), 0);
  outbox.adopt({ frame: early, postedAt: 0 }, 0);
  outbox.adopt({ frame: request, postedAt: 0 }, 0);
  const lane = outbox.waitingIn(chatId).map(({ frame }) =>
    "text" in frame ? frame.text : frame.type
  );
  deepEqual(lane, ["request_chat", "early", "late"]);
});

Deno.test("a frame that got no answer on a living connection is sent again", () => {
  const outbox = new Outbox();
  const item = outbox.add(message(), 0);
  outbox.takeSendable(0);
  outbox.requeueUnanswered(limits.unansweredMsMax);
  deepEqual(outbox.takeSendable(limits.unansweredMsMax), []);
  outbox.requeueUnanswered(limits.unansweredMsMax + 1);
  deepEqual(outbox.takeSendable(limits.unansweredMsMax + 1), [item]);
});

Deno.test("the outbox takes no more than its limit", () => {
  const outbox = new Outbox();
  for (let i = 0; i < limits.outboxMax; i++) outbox.add(message(), 0);
  equal(outbox.refusalOf(message()), "outbox_full");
});

Deno.test("only records of this SDK are taken over; young ones only after a reload", () => {
  const frame = message();
  const id = "messageId" in frame ? frame.messageId : "";
  const record = { id, text: JSON.stringify({ frame, postedAt: 1_000 }) };
  const junk = ["", "null", "[]", "{}", '{"frame":{},"postedAt":1}'].map((text) => ({ id, text }));
  const wrongKey = { ...record, id: "other" };
  const stored = [record, wrongKey, ...junk];
  equal(adoptable(stored, { first: true, now: 1_000 }).length, 1);
  equal(adoptable(stored, { first: false, now: 1_000 }).length, 0);
  equal(adoptable(stored, { first: false, now: 21_000 }).length, 1);
});

Deno.test("a text is judged by its bytes, on the wire too", () => {
  const rows: readonly (readonly [string, ReturnType<typeof textProblem>])[] = [
    ["", "empty"],
    [" \n ", "empty"],
    ["a", undefined],
    ["a".repeat(16_384), undefined],
    ["a".repeat(16_385), "too_long"],
    ["é".repeat(8_192), undefined],
    ["é".repeat(8_193), "too_long"],
    ["😀".repeat(4_096), undefined],
    ["😀".repeat(4_097), "too_long"],
    ["\u0001".repeat(8_000), undefined],
    ["\u0001".repeat(9_000), "too_long"],
    ["\ud800".repeat(9_000), "too_long"],
  ];
  for (const [text, problem] of rows) {
    equal(textProblem(text), problem, `${text.length} × ${JSON.stringify(text.slice(0, 2))}`);
  }
  ok(JSON.stringify("\u0001".repeat(8_000)).length < limits.frameBytesMax);
});
