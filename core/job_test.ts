import assert from "node:assert/strict";
import {
  agentStanding,
  type ChatStanding,
  sender,
  visitorStanding,
} from "../tests/harness/chat_standing.ts";
import type { Received } from "../tests/harness/site_page.ts";
import { type Job, jobsOfFact, type QueueName } from "./job.ts";
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

// The act that fills each queue: who sends what, to whom the chat stands so (chat_standing.ts), and
// the job's id. {id} is the id that the sender chose. visit.log, of page loads, stands below.
const table = `
chat.end              | visitor active own     | end_chat                | {chat}
chat.end              | visitor left own       |                         | {chat}
chat.end              | agent   active own     | end_chat                | {chat}
chat.end              | agent   active own     | ban                     | {chat}
chat.message          | visitor active own     | post_message            | {chat}/{tenure}/public/{n}
chat.message          | agent   active own     | post_note               | {chat}/{tenure}/staff/{n}
chat.transcript       | visitor ended own      | request_transcript      | {chat}/transcript/vik@example.org
offlineMessage.submit | visitor none           | submit_offline_message  | {id}
agent.wrapup          | agent   ended own      | wrap_up_chat            | {chat}/{id}
agent.savePreference  | agent   none           | save_preferences        | {id}
agent.ban             | agent   none           | ban                     | {id}/set
agent.ban             | agent   active managed | lift_ban                | {ban}/lifted
visitor.rating        | visitor active own     | rate_chat               | {chat}/{id}
visitor.save          | agent   active own     | set_visitor             | {id}
cannedMessage.useLog  | agent   active own     | use_canned              | {id}
privateMessage.log    | agent   none           | post_private            | acme/~ana~cat/ana/{id}
chatQueue.log         | agent   waiting        | accept_chat             | {chat}/queue/1
chatQueue.log         | visitor waiting own    | end_chat                | {chat}/queue/1
chatQueue.log         | agent   offered        | refuse_chat             | {chat}/queue/1/refused/ana
agentStatus.log       | agent   none           | set_status              | ana/{id}
agentStatus.log       | agent   active own     | log_out                 | ana/{id}
invitation.log        | agent   none           | invite_visitor          | visit-1/{id}/{at}/sent
conversion.log        | visitor active own     | capture_conversion      | {id}
conversion.log        | agent   active own     | capture_chat_conversion | {id}
`;

const rows = table.trim().split("\n").map((line) => {
  const [queue = "", who = "", act = "", uniqueId = ""] = line.split("|").map((cell) =>
    cell.trim()
  );
  const [side = "", ...standing] = who.split(/ +/);
  return { queue, side, standing: standing.join(" "), act, uniqueId };
});

Deno.test("[JB1] the table names every queue that the engine publishes", () => {
  const named = new Set([...rows.map(({ queue }) => queue), "visit.log"]);
  assert.deepEqual([...named].toSorted(), Object.keys(fields).toSorted());
});

for (const { queue, side, standing, act, uniqueId } of rows) {
  Deno.test(`[JB1] ${side} "${standing}" ${act}: a ${queue} job of ${uniqueId}`, () => {
    const chat = side === "visitor" ? visitorStanding(standing) : agentStanding(standing);
    chat.page.take();
    // What led to the standing was the act itself where none is named.
    const before = new Set(act === "" ? [] : jobsOf(chat).map((one) => one.queue + one.uniqueId));
    const send = act === "" ? () => [] : sender(act, chat);
    const named = namesIn(chat, send());
    const [job, ...others] = jobsOf(chat).filter((one) =>
      one.queue === queue && !before.has(one.queue + one.uniqueId)
    );
    assert.deepEqual(others, [], "one job");
    assert.ok(job !== undefined, "a job");
    assert.equal(job.uniqueId, uniqueId.replace(/\{(\w+)\}/g, (_, name) => named[name] ?? "?"));
    assertPayload(job);
    const published = jobsOf(chat).length;
    if (chat.page.closedWith !== undefined) chat.page.connect();
    send();
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

/** Everything published until now, messages included. */
function jobsOf({ bench }: ChatStanding): Job[] {
  const { siteId } = bench.site.state.config;
  return [...bench.facts.flatMap((fact) => jobsOfFact(siteId, fact)), ...bench.jobs];
}

function namesIn(chat: ChatStanding, frames: readonly Received[]): Record<string, string> {
  const { bench, chatId, banId } = chat;
  const names = {
    chat: chatId,
    ban: banId,
    tenure: bench.site.state.tenure ?? "",
    at: String(bench.at),
  };
  for (const frame of frames) {
    if (frame.type === "done") return { ...names, id: frame.commandId };
    if (frame.type === "ack" && "entry" in frame) {
      return { ...names, id: frame.entry.id, n: String(frame.entry.n) };
    }
  }
  return names;
}

Deno.test("[JB1] the page loads of five minutes: a visit.log job of site, tenure and period", () => {
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
  assert.equal(job.uniqueId, `acme/${bench.site.state.tenure}/${period}`);
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
