import assert from "node:assert/strict";
import { agentStanding, sender, visitorStanding } from "../tests/harness/chat_standing.ts";
import { jobActs, jobsOf, perform } from "../tests/harness/job_acts.ts";
import type { Job, QueueName } from "./job.ts";
import { limits } from "./limits.ts";

/** Every queue that the engine publishes, and the fields of its payload. */
const fields: Record<QueueName, string> = {
  "chat.end": `id siteId visitorId sessionId ticket prechat wrapup rating campaignId variables
    agentIds ifEnterQueue requestTime startTime endTime reason vector count`,
  "chat.message": "siteId chatId tenure stream n order at author id kind text",
  "chat.transcript": "siteId chatId email vector",
  "offlineMessage.submit": `id siteId visitorId sessionId campaignId departmentId name email subject
    content fields time`,
  "agent.wrapup": "siteId chatId agentId category comment time",
  "agent.savePreference": "siteId agentId preferences time",
  "agent.ban": "siteId banId target until agentId lifted comment time",
  "visitor.rating": "siteId chatId visitorId agentIds score comment time",
  "visitor.save": "siteId visitorId agentId name time",
  "cannedMessage.useLog": "siteId chatId agentId cannedId time",
  "privateMessage.log": "siteId chatId tenure stream n order at author id kind text",
  "chatQueue.log": "siteId chatId visitorId departmentId enterTime leaveTime outcome agentId",
  "agentStatus.log": "siteId agentId status reason time",
  "invitation.log": "siteId visitorId sessionId invitationId agentId outcome time",
  "visit.log": "siteId time periodMs visits",
  "conversion.log": "siteId goal value visitorId sessionId chatId agentId time",
};

Deno.test("[JB1] the table names every queue that the engine publishes", () => {
  const named = new Set([...jobActs.map(({ queue }) => queue), "visit.log"]);
  assert.deepEqual([...named].toSorted(), Object.keys(fields).toSorted());
});

for (const row of jobActs) {
  const { queue, side, standing, act } = row;
  Deno.test(`[JB1] ${side} "${standing}" ${act}: a ${queue} job of ${row.uniqueId}`, () => {
    const { chat, jobs, uniqueId, repeat } = perform(row);
    const [job, ...others] = jobs;
    assert.deepEqual(others, [], "one job");
    assert.ok(job !== undefined, "a job");
    assert.equal(job.uniqueId, uniqueId);
    assertPayload(job);
    const published = jobsOf(chat).length;
    repeat();
    assert.equal(jobsOf(chat).length, published, "the same once more publishes nothing");
  });
}

/** Exactly the queue's fields, each of which JSON can carry. */
function assertPayload(job: Job): void {
  const { payload } = job;
  assert.deepEqual(Object.keys(payload).toSorted(), fields[job.queue].split(/\s+/).toSorted());
  assert.deepEqual(JSON.parse(JSON.stringify(payload)), payload);
  assert.equal(payload["siteId"], "acme");
}

Deno.test("[JB1] the page loads of five minutes: a visit.log job of tenure and period", () => {
  const chat = visitorStanding("none");
  const { bench } = chat;
  const load = (visitorId = bench.ids.visitor()) => {
    bench.handle({ type: "visitor_arrived", visitorId, visitId: `visit-${visitorId}`, query: 1 });
    return visitorId;
  };
  const first = load();
  load();
  load(first);
  const period = Math.floor(bench.at / limits.visitCountMs);
  bench.advance(2 * limits.visitCountMs);
  const [job, ...others] = bench.jobsOf("visit.log");
  assert.deepEqual(others, []);
  assert.ok(job !== undefined);
  assert.equal(job.uniqueId, `${bench.site.state.tenure}/${period}`);
  assertPayload(job);
  assert.equal(job.payload["visits"], 2);
});

Deno.test("[JB1] an invitation's answers are rows of their own, each once", () => {
  const chat = agentStanding("none");
  const { bench, visitor } = chat;
  sender("invite_visitor", chat)();
  const [invitation] = visitor.takeOf("invitation");
  assert.ok(invitation !== undefined);
  const { invitationId } = invitation;
  for (const answer of ["shown", "shown", "refused", "refused"] as const) {
    visitor.send({
      type: "answer_invitation",
      commandId: bench.ids.command(),
      invitationId,
      answer,
    });
  }
  assert.deepEqual(bench.jobsOf("invitation.log").map(({ uniqueId }) => uniqueId), [
    `visit-1/${invitationId}/${bench.at}/sent`,
    `visit-1/${invitationId}/${bench.at}/shown`,
    `visit-1/${invitationId}/${bench.at}/refused`,
  ]);
});
