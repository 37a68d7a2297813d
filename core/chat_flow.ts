import { nameOf, othersIn, sideOf, viewOf } from "./audience.ts";
import { unreachable } from "./assert.ts";
import type { Chat } from "./chat.ts";
import { type Author, systemAuthor } from "./entry.ts";
import type { EndReason } from "./fact.ts";
import type { AgentId, ChatId, CommandId, ConnectionNo } from "./ids.ts";
import { chatEndJob, chatQueueJob } from "./job.ts";
import { limits } from "./limits.ts";
import { showChat } from "./posting.ts";
import type { AgentPresence, Presence, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { absentAfter, inactiveAt } from "./absence.ts";
import { offerAgent } from "./console.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/**
 * A visitor asks for a chat. The commandId becomes the chatId, so a repeat finds its chat. [CH1]
 */
export function requestChat(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"request_chat">,
): void {
  const { state } = turn;
  // A ULID is one by its pattern; that of the command names the chat from here on.
  const chatId = frame.commandId as string as ChatId;
  const known = state.chats.get(chatId);
  if (known !== undefined) {
    const same = known.visitorId === visitor.visitorId && known.name === frame.name &&
      known.email === frame.email;
    if (!same) return turn.refuse(connection, frame.commandId, { code: "id_reused" });
    return turn.send(connection, { type: "done", commandId: frame.commandId, chatId });
  }
  const running = state.runningOf.get(visitor.visitorId);
  if (running !== undefined) {
    return turn.refuse(connection, frame.commandId, {
      code: "already_chatting",
      field: running.chatId,
    });
  }
  if (state.waiting.size >= limits.waitingChatsMax) {
    return turn.refuse(connection, frame.commandId, { code: "queue_full", retryAfterMs: 30_000 });
  }
  turn.record({
    type: "chat_requested",
    chatId,
    visitorId: visitor.visitorId,
    visitId: visitor.visitId,
    name: frame.name,
    email: frame.email,
    at: turn.at,
    stamp: { order: turn.at, tenure: turn.tenure },
  });
  turn.send(connection, { type: "done", commandId: frame.commandId, chatId });
  assignWaiting(turn);
  const chat = state.chats.get(chatId);
  if (chat === undefined || chat.state.state !== "waiting") return;
  state.waiting.tell(chatId);
  showChat(turn, chat);
}

/** An agent takes a waiting chat. */
export function acceptChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"accept_chat">,
): void {
  const { state } = turn;
  const refuse = (code: "unknown_chat" | "chat_taken" | "chat_ended" | "id_reused") =>
    turn.refuse(connection, frame.commandId, { code, field: "chatId" });
  const chat = state.chats.get(frame.chatId);
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(frame.commandId);
  if (remembered !== undefined) {
    const same = remembered === "accept_chat" && chat.agentIds.includes(agent.agentId);
    if (!same) return refuse("id_reused");
    return turn.send(connection, {
      type: "done",
      commandId: frame.commandId,
      chatId: chat.chatId,
    });
  }
  if (chat.state.state === "ended") return refuse("chat_ended");
  if (chat.state.state === "active" && chat.agentId !== agent.agentId) {
    return refuse("chat_taken");
  }
  if (chat.state.state === "active") {
    return turn.send(connection, { type: "done", commandId: frame.commandId, chatId: chat.chatId });
  }
  const registers = state.registersOf(agent.agentId);
  if (registers.status !== "online") {
    return turn.refuse(connection, frame.commandId, { code: "agent_not_online" });
  }
  const limit = state.agentConfigs.get(agent.agentId)?.chatLimit ?? 0;
  if (state.ongoingOf(agent.agentId).size >= limit) {
    return turn.refuse(connection, frame.commandId, { code: "agent_at_limit" });
  }
  assign(turn, chat, agent.agentId, frame.commandId);
  turn.send(connection, { type: "done", commandId: frame.commandId, chatId: chat.chatId });
}

/** Either side ends the chat. */
export function endChat(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"end_chat">,
): void {
  const chat = turn.state.chats.get(frame.chatId);
  const side = chat === undefined ? undefined : sideOf(presence, chat);
  if (chat === undefined || side === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, frame.commandId, { code, field: "chatId" });
  }
  const remembered = chat.remembered(frame.commandId);
  if (remembered === "accept_chat") {
    return turn.refuse(connection, frame.commandId, { code: "id_reused", field: "commandId" });
  }
  if (remembered === undefined) {
    if (chat.state.state === "ended") {
      return turn.refuse(connection, frame.commandId, { code: "chat_ended", field: "chatId" });
    }
    if (presence.type === "agent" && chat.agentId !== presence.agentId) {
      return turn.refuse(connection, frame.commandId, { code: "not_in_chat", field: "chatId" });
    }
    const reason = side === "visitor" ? "visitor_ended" : "agent_ended";
    end(turn, chat, { by: presence.author, reason, commandId: frame.commandId });
  }
  turn.send(connection, { type: "done", commandId: frame.commandId, chatId: chat.chatId });
}

/**
 * Ends a chat, tells its people, publishes chat.end once and lets the freed agent pull the queue.
 */
export function end(
  turn: Turn,
  chat: Chat,
  how: { by: Author; reason: EndReason; commandId?: CommandId },
): void {
  const { state } = turn;
  const agentId = chat.agentId;
  const wasWaiting = chat.state.state === "waiting";
  const entry = turn.acceptSystem(chat, "chat_ended", chat.chatId, how.reason);
  turn.record({
    type: "chat_ended",
    chatId: chat.chatId,
    at: turn.at,
    by: how.by,
    reason: how.reason,
    stamp: turn.stamp(chat),
    commandId: how.commandId,
  });
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  showChat(turn, chat);
  turn.publish(chatEndJob(state.config.siteId, chat));
  if (wasWaiting) turn.publish(chatQueueJob(state.config.siteId, chat, turn.at));
  state.deadlines.clear(`chat/${chat.chatId}`);
  state.deadlines.setBy(`forget/${chat.chatId}`, turn.at + limits.endedChatKeptMs);
  forgetOldest(turn);
  if (agentId !== undefined) {
    const console = state.consoles.get(agentId);
    if (console !== undefined && state.ongoingOf(agentId).size === 0) console.idleSince = turn.at;
    offerAgent(turn, agentId);
    assignWaiting(turn);
  }
}

function forgetOldest(turn: Turn): void {
  const { state } = turn;
  if (state.ended.size <= limits.endedChatsMax) return;
  const [oldest] = state.ended.keys();
  if (oldest !== undefined) turn.record({ type: "chat_forgotten", chatId: oldest });
}

/**
 * Gives waiting chats to fit agents while there are both. Nobody waits while a fit agent is free.
 * [RT1]
 */
export function assignWaiting(turn: Turn): void {
  const { mode } = turn.state.config.routing;
  switch (mode) {
    case "manual":
      return;
    case "load_balancing":
      return balanceLoad(turn);
    default:
      unreachable(mode);
  }
}

function balanceLoad(turn: Turn): void {
  const { state } = turn;
  while (true) {
    const chatId = state.waiting.first();
    const agentId = state.pool.best();
    const chat = chatId === undefined ? undefined : state.chats.get(chatId);
    if (chat === undefined || agentId === undefined) return;
    if (turn.facts.length >= limits.factsPerEvent) return state.deadlines.setBy("assign", turn.at);
    assign(turn, chat, agentId, undefined);
  }
}

function assign(
  turn: Turn,
  chat: Chat,
  agentId: AgentId,
  commandId: CommandId | undefined,
): void {
  const { state } = turn;
  const cause = commandId ?? `${chat.chatId}.${chat.agentIds.length + 1}`;
  const stamp = turn.stamp(chat);
  const { chatId } = chat;
  turn.record({ type: "chat_assigned", chatId, agentId, at: turn.at, stamp, commandId });
  const console = state.consoles.get(agentId);
  if (console !== undefined) console.lastAllocatedAt = turn.at;
  offerAgent(turn, agentId);
  const entry = turn.acceptSystem(chat, "agent_joined", cause, nameOf(state, agentId));
  turn.publish(chatQueueJob(state.config.siteId, chat, turn.at));
  showChat(turn, chat);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  state.deadlines.setBy(`chat/${chat.chatId}`, inactiveAt(state, chat).at);
}

/** A chat's deadline has come: warn, end, or look again later. */
export function checkChat(turn: Turn, chat: Chat): void {
  const { state } = turn;
  if (chat.state.state === "waiting") {
    const goneAt = absentAfter(state, chat);
    if (goneAt === undefined) return;
    if (goneAt > turn.at) return state.deadlines.setBy(`chat/${chat.chatId}`, goneAt);
    return end(turn, chat, { by: systemAuthor, reason: "visitor_left" });
  }
  if (chat.state.state !== "active") return;
  const due = inactiveAt(state, chat);
  if (due.at > turn.at) return state.deadlines.setBy(`chat/${chat.chatId}`, due.at);
  if (due.then === "end") return end(turn, chat, { by: systemAuthor, reason: "inactive" });
  const cause = `${chat.chatId}.${chat.lastOrder}`;
  const entry = turn.acceptSystem(chat, "inactivity_warned", cause);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  state.deadlines.setBy(`chat/${chat.chatId}`, inactiveAt(state, chat).at);
}

/**
 * The chats that a side is shown in its welcome: its running ones, and those it names and may see.
 */
export function chatsToShow(turn: Turn, presence: Presence, named: readonly string[]): Chat[] {
  const { state } = turn;
  const chats = new Set<Chat>();
  if (presence.type === "visitor") {
    const running = state.runningOf.get(presence.visitorId);
    if (running !== undefined) chats.add(running);
  } else {
    for (const chatId of state.ongoingOf(presence.agentId)) {
      const chat = state.chats.get(chatId);
      if (chat !== undefined) chats.add(chat);
    }
  }
  for (const chatId of named) {
    // A name that no chat has is simply not found.
    const chat = state.chats.get(chatId as ChatId);
    if (chat !== undefined && sideOf(presence, chat) !== undefined) chats.add(chat);
  }
  return [...chats];
}

/** Answers a read of the transcript API: the visitor's side sees public entries only. [SE2] */
export function readTranscript(
  turn: Turn,
  asked: { chatId: ChatId; reader: Presence["type"]; readerId: string; query: number },
): void {
  const chat = turn.state.chats.get(asked.chatId);
  const allowed = chat !== undefined &&
    (asked.reader === "agent" || chat.visitorId === asked.readerId);
  turn.sends.push({
    type: "transcript",
    query: asked.query,
    transcript: !allowed ? undefined : {
      chat: viewOf(turn.state, chat, asked.reader),
      entries: chat.transcript().filter((entry) =>
        asked.reader === "agent" || entry.stream === "public"
      ),
    },
  });
}
