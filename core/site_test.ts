import assert from "node:assert/strict";
import { agentActiveTable } from "../tests/harness/agent_active_table.ts";
import { agentEndedTable } from "../tests/harness/agent_ended_table.ts";
import { agentWaitingTable } from "../tests/harness/agent_waiting_table.ts";
import {
  agentStanding,
  type ChatStanding,
  sender,
  visitorStanding,
} from "../tests/harness/chat_standing.ts";
import type { Received } from "../tests/harness/site_page.ts";
import { visitorTable } from "../tests/harness/visitor_table.ts";
import { agentFrameSchema, visitorFrameSchema } from "./protocol.ts";

// Every frame in every state of a chat, as its sender stands to it, and its answer: done, ack, a
// page of entries, a refusal, what was asked for (visitor, visitors, agents), "beat", a heartbeat
// that names the chat's vector, or "silent", no answer to the sender: typing was passed on, a page
// view was noted. A sign_in and an upload_entries reach the engine as events of their own, checked
// by the shell: a good token, and no entries. A hello is none of the table's: the edge takes it.
const sides = {
  visitor: {
    frames: typesOf(visitorFrameSchema),
    standings: [
      "none",
      ...["bot own", "bot other", "waiting own", "waiting other", "active own", "active other"],
      ...["ended own", "ended other", "left own"],
    ],
    rows: rowsOf(visitorTable),
    standing: visitorStanding,
  },
  agent: {
    frames: typesOf(agentFrameSchema),
    standings: [
      ...["none", "bot", "waiting", "offered", "offered other"],
      ...["own", "joined", "monitoring", "former", "managed", "other"].flatMap((who) => [
        `active ${who}`,
        `ended ${who}`,
      ]),
    ],
    rows: rowsOf(agentWaitingTable + agentActiveTable + agentEndedTable),
    standing: agentStanding,
  },
} as const;

function typesOf(schema: typeof visitorFrameSchema | typeof agentFrameSchema): string[] {
  const types = schema.options.map((option) => option.shape.type.value);
  return types.filter((type) => type !== "hello");
}

function rowsOf(table: string) {
  return table.split("\n").filter((line) => line !== "").map((line) => {
    const [standing = "", type = "", answer = ""] = line.split("|").map((cell) => cell.trim());
    return { standing, type, answer };
  });
}

for (const [side, { frames, standings, rows, standing: stand }] of Object.entries(sides)) {
  Deno.test(`[BI5] the table names every frame of a ${side} in every state, once`, () => {
    const complete = standings.flatMap((one) => frames.map((type) => `${one}: ${type}`));
    const named = rows.map(({ standing, type }) => `${standing}: ${type}`);
    assert.deepEqual(named.toSorted(), complete.toSorted());
  });

  for (const { standing, type, answer } of rows) {
    Deno.test(`[BI5] a ${side} to whom a chat is "${standing}" sends ${type}: ${answer}`, () => {
      const chat = stand(standing);
      chat.page.take();
      const send = sender(type, chat);
      const before = decidedIn(chat);
      const frames = send();
      assert.equal(answerIn(frames, chat), answer);
      if (answer.startsWith("refused")) assert.deepEqual(decidedIn(chat), before, "as it was");
      if (answer === "done" || answer === "ack") assertRepeatable(chat, send, answersIn(frames));
    });
  }
}

/** The same command or message once more gets the same answer and changes nothing. [CH6, MS2] */
function assertRepeatable(
  chat: ChatStanding,
  send: () => Received[],
  first: readonly Received[],
): void {
  // Who logged out comes back.
  if (chat.page.closedWith !== undefined) chat.page.connect();
  const decided = decidedIn(chat);
  assert.deepEqual(answersIn(send()), first, "the first answer again");
  assert.deepEqual(decidedIn(chat), decided, "nothing more");
}

function decidedIn({ bench }: ChatStanding) {
  return { facts: bench.facts.length, jobs: bench.jobs.length };
}

const answerTypes = [
  ...["ack", "done", "refused", "entries", "heartbeat", "uploaded"],
  ...["visitor", "visitors", "agents"],
];

function answersIn(frames: readonly Received[]): Received[] {
  return frames.filter((frame) => answerTypes.includes(frame.type));
}

/** What a sender was answered, in the table's words. */
function answerIn(frames: readonly Received[], { chatId }: ChatStanding): string {
  const [answer, ...others] = answersIn(frames);
  assert.deepEqual(others, [], "one answer to one frame");
  if (answer === undefined) return "silent";
  switch (answer.type) {
    case "refused":
      return `refused ${answer.code}`;
    case "entries":
      return "page";
    case "heartbeat":
      return chatId in answer.chats ? "beat" : "beat without it";
    default:
      return answer.type;
  }
}

Deno.test("[BI5] the other side's frames, kept away by the edge, are refused by the engine too", () => {
  const { visitor, agent } = sides;
  const wrong = [
    ...agent.frames.filter((type) => !visitor.frames.includes(type)).map((type) =>
      [visitorStanding("active own"), type] as const
    ),
    ...visitor.frames.filter((type) => !agent.frames.includes(type)).map((type) =>
      [agentStanding("active own"), type] as const
    ),
  ];
  assert.equal(wrong.length, 22 + 8);
  for (const [chat, type] of wrong) {
    chat.page.take();
    const send = sender(type, chat);
    const before = decidedIn(chat);
    assert.equal(answerIn(send(), chat), "refused bad_frame", type);
    assert.deepEqual(decidedIn(chat), before, type);
  }
});
