import { assert } from "../../core/assert.ts";
import type { EngineFrame } from "../../core/event.ts";
import { agentIdSchema, type ChatId, chatIdSchema, invitationIdSchema } from "../../core/ids.ts";
import type { AgentFrame, VisitorFrame } from "../../core/protocol.ts";
import { SiteBench } from "./site_bench.ts";
import type { Received, SitePage } from "./site_page.ts";

/** A site in which a chat stands in some way to a page: what the tables of frames are about. */
export interface ChatStanding {
  readonly bench: SiteBench;
  /** Who sends. */
  readonly page: SitePage;
  readonly chatId: ChatId;
  /** The chat's visitor; of "none" one who has no chat. */
  readonly visitor: SitePage;
  /** A ban that stands, of nobody here. */
  readonly banId: string;
}

/** What every site of the tables has: something to refer to for each frame. */
const config = {
  cannedMessages: [{ cannedId: "greeting", title: "Greeting", text: "Hello!" }],
  customVariables: [{ name: "cart" }],
  translation: { agentLanguage: "en" },
};
const [bot, acceptWithinMs] = [{ name: "Robo" }, 20_000];
const banned = { type: "address", address: "203.0.113.9" } as const;

/**
 * A bench in which the chat stands like this to the visitor who has it, or "other" to another one.
 */
export function visitorStanding(standing: string): ChatStanding {
  const [stage = "", ...who] = standing.split(" ");
  const bench = new SiteBench({
    mode: "manual",
    config: stage === "bot" ? { ...config, bot } : config,
  });
  const [visitor, stranger, ana] = [bench.visitor(), bench.visitor(), bench.agent("ana")];
  const page = who.includes("other") ? stranger : visitor;
  if (stage === "none") return { bench, page, visitor, chatId: unusedChatId(bench), banId: "" };
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  if (stage === "active" || stage === "ended") ana.accept(chatId);
  if (stage === "ended") ana.endChat(chatId);
  if (stage === "left") visitor.endChat(chatId);
  return { bench, page, visitor, chatId, banId: "" };
}

/**
 * A bench in which the chat stands like this to an agent. ana is who has it, and ben and sue do
 * not; sue alone is a supervisor. A former agent gave the chat to ben.
 */
export function agentStanding(standing: string): ChatStanding {
  const [stage = "", who = ""] = standing.split(" ");
  const isOffered = stage === "offered";
  const bench = new SiteBench({
    mode: isOffered ? "load_balancing" : "manual",
    agents: { ana: 3, ben: 3, cat: 3, sue: 3 },
    staff: { sue: { role: "supervisor" } },
    config: {
      ...config,
      ...(isOffered ? { routing: { acceptWithinMs } } : {}),
      ...(stage === "bot" ? { bot } : {}),
    },
  });
  const visitor = bench.visitor();
  const [ana, ben, sue] = [bench.agent("ana"), bench.agent("ben"), bench.agent("sue")];
  const banId = bench.ids.command();
  ana.send({ type: "ban", commandId: banId, target: banned });
  const page = { other: ben, joined: sue, monitoring: sue, managed: sue }[who] ?? ana;
  const standingOf = (chatId: ChatId) => ({ bench, page, visitor, chatId, banId });
  if (stage === "none") return standingOf(unusedChatId(bench));
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  if (isOffered) {
    assert(bench.site.state.offers.get(chatId)?.agentId === "ana", "ana is offered it");
  }
  if (stage !== "active" && stage !== "ended") return standingOf(chatId);
  ana.accept(chatId);
  const commandId = bench.ids.command();
  if (who === "joined" || who === "monitoring") {
    sue.send({ type: "join_chat", commandId, chatId, mode: who });
  }
  if (who === "former") ana.send({ type: "transfer_chat", commandId, chatId, to: toBen });
  if (stage === "ended") visitor.endChat(chatId);
  return standingOf(chatId);
}

const toBen = { type: "agent", agentId: agentIdSchema.parse("ben") } as const;

function unusedChatId(bench: SiteBench): ChatId {
  return chatIdSchema.parse(bench.ids.ulid());
}

/** Sends a frame about the chat, good in itself; call it again to repeat the same frame. */
export function sender(type: string, standing: ChatStanding): () => Received[] {
  const { bench, page, chatId } = standing;
  if (type === "upload_entries") return () => page.upload(chatId, []);
  if (type === "sign_in") return signingIn(standing);
  const frames = [
    ...framesOfBoth(standing),
    ...framesOfVisitors(bench, chatId),
    ...framesOfAgents(
      standing,
    ),
    ...framesOfAgentsAlone(standing),
  ];
  const frame = frames.find((one) => one.type === type);
  assert(frame !== undefined && isOfEngine(frame), `There is a frame for ${type}`);
  return () => page.send(frame);
}

/** A sign_in reaches the engine as what its token said: the shell has checked it. */
function signingIn({ bench, page }: ChatStanding): () => Received[] {
  const commandId = bench.ids.command();
  return () => {
    const { connection } = page;
    assert(connection !== undefined, "Only a connected page sends");
    const signedIn = { userId: "u-1", fields: {} };
    bench.handle({ type: "visitor_signed_in", connection, commandId, signedIn });
    return page.take();
  };
}

function isOfEngine(frame: VisitorFrame | AgentFrame): frame is EngineFrame {
  return !["hello", "upload_entries", "sign_in"].includes(frame.type);
}

function framesOfBoth({ bench, chatId }: ChatStanding): VisitorFrame[] {
  const commandId = bench.ids.command();
  const messageId = bench.ids.message();
  return [
    { type: "heartbeat", chats: { [chatId]: {} } },
    { type: "post_message", chatId, messageId, text: "hello?" },
    { type: "typing", chatId, on: true },
    { type: "mark_read", commandId, chatId, order: bench.at },
    { type: "end_chat", commandId, chatId },
    { type: "get_entries", chatId, have: {} },
    { type: "request_transcript", commandId, chatId, email: "vik@example.org" },
  ];
}

function framesOfVisitors(bench: SiteBench, chatId: ChatId): VisitorFrame[] {
  const commandId = bench.ids.command();
  const invitationId = invitationIdSchema.parse("spring");
  return [
    { type: "request_chat", commandId },
    { type: "view_page", url: "https://example.com/", title: "Example" },
    { type: "set_variables", commandId, variables: { cart: "12" } },
    { type: "submit_offline_message", commandId, text: "call me" },
    { type: "rate_chat", commandId, chatId, score: 4 },
    { type: "answer_invitation", commandId, invitationId, answer: "shown" },
    { type: "capture_conversion", commandId, goal: "order" },
  ];
}

/** Frames of agents that are about a chat. */
function framesOfAgents({ bench, chatId }: ChatStanding): AgentFrame[] {
  const commandId = bench.ids.command();
  const messageId = bench.ids.message();
  return [
    { type: "accept_chat", commandId, chatId },
    { type: "refuse_chat", commandId, chatId },
    { type: "transfer_chat", commandId, chatId, to: toBen },
    { type: "join_chat", commandId, chatId, mode: "joined" },
    { type: "leave_chat", commandId, chatId },
    { type: "take_over_chat", commandId, chatId },
    { type: "post_note", chatId, messageId, text: "a regular" },
    { type: "wrap_up_chat", commandId, chatId, comment: "sold" },
    { type: "set_translation", commandId, chatId, visitorLanguage: "sv" },
    { type: "use_canned", commandId, chatId, cannedId: "greeting" },
    { type: "capture_chat_conversion", commandId, chatId, goal: "order" },
  ];
}

/** Frames of agents about other agents, the chat's visitor, or themselves. */
function framesOfAgentsAlone({ bench, visitor, banId }: ChatStanding): AgentFrame[] {
  const commandId = bench.ids.command();
  const messageId = bench.ids.message();
  const { session } = visitor;
  assert(session.type === "visitor", "A visitor's page");
  const { visitorId } = session;
  const cat = agentIdSchema.parse("cat");
  return [
    { type: "set_status", commandId, status: "online" },
    { type: "log_out", commandId },
    { type: "post_private", to: cat, messageId, text: "coffee?" },
    { type: "set_visitor", commandId, visitorId, name: "Vik" },
    { type: "get_visitor", visitorId },
    { type: "ban", commandId, target: { type: "visitor", visitorId } },
    { type: "lift_ban", commandId, banId },
    { type: "invite_visitor", commandId, visitorId, text: "May I help you?" },
    { type: "save_preferences", commandId, preferences: "{}" },
    { type: "subscribe", lists: ["agents"] },
    { type: "get_rows", list: "visitors" },
  ];
}
