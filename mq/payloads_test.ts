import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { type Job, jobsOfFact } from "../core/job.ts";
import { limits } from "../core/limits.ts";
import { sender, visitorStanding } from "../tests/harness/chat_standing.ts";
import { jobActs, jobsOf, perform } from "../tests/harness/job_acts.ts";
import { type EventName, faultOf, payloadSchemas, publishedPayload } from "./payloads.ts";

const at = Date.UTC(2026, 10, 25, 12, 0, 0, 7);

/** One job of each queue, as the engine makes them. */
function jobOf(queue: string): Job {
  const row = jobActs.find((one) => one.queue === queue);
  assert.ok(row !== undefined, queue);
  const [job] = perform(row).jobs;
  assert.ok(job !== undefined);
  return job;
}

function payloadOf(job: Job) {
  const published = publishedPayload(job, at);
  assert.equal(published.type, "payload", JSON.stringify(published));
  return published.type === "payload" ? published.payload : {};
}

for (const row of jobActs) {
  const { queue, side, standing, act } = row;
  Deno.test(`[OB1] ${side} "${standing}" ${act}: all its jobs pass their schemas`, () => {
    const { chat, jobs } = perform(row);
    assert.ok(jobs.some((job) => job.queue === queue));
    for (const job of jobsOf(chat)) payloadOf(job);
  });
}

Deno.test("[OB1] a chat's end has the seed's fields, times in ISO 8601 and the visit as session", () => {
  const job = jobOf("chat.end");
  const payload = payloadOf(job);
  const iso = (field: string) => new Date(Number(job.payload[field])).toISOString();
  assert.equal(payload["requestTime"], iso("requestTime"));
  assert.equal(payload["startTime"], iso("startTime"));
  assert.equal(payload["endTime"], iso("endTime"));
  assert.equal(payload["publishTime"], "2026-11-25T12:00:00.007Z");
  assert.equal(payload["sessionId"], "visit-1");
  assert.equal(payload["ticket"], null);
  assert.equal(payload["id"], job.uniqueId);
});

Deno.test("[OB1] a message's time is ISO 8601, its order stays the number that sorts it", () => {
  const job = jobOf("chat.message");
  const payload = payloadOf(job);
  assert.equal(payload["at"], new Date(Number(job.payload["at"])).toISOString());
  assert.equal(payload["order"], job.payload["order"]);
});

Deno.test("[OB1] the visits of a period pass their schema", () => {
  const chat = visitorStanding("none");
  const { bench } = chat;
  bench.handle({
    type: "visitor_arrived",
    visitorId: bench.ids.visitor(),
    visitId: "visit-7",
    query: 1,
  });
  bench.advance(2 * limits.visitCountMs);
  const [job] = bench.jobsOf("visit.log");
  assert.ok(job !== undefined);
  assert.equal(payloadOf(job)["visits"], 1);
});

Deno.test("[OB1] an entry that an upload brought is the same message as when it was posted", () => {
  const chat = visitorStanding("active own");
  sender("post_message", chat)();
  const fact = chat.bench.facts.findLast(({ type }) => type === "message_accepted");
  assert.ok(fact?.type === "message_accepted");
  const { entry } = fact;
  const merged = { type: "entries_merged", chatId: entry.chatId, entries: [entry] } as const;
  const [posted] = jobsOfFact(siteIdSchema.parse("acme"), fact);
  assert.ok(posted !== undefined);
  assert.deepEqual(jobsOfFact(siteIdSchema.parse("acme"), merged), [posted]);
  payloadOf(posted);
});

// What is changed in a good payload, the path of the fault, and what it says.
const faults: readonly [EventName, Record<string, unknown>, string, RegExp][] = [
  ["chat.end", { siteId: "Not A Site" }, "siteId", /1 to 64/],
  ["chat.end", { endTime: null }, "endTime", /expected string/],
  ["chat.end", { endTime: 8.64e15 + 1 }, "endTime", /expected string/],
  ["chat.end", { note: "hello" }, "note", /Unrecognized key/],
  ["chat.end", { prechat: null }, "prechat", /expected object/],
  ["chat.end", { agentIds: ["ana", "B!"] }, "agentIds.1", /1 to 64/],
  ["chat.end", { reason: "bored" }, "reason", /visitor_ended/],
  ["chat.end", { vector: { "x/public": 1 } }, "vector.x/public", /tenure/],
  ["chat.end", { ticket: { id: "t-1", ifNew: true } }, "ticket.title", /expected string/],
  ["chat.message", { n: 0 }, "n", />=1/],
  ["chat.message", { author: { type: "agent" } }, "author.id", /expected string/],
  ["offlineMessage.submit", { content: 7 }, "content", /expected string/],
  ["visitor.rating", { score: 6 }, "score", /<=5/],
  ["agent.ban", { target: { type: "address", address: "here" } }, "target.address", /IPv4/],
  ["agent.ban", { until: "tomorrow" }, "until", /ISO datetime/],
  ["chatQueue.log", { outcome: "lost" }, "outcome", /accepted/],
  ["agentStatus.log", { status: "busy" }, "status", /online/],
  ["invitation.log", { sessionId: "" }, "sessionId", />=1/],
];

for (const [queue, change, path, why] of faults) {
  Deno.test(`[OB1] ${queue} with ${JSON.stringify(change)} is refused at ${path}`, () => {
    const job = jobOf(queue);
    const published = publishedPayload({ ...job, payload: { ...job.payload, ...change } }, at);
    assert.equal(published.type, "fault");
    if (published.type !== "fault") return;
    assert.equal(published.fault.path, path);
    assert.match(published.fault.message, why);
  });
}

Deno.test("[OB1] what is no object at all is refused as a whole", () => {
  assert.equal(faultOf(payloadSchemas["chat.end"], "hello")?.path, "payload");
  assert.equal(faultOf(payloadSchemas["chat.end"], null)?.path, "payload");
});

Deno.test("[OB1] every queue of the engine and agent.save have a schema that refuses what is empty", () => {
  const acted = new Set([...jobActs.map(({ queue }) => queue), "visit.log", "agent.save"]);
  assert.deepEqual(Object.keys(payloadSchemas).toSorted(), [...acted].toSorted());
  for (const schema of Object.values(payloadSchemas)) {
    assert.ok(faultOf(schema, {}) !== undefined);
  }
});
