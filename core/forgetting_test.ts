import assert from "node:assert/strict";
import { durableStateOf } from "../tests/harness/durable_state.ts";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, type SitePage } from "../tests/harness/site_page.ts";
import { type ChatId, type CommandId, commandIdSchema, timeOfUlid } from "./ids.ts";
import { jobsOfFact } from "./job.ts";
import { limits } from "./limits.ts";

const hour = 3600_000;
const day = 24 * hour;
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID made at this time. */
function idAt(at: number, no = 0): CommandId {
  let [time, text] = [at, ""];
  for (let place = 0; place < 10; place++) {
    text = digits.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  return commandIdSchema.parse(text + String(no).padStart(16, "0"));
}

/** A chat in which something was said, and that has ended. */
function chatted(visitor: SitePage, commandId: CommandId): ChatId {
  const chatId = visitor.requestChat({ commandId });
  assert.equal(ofType(visitor.post(chatId, "hello"), "ack").length, 1);
  visitor.endChat(chatId);
  return chatId;
}

/** Why a request of this id is refused, by a visitor that has just come back. */
function refusalOf(visitor: SitePage, commandId: CommandId): string | undefined {
  if (visitor.connection === undefined) visitor.connect();
  const answers = visitor.send({ type: "request_chat", commandId });
  const [refused] = ofType(answers, "refused");
  assert.equal(refused?.retryable ?? false, false);
  return refused === undefined ? undefined : `${refused.code} ${refused.field}`;
}

/** Every message of the bench under its id in the queue. */
function messagesOf(bench: SiteBench): string[] {
  const { siteId } = bench.site.state.config;
  const jobs = [...bench.facts.flatMap((fact) => jobsOfFact(siteId, fact)), ...bench.jobs];
  return jobs.map(({ queue, uniqueId }) => `${queue} ${uniqueId}`);
}

function assertNoRepeats(bench: SiteBench): void {
  const messages = messagesOf(bench);
  assert.equal(new Set(messages).size, messages.length, "no message is taken for a repeat");
}

Deno.test("[CH7] a request repeated after its chat was forgotten is refused and makes nothing", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const commandId = idAt(bench.at);
  const chatId = chatted(visitor, commandId);
  bench.advance(limits.endedChatKeptMs);
  assert.equal(bench.site.state.chats.has(chatId), false);
  bench.facts.length = 0;
  const [refused] = ofType(visitor.send({ type: "request_chat", commandId }), "refused");
  assert.match(refused?.message ?? "", /over.*made now/);
  assert.equal(refusalOf(visitor, commandId), "id_reused commandId");
  assert.deepEqual(bench.facts, []);
  assert.equal(refusalOf(bench.visitor(), commandId), "id_reused commandId", "nor is another's");
  assert.equal(refusalOf(visitor, idAt(bench.at)), undefined, "a new id makes a chat");
});

Deno.test("[CH7] the same after any time in one tenure, and over a restart", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const commandId = idAt(bench.at);
  chatted(visitor, commandId);
  for (const days of [1, 1, 6, 1, 1, 30]) {
    bench.advance(days * day + 1);
    assert.equal(refusalOf(visitor, commandId), "id_reused commandId", `${days} more days`);
    const before = durableStateOf(bench.site.state);
    const tenure = bench.restart();
    assert.deepEqual({ ...Object(before), tenure }, durableStateOf(bench.site.state));
    assert.equal(refusalOf(visitor, commandId), "id_reused commandId", `${days} more, restarted`);
    chatted(visitor, idAt(bench.at));
  }
  assertNoRepeats(bench);
});

Deno.test("[CH7] what is kept of forgotten chats goes in the end, and older ids stay refused", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const { spentIds } = bench.site.state;
  const [first, second] = [idAt(bench.at), idAt(bench.at + hour)];
  chatted(visitor, first);
  bench.advance(hour);
  chatted(visitor, second);
  bench.advance(limits.endedChatKeptMs + limits.spentIdsKeptMs);
  assert.deepEqual([...spentIds.all()].length, 2, "queues still know them");
  bench.advance(limits.spentBatchMs);
  assert.deepEqual([spentIds.size, spentIds.outdatedUntil], [0, timeOfUlid(second)]);
  assert.equal(bench.site.state.deadlines.next, undefined, "and nothing is waited for");
  for (const id of [first, second, idAt(timeOfUlid(second) - day, 7), idAt(0)]) {
    assert.equal(refusalOf(visitor, id), "id_reused commandId");
  }
  assert.equal(refusalOf(visitor, idAt(timeOfUlid(second) + 1)), undefined);
});

Deno.test("[CH7] of many forgotten chats so many ids are kept as may be, and all are refused", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const { state } = bench.site;
  const count = limits.spentIdsMax + 2 * limits.spentIdsPerBatch;
  const ids = Array.from({ length: count }, (_, no) => idAt(bench.at + no));
  for (const id of ids) {
    bench.at += 1;
    visitor.requestChat({ commandId: id });
    visitor.endChat(id as string as ChatId); // a chat is named by its request
    visitor.take();
  }
  bench.advance(limits.endedChatKeptMs);
  assert.equal(state.chats.size, 0);
  assert.ok(state.spentIds.size <= limits.spentIdsMax);
  assert.ok(state.spentIds.size >= limits.spentIdsMax - limits.spentIdsPerBatch);
  visitor.connect();
  for (const id of ids) assert.equal(refusalOf(visitor, id), "id_reused commandId");
  assert.equal(refusalOf(visitor, idAt(bench.at)), undefined);
});

Deno.test("[CH7 ER1] the id of an erased chat is not taken again", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const { session } = visitor;
  assert.ok(session.type === "visitor");
  const commandId = idAt(bench.at);
  const chatId = chatted(visitor, commandId);
  bench.handle({ type: "visitor_erased", visitorId: session.visitorId, query: 1 });
  assert.deepEqual(bench.erasures, [{ type: "erased", chatIds: [chatId] }]);
  assert.equal(refusalOf(visitor, commandId), "id_reused commandId");
});

Deno.test("[CH7] an id of a time to come is refused: it could not be told from new ones later", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ahead = idAt(bench.at + limits.idAheadMsMax + 1);
  const { message } = onlyOf(visitor.send({ type: "request_chat", commandId: ahead }), "refused");
  assert.match(message, /10 minutes ahead/);
  assert.equal(refusalOf(visitor, idAt(bench.at + limits.idAheadMsMax)), undefined);
});

Deno.test("[CH7] while its chat is known a repeat is answered as before, however old its id", () => {
  const bench = new SiteBench({ mode: "manual" });
  const [visitor, other] = [bench.visitor(), bench.visitor()];
  const commandId = idAt(bench.at - 30 * day);
  const chatId = visitor.requestChat({ commandId });
  chatted(other, idAt(bench.at));
  bench.advance(40 * day);
  assert.ok(bench.site.state.spentIds.outdatedUntil > timeOfUlid(commandId));
  const answers = visitor.send({ type: "request_chat", commandId });
  assert.deepEqual(onlyOf(answers, "done"), { type: "done", commandId, chatId });
});
