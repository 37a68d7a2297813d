import { isPresent } from "./absence.ts";
import { sideOf, viewOf } from "./audience.ts";
import { assignWaiting, chatsToShow } from "./chat_flow.ts";
import type { Chat } from "./chat.ts";
import { offerAgent } from "./console.ts";
import { exceeds } from "./cursor.ts";
import type { CloseName } from "./close_code.ts";
import type { Event, Session } from "./event.ts";
import type { Author } from "./entry.ts";
import type { ChatId, ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import {
  absentAgent,
  type AgentPresence,
  type Presence,
  type Tab,
  type VisitorPresence,
} from "./presence.ts";
import { type Hello, protocolVersion } from "./protocol.ts";
import type { Turn } from "./turn.ts";
import { waitingChat } from "./pushing.ts";

type Connected = Extract<Event, { type: "connected" }>;

/** The deployment's turn. There is one deployment so far, and this is its first term. */
const term = 1;

/**
 * A hello: a new connection of a session. The same page's older connection, or an agent's older
 * console, is replaced; its late close changes nothing, and neither does its late hello. [CN3]
 */
export function connect(turn: Turn, event: Connected): void {
  const { session, connection, hello } = event;
  const { connectionId, startedAt, attempt } = hello;
  const tab: Tab = { connection, connectionId, startedAt, attempt };
  const arrived = session.type === "visitor"
    ? visitorArrives(turn, session, tab)
    : agentArrives(turn, session, tab);
  if (typeof arrived === "string") {
    turn.sends.push({ type: "close", to: connection, code: arrived });
    return;
  }
  turn.state.connections.set(connection, arrived);
  welcome(turn, arrived, tab, hello);
  if (arrived.type === "agent") {
    offerAgent(turn, arrived.agentId);
    assignWaiting(turn);
  }
}

function visitorArrives(
  turn: Turn,
  session: Extract<Session, { type: "visitor" }>,
  tab: Tab,
): VisitorPresence | CloseName {
  const { state } = turn;
  const { visitorId, visitId } = session;
  let visitor = state.visitors.get(visitorId);
  if (visitor === undefined) {
    const author: Author = { type: "visitor", id: visitorId };
    visitor = { type: "visitor", author, visitorId, visitId, tabs: [] };
    state.visitors.set(visitorId, visitor);
  }
  const known = visitor.tabs.find((other) => other.connectionId === tab.connectionId);
  if (known !== undefined && isOlder(tab, known)) return "replaced";
  if (known !== undefined) replace(turn, known);
  else if (visitor.tabs.length >= limits.tabsPerVisitorMax) return "too_many_tabs";
  visitor.tabs = [...visitor.tabs.filter((other) => other !== known), tab];
  visitor.lostAt = undefined;
  return visitor;
}

/**
 * The console that was started last stays. An older one that comes back by itself has to wait: it
 * is not stopped, as the newer may be gone without a word and nobody knows yet. [AG3]
 */
function agentArrives(
  turn: Turn,
  session: Extract<Session, { type: "agent" }>,
  tab: Tab,
): AgentPresence | CloseName {
  const { state } = turn;
  const { agentId } = session;
  const known = state.consoles.get(agentId);
  if (known === undefined) {
    const console: AgentPresence = { ...absentAgent(agentId, turn.at), tab, lostAt: undefined };
    state.consoles.set(agentId, console);
    return console;
  }
  if (known.tab !== undefined && isOlder(tab, known.tab)) {
    return known.tab.connectionId === tab.connectionId ? "replaced" : "newer_console";
  }
  if (known.tab !== undefined) replace(turn, known.tab);
  // Whoever was away for longer than the grace comes online anew, last of the idle ones.
  if (!isPresent(state, known, turn.at)) known.idleSince = turn.at;
  known.tab = tab;
  known.lostAt = undefined;
  return known;
}

/** Whether a page's socket was opened before the page's, or the other console's, that is here. */
function isOlder(tab: Tab, here: Tab): boolean {
  if (tab.startedAt === undefined || here.startedAt === undefined) return false;
  const ms = here.startedAt - tab.startedAt;
  const isSamePage = tab.connectionId === here.connectionId;
  if (isSamePage && ms === 0) return (tab.attempt ?? 1) < (here.attempt ?? 1);
  // Somebody has just started it: by its own clock long ago, so that clock is wrong.
  if (!isSamePage && tab.attempt === 1 && ms > limits.clockSkewMsMax) return false;
  return ms > 0;
}

function replace(turn: Turn, older: Tab): void {
  turn.state.connections.delete(older.connection);
  turn.sends.push({ type: "close", to: older.connection, code: "replaced" });
}

function welcome(turn: Turn, presence: Presence, tab: Tab, hello: Hello): void {
  const { state } = turn;
  const side = presence.type;
  const chats = chatsToShow(turn, presence, Object.keys(hello.chats));
  turn.send(tab.connection, {
    type: "welcome",
    protocol: protocolVersion,
    term,
    tenure: turn.tenure,
    at: turn.at,
    self: presence.type === "visitor" ? { type: "visitor", id: presence.visitorId } : {
      type: "agent",
      id: presence.agentId,
      name: state.agentConfigs.get(presence.agentId)?.name ?? presence.agentId,
      status: state.registersOf(presence.agentId).status,
    },
    chats: chats.map((chat) => viewOf(state, chat, side)),
    ...(presence.type === "visitor" ? {} : { waiting: waitingList(turn) }),
  });
  for (const chat of chats) {
    wantWhatIsLacking(turn, presence, tab, chat, hello.chats[chat.chatId] ?? {});
  }
}

function waitingList(turn: Turn) {
  const { state } = turn;
  const chats = [];
  for (const chatId of state.waiting) {
    if (chats.length >= limits.waitingListedMax) break;
    const chat = state.chats.get(chatId);
    if (chat !== undefined) chats.push(waitingChat(chat));
  }
  state.waiting.noteShown(chats.map((chat) => chat.chatId));
  return { chats, total: state.waiting.size };
}

/** Asks a client for the entries that it holds and the site lacks. Once at a time per chat. */
export function wantWhatIsLacking(
  turn: Turn,
  presence: Presence,
  tab: Tab,
  chat: Chat,
  theirs: Readonly<Record<string, number>>,
): void {
  const ours = sideOf(presence, chat) === "visitor" ? chat.publicVector() : chat.vector();
  if (!exceeds(theirs, ours)) return;
  tab.asked ??= new Set<ChatId>();
  tab.asked.add(chat.chatId);
  turn.send(tab.connection, { type: "want_entries", chatId: chat.chatId, have: ours });
}

/** A connection is gone. That of an older generation is not known any more, and changes nothing. */
export function disconnect(turn: Turn, connection: ConnectionNo): void {
  const { state } = turn;
  const presence = state.connections.get(connection);
  if (presence === undefined) return;
  state.connections.delete(connection);
  if (presence.type === "agent") {
    presence.tab = undefined;
    presence.lostAt = turn.at;
    state.deadlines.setBy(`agent/${presence.agentId}`, turn.at + limits.presenceGraceMs);
    return;
  }
  presence.tabs = presence.tabs.filter((tab) => tab.connection !== connection);
  if (presence.tabs.length > 0) return;
  presence.lostAt = turn.at;
  state.deadlines.setBy(`visitor/${presence.visitorId}`, turn.at + limits.presenceGraceMs);
  const running = state.runningOf.get(presence.visitorId);
  if (running?.state.state === "waiting") {
    state.deadlines.setBy(`chat/${running.chatId}`, turn.at + limits.presenceGraceMs);
  }
}

/** The tab behind a connection. */
export function tabOf(presence: Presence, connection: ConnectionNo): Tab | undefined {
  if (presence.type === "agent") return presence.tab;
  return presence.tabs.find((tab) => tab.connection === connection);
}
