import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, type Received, type SitePage } from "../tests/harness/site_page.ts";
import type { EngineFrame } from "./event.ts";
import { type ChatId, chatIdSchema } from "./ids.ts";
import { type AgentFrame, agentFrameSchema } from "./protocol.ts";
import { type VisitorFrame, visitorFrameSchema } from "./protocol.ts";

// Every frame in every state of a chat, as its sender stands to it. "silent" is no answer to the
// sender:
// typing was passed on, a page view was noted. "beat" is a heartbeat that names the chat's vector.
const table = `
visitor | none          | heartbeat      | beat without it
visitor | none          | post_message   | refused unknown_chat
visitor | none          | typing         | refused unknown_chat
visitor | none          | mark_read      | refused unknown_chat
visitor | none          | end_chat       | refused unknown_chat
visitor | none          | get_entries    | refused unknown_chat
visitor | none          | upload_entries | refused unknown_chat
visitor | none          | request_chat   | done
visitor | none          | view_page      | silent
visitor | waiting own   | heartbeat      | beat
visitor | waiting own   | post_message   | ack
visitor | waiting own   | typing         | silent
visitor | waiting own   | mark_read      | done
visitor | waiting own   | end_chat       | done
visitor | waiting own   | get_entries    | page
visitor | waiting own   | upload_entries | refused not_asked
visitor | waiting own   | request_chat   | refused already_chatting
visitor | waiting own   | view_page      | silent
visitor | waiting other | heartbeat      | beat without it
visitor | waiting other | post_message   | refused not_in_chat
visitor | waiting other | typing         | refused not_in_chat
visitor | waiting other | mark_read      | refused not_in_chat
visitor | waiting other | end_chat       | refused not_in_chat
visitor | waiting other | get_entries    | refused not_in_chat
visitor | waiting other | upload_entries | refused not_in_chat
visitor | waiting other | request_chat   | done
visitor | waiting other | view_page      | silent
visitor | active own    | heartbeat      | beat
visitor | active own    | post_message   | ack
visitor | active own    | typing         | silent
visitor | active own    | mark_read      | done
visitor | active own    | end_chat       | done
visitor | active own    | get_entries    | page
visitor | active own    | upload_entries | refused not_asked
visitor | active own    | request_chat   | refused already_chatting
visitor | active own    | view_page      | silent
visitor | active other  | heartbeat      | beat without it
visitor | active other  | post_message   | refused not_in_chat
visitor | active other  | typing         | refused not_in_chat
visitor | active other  | mark_read      | refused not_in_chat
visitor | active other  | end_chat       | refused not_in_chat
visitor | active other  | get_entries    | refused not_in_chat
visitor | active other  | upload_entries | refused not_in_chat
visitor | active other  | request_chat   | done
visitor | active other  | view_page      | silent
visitor | ended own     | heartbeat      | beat
visitor | ended own     | post_message   | refused chat_ended
visitor | ended own     | typing         | refused chat_ended
visitor | ended own     | mark_read      | done
visitor | ended own     | end_chat       | refused chat_ended
visitor | ended own     | get_entries    | page
visitor | ended own     | upload_entries | refused not_asked
visitor | ended own     | request_chat   | done
visitor | ended own     | view_page      | silent
visitor | ended other   | heartbeat      | beat without it
visitor | ended other   | post_message   | refused not_in_chat
visitor | ended other   | typing         | refused not_in_chat
visitor | ended other   | mark_read      | refused not_in_chat
visitor | ended other   | end_chat       | refused not_in_chat
visitor | ended other   | get_entries    | refused not_in_chat
visitor | ended other   | upload_entries | refused not_in_chat
visitor | ended other   | request_chat   | done
visitor | ended other   | view_page      | silent
agent   | none          | heartbeat      | beat without it
agent   | none          | post_message   | refused unknown_chat
agent   | none          | typing         | refused unknown_chat
agent   | none          | mark_read      | refused unknown_chat
agent   | none          | end_chat       | refused unknown_chat
agent   | none          | get_entries    | refused unknown_chat
agent   | none          | upload_entries | refused unknown_chat
agent   | none          | set_status     | done
agent   | none          | accept_chat    | refused unknown_chat
agent   | none          | post_note      | refused unknown_chat
agent   | waiting       | heartbeat      | beat without it
agent   | waiting       | post_message   | refused not_in_chat
agent   | waiting       | typing         | refused not_in_chat
agent   | waiting       | mark_read      | refused not_in_chat
agent   | waiting       | end_chat       | refused not_in_chat
agent   | waiting       | get_entries    | refused not_in_chat
agent   | waiting       | upload_entries | refused not_in_chat
agent   | waiting       | set_status     | done
agent   | waiting       | accept_chat    | done
agent   | waiting       | post_note      | refused not_in_chat
agent   | active own    | heartbeat      | beat
agent   | active own    | post_message   | ack
agent   | active own    | typing         | silent
agent   | active own    | mark_read      | done
agent   | active own    | end_chat       | done
agent   | active own    | get_entries    | page
agent   | active own    | upload_entries | refused not_asked
agent   | active own    | set_status     | done
agent   | active own    | accept_chat    | done
agent   | active own    | post_note      | ack
agent   | active other  | heartbeat      | beat without it
agent   | active other  | post_message   | refused not_in_chat
agent   | active other  | typing         | refused not_in_chat
agent   | active other  | mark_read      | refused not_in_chat
agent   | active other  | end_chat       | refused not_in_chat
agent   | active other  | get_entries    | refused not_in_chat
agent   | active other  | upload_entries | refused not_in_chat
agent   | active other  | set_status     | done
agent   | active other  | accept_chat    | refused chat_taken
agent   | active other  | post_note      | refused not_in_chat
agent   | ended own     | heartbeat      | beat
agent   | ended own     | post_message   | refused chat_ended
agent   | ended own     | typing         | refused chat_ended
agent   | ended own     | mark_read      | done
agent   | ended own     | end_chat       | refused chat_ended
agent   | ended own     | get_entries    | page
agent   | ended own     | upload_entries | refused not_asked
agent   | ended own     | set_status     | done
agent   | ended own     | accept_chat    | refused chat_ended
agent   | ended own     | post_note      | refused chat_ended
agent   | ended other   | heartbeat      | beat without it
agent   | ended other   | post_message   | refused not_in_chat
agent   | ended other   | typing         | refused not_in_chat
agent   | ended other   | mark_read      | refused not_in_chat
agent   | ended other   | end_chat       | refused not_in_chat
agent   | ended other   | get_entries    | refused not_in_chat
agent   | ended other   | upload_entries | refused not_in_chat
agent   | ended other   | set_status     | done
agent   | ended other   | accept_chat    | refused chat_ended
agent   | ended other   | post_note      | refused not_in_chat
`;

const states = {
  visitor: [
    "none",
    "waiting own",
    "waiting other",
    "active own",
    "active other",
    "ended own",
    "ended other",
  ],
  agent: ["none", "waiting", "active own", "active other", "ended own", "ended other"],
} as const;
type Side = keyof typeof states;

const rows = table.trim().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));

Deno.test("[BI5] the table names every frame of the protocol in every state of its side, once", () => {
  const schemas = { visitor: visitorFrameSchema, agent: agentFrameSchema };
  const sides: readonly Side[] = ["visitor", "agent"];
  const complete = sides.flatMap((side) => {
    const types = schemas[side].options.map((option) => option.shape.type.value);
    return states[side].flatMap((state) =>
      types.filter((type) => type !== "hello").map((type) => `${side} ${state} ${type}`)
    );
  });
  const named = rows.map(([side, state, type]) => `${side} ${state} ${type}`);
  assert.deepEqual(named.toSorted(), complete.toSorted());
});

for (const [side, state, type, expected] of rows) {
  Deno.test(`[BI5] a ${side} to whom a chat is "${state}" sends ${type}: ${expected}`, () => {
    assert.ok(side === "visitor" || side === "agent");
    const { bench, page, chatId } = standing(side, state ?? "");
    page.take();
    const frames = type === "upload_entries"
      ? page.upload(chatId, [])
      : page.send(frameOf(bench, type ?? "", chatId));
    assert.equal(answerIn(frames, chatId), expected);
  });
}

/** A bench in which the chat stands like this to the page. */
function standing(side: Side, state: string) {
  const bench = new SiteBench({ mode: "manual" });
  const [visitor, stranger] = [bench.visitor(), bench.visitor()];
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const own = side === "visitor" ? visitor : ana;
  const page = state.endsWith("other") ? (side === "visitor" ? stranger : ben) : own;
  if (state === "none") return { bench, page, chatId: chatIdSchema.parse(bench.ids.ulid()) };
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  if (!state.startsWith("waiting")) ana.accept(chatId);
  if (state.startsWith("ended")) ana.endChat(chatId);
  return { bench, page, chatId };
}

function frameOf(bench: SiteBench, type: string, chatId: ChatId): EngineFrame {
  const commandId = bench.ids.command();
  const messageId = bench.ids.message();
  const frames: readonly (VisitorFrame | AgentFrame)[] = [
    { type: "heartbeat", chats: { [chatId]: {} } },
    { type: "post_message", chatId, messageId, text: "hello?" },
    { type: "typing", chatId, on: true },
    { type: "mark_read", commandId, chatId, order: 1 },
    { type: "end_chat", commandId, chatId },
    { type: "get_entries", chatId, have: {} },
    { type: "request_chat", commandId },
    { type: "view_page", url: "https://example.com/", title: "Example" },
    { type: "set_status", commandId, status: "online" },
    { type: "accept_chat", commandId, chatId },
    { type: "post_note", chatId, messageId, text: "a regular" },
  ];
  const frame = frames.find((one) => one.type === type);
  assert.ok(
    frame && frame.type !== "hello" && frame.type !== "upload_entries" && frame.type !== "sign_in",
    `no ${type} here`,
  );
  return frame;
}

/** What a sender was answered, in the table's words. */
function answerIn(frames: readonly Received[], chatId: ChatId): string {
  const answers = ["ack", "done", "refused", "entries", "heartbeat", "uploaded"] as const;
  const [type, ...others] = answers.filter((answer) => ofType(frames, answer).length > 0);
  assert.deepEqual(others, [], "one answer to one frame");
  switch (type) {
    case undefined:
      return "silent";
    case "refused":
      return `refused ${onlyOf(frames, "refused").code}`;
    case "entries":
      return "page";
    case "heartbeat":
      return chatId in onlyOf(frames, "heartbeat").chats ? "beat" : "beat without it";
    default:
      return type;
  }
}

Deno.test("[BI5] the other side's frames, kept away by the edge, are refused by the engine too", () => {
  const bench = new SiteBench({ mode: "manual" });
  const [visitor, ana] = [bench.visitor(), bench.agent("ana")];
  const chatId = visitor.requestChat();
  visitor.take();
  const wrong: readonly [SitePage, string][] = [
    [visitor, "set_status"],
    [visitor, "accept_chat"],
    [visitor, "post_note"],
    [ana, "request_chat"],
    [ana, "view_page"],
  ];
  const decided = bench.facts.length;
  for (const [page, type] of wrong) {
    page.take();
    const answer = answerIn(page.send(frameOf(bench, type, chatId)), chatId);
    assert.equal(answer, "refused bad_frame", type);
  }
  assert.equal(bench.facts.length, decided);
});
