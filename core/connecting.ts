import { isBarred, isPresent } from "./absence.ts";
import { assignWaiting } from "./assigning.ts";
import { conversationsToShow, sideOf, viewOf } from "./audience.ts";
import { arrive } from "./arriving.ts";
import { availabilityFor } from "./availability.ts";
import { Chat } from "./chat.ts";
import type { CloseName } from "./close_code.ts";
import { exceeds } from "./cursor.ts";
import type { Event, Session } from "./event.ts";
import type { ChatId, ConnectionNo } from "./ids.ts";
import { considerInviting } from "./inviting.ts";
import { limits } from "./limits.ts";
import { showOffers } from "./offering.ts";
import {
  absentAgent,
  type AgentPresence,
  type Presence,
  type Tab,
  type VisitorPresence,
  waitingOnly,
} from "./presence.ts";
import type { Hello } from "./client_frames.ts";
import { lostThread } from "./private_message.ts";
import { protocolVersion } from "./protocol.ts";
import { audienceKey, waitingSnapshot } from "./subscribing.ts";
import { offerAgent } from "./routing.ts";
import { signIn } from "./signing_in.ts";
import type { Thread } from "./thread.ts";
import type { Turn } from "./turn.ts";

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
    ? visitorArrives(turn, session, tab, event.address)
    : agentArrives(turn, session, tab);
  if (typeof arrived === "string") {
    turn.sends.push({ type: "close", to: connection, code: arrived });
    return;
  }
  turn.state.connections.set(connection, arrived);
  if (arrived.type === "agent") arrived.audience = audienceKey(turn.state, arrived);
  welcome(turn, arrived, tab, hello);
  if (arrived.type === "visitor") return considerInviting(turn, arrived);
  showOffers(turn, arrived);
  offerAgent(turn, arrived.agentId);
  assignWaiting(turn);
}

function visitorArrives(
  turn: Turn,
  session: Extract<Session, { type: "visitor" }>,
  tab: Tab,
  address: string | undefined,
): VisitorPresence | CloseName {
  const { visitorId, visitId } = session;
  if (turn.state.bans.of({ visitorId, address }, turn.at) !== undefined) return "banned";
  const visitor = arrive(turn, { visitorId, visitId, address, isPageLoad: false });
  const known = visitor.tabs.find((other) => other.connectionId === tab.connectionId);
  if (known !== undefined && isOlder(tab, known)) return "replaced";
  if (known !== undefined) replace(turn, known);
  else if (visitor.tabs.length >= limits.tabsPerVisitorMax) return "too_many_tabs";
  if (session.signedIn !== undefined) signIn(turn, visitor, session.signedIn);
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
  const { tokenVersion: current = 0 } = state.agentConfigs.get(agentId) ?? {};
  const { tokenVersion = current } = session;
  // The edge may know the next configuration already, which is on its way here.
  const isAhead = tokenVersion > current;
  if (isBarred(state, isAhead ? { agentId } : session)) return "bad_token";
  const known = state.consoles.get(agentId);
  if (known === undefined) {
    const absent = absentAgent(agentId, turn.at);
    const console: AgentPresence = { ...absent, tokenVersion, tab, lostAt: undefined };
    state.consoles.set(agentId, console);
    return console;
  }
  if (known.tab !== undefined && isOlder(tab, known.tab)) {
    return known.tab.connectionId === tab.connectionId ? "replaced" : "newer_console";
  }
  if (known.tab !== undefined) replace(turn, known.tab);
  // Whoever was away for longer than the grace comes online anew, last of the idle ones.
  if (!isPresent(state, known, turn.at)) {
    known.idleSince = turn.at;
    known.onlineSince = turn.at;
  }
  known.tokenVersion = tokenVersion;
  known.tab = tab;
  known.lostAt = undefined;
  // A connection begins with the waiting queue alone; its console asks for what it wants besides.
  known.lists = waitingOnly;
  known.unsent.clear();
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
  const conversations = conversationsToShow(state, presence, Object.keys(hello.chats));
  for (const chatId of Object.keys(hello.chats)) {
    // A name that no thread has is simply not found.
    const thread = lostThread(state, presence, chatId as ChatId);
    if (thread !== undefined) conversations.push(thread);
  }
  const chats = conversations.filter((one) => one instanceof Chat);
  const threads = conversations.filter((one) => !(one instanceof Chat));
  const agent = presence.type === "agent" ? state.agentConfigs.get(presence.agentId) : undefined;
  const { added, total } = agent === undefined
    ? { added: [], total: 0 }
    : waitingSnapshot(state, agent);
  turn.send(tab.connection, {
    type: "welcome",
    protocol: protocolVersion,
    term,
    tenure: turn.tenure,
    at: turn.at,
    self: selfOf(turn, presence),
    chats: chats.map((chat) => viewOf(state, chat, side)),
    ...(presence.type === "visitor"
      ? { availability: availabilityFor(turn, undefined) }
      : { waiting: { chats: added, total } }),
    ...(threads.length === 0
      ? {}
      : { threads: Object.fromEntries(threads.map(({ chatId, log }) => [chatId, log.vector()])) }),
  });
  for (const one of conversations) {
    wantWhatIsLacking(turn, presence, tab, one, hello.chats[one.chatId] ?? {});
  }
  if (presence.type !== "visitor") return;
  askForSignIn(turn, presence, tab, chats);
  if (presence.invitation !== undefined) {
    const { invitationId, text, agentId } = presence.invitation;
    turn.send(tab.connection, {
      type: "invitation",
      invitationId,
      text,
      ...(agentId === undefined ? {} : { agentName: state.agentConfigs.get(agentId)?.name ?? "" }),
    });
  }
}

function selfOf(turn: Turn, presence: Presence) {
  const { state } = turn;
  if (presence.type === "visitor") {
    const { visitorId: id, signedIn } = presence;
    return { type: "visitor", id, signedIn: signedIn !== undefined } as const;
  }
  const { status, reason, preferences } = state.registersOf(presence.agentId);
  return {
    type: "agent",
    id: presence.agentId,
    name: state.agentConfigs.get(presence.agentId)?.name ?? presence.agentId,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(preferences === undefined ? {} : { preferences }),
  } as const;
}

/** Who was signed in when the chat began, and is not here, has to sign in again. [SI4] */
function askForSignIn(
  turn: Turn,
  visitor: VisitorPresence,
  tab: Tab,
  chats: readonly Chat[],
): void {
  const chat = chats.find((one) =>
    one.state.state !== "ended" &&
    (one.visitor.signedIn !== undefined ||
      (one.state.state === "bot" && one.registers.signInWanted === true))
  );
  if (visitor.signedIn !== undefined || chat === undefined) return;
  turn.send(tab.connection, { type: "sign_in_wanted", chatId: chat.chatId });
}

/** Asks a client for the entries that it holds and the site lacks. Once at a time per chat. */
export function wantWhatIsLacking(
  turn: Turn,
  presence: Presence,
  tab: Tab,
  chat: Chat | Thread,
  theirs: Readonly<Record<string, number>>,
): void {
  const side = sideOf(presence, chat);
  const ours = side === "visitor" ? chat.log.publicVector() : chat.log.vector();
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
  const graceEnds = turn.at + limits.presenceGraceMs;
  if (presence.type === "agent") {
    presence.tab = undefined;
    presence.lostAt = turn.at;
    return state.deadlines.setBy(`agent/${presence.agentId}`, graceEnds);
  }
  presence.tabs = presence.tabs.filter((tab) => tab.connection !== connection);
  if (presence.tabs.length > 0) return;
  presence.lostAt = turn.at;
  state.deadlines.setBy(`visitor/${presence.visitorId}`, graceEnds);
  const running = state.runningOf.get(presence.visitorId);
  if (running?.state.state === "waiting" || running?.state.state === "bot") {
    state.deadlines.setBy(`chat/${running.chatId}`, graceEnds);
  }
}

/** The tab behind a connection. */
export function tabOf(presence: Presence, connection: ConnectionNo): Tab | undefined {
  if (presence.type === "agent") return presence.tab;
  return presence.tabs.find((tab) => tab.connection === connection);
}
