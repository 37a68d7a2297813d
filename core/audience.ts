import { unreachable } from "./assert.ts";
import { estimatedWaitMs } from "./assignment.ts";
import type { Chat } from "./chat.ts";
import type { Answers } from "./form.ts";
import type { AgentId, ChatId, ConnectionNo } from "./ids.ts";
import type { Presence } from "./presence.ts";
import type { SiteState } from "./site_state.ts";
import { Thread } from "./thread.ts";
import type { ChatStateView, ChatView } from "./views.ts";

/** Which side of a chat somebody stands on. Everything pushed is chosen by it. [SE2] */
export type Side = "visitor" | "agent";

/** The consoles in this chat: who has it, who joined, who monitors. Staff entries go there only. */
export function agentSide(state: SiteState, chat: Chat | Thread): ConnectionNo[] {
  const consoles: ConnectionNo[] = [];
  for (const agentId of staffOf(chat)) {
    const tab = state.consoles.get(agentId)?.tab;
    if (tab !== undefined) consoles.push(tab.connection);
  }
  return consoles;
}

function staffOf(chat: Chat | Thread): Iterable<AgentId> {
  if (chat instanceof Thread) return chat.agentIds;
  // Whoever had a chat at its end hears of what comes late.
  const agentId = chat.state.state === "ended" ? chat.agentIds.at(-1) : chat.agentId;
  if (agentId === undefined) return chat.participants.keys();
  return chat.participants.size === 0 ? [agentId] : [agentId, ...chat.participants.keys()];
}

/** All tabs of the chat's visitor. */
export function visitorSide(state: SiteState, chat: Chat): ConnectionNo[] {
  return state.visitors.get(chat.visitorId)?.tabs.map((tab) => tab.connection) ?? [];
}

/** Everybody in the chat but one connection: the receivers of an entry or a typing notice. */
export function othersIn(
  state: SiteState,
  chat: Chat | Thread,
  options: { readonly but?: ConnectionNo; readonly staffOnly?: boolean },
): ConnectionNo[] {
  const others: ConnectionNo[] = [];
  for (const agentId of staffOf(chat)) {
    const tab = state.consoles.get(agentId)?.tab;
    if (tab !== undefined && tab.connection !== options.but) others.push(tab.connection);
  }
  if (options.staffOnly || chat instanceof Thread) return others;
  const visitor = state.visitors.get(chat.visitorId);
  if (visitor === undefined) return others;
  for (const tab of visitor.tabs) {
    if (tab.connection !== options.but) others.push(tab.connection);
  }
  return others;
}

/**
 * The side on which someone may see the chat, undefined when not at all. An agent that gave a chat
 * away sees it again when it has ended.
 */
export function sideOf(presence: Presence, chat: Chat | Thread): Side | undefined {
  if (chat instanceof Thread) {
    return presence.type === "agent" && chat.agentIds.includes(presence.agentId)
      ? "agent"
      : undefined;
  }
  if (presence.type === "visitor") {
    return chat.visitorId === presence.visitorId ? "visitor" : undefined;
  }
  const { agentId } = presence;
  if (chat.agentId === agentId || chat.participants.has(agentId)) return "agent";
  return chat.state.state === "ended" && chat.agentIds.includes(agentId) ? "agent" : undefined;
}

/** The chat as this side may see it. */
export function viewOf(state: SiteState, chat: Chat, side: Side): ChatView {
  const { registers, visitor } = chat;
  const forStaff = side === "agent";
  const participants = [];
  for (const [agentId, mode] of chat.participants) {
    if (forStaff || mode === "joined") {
      participants.push({ agentId, name: nameOf(state, agentId), mode });
    }
  }
  return compact({
    chatId: chat.chatId,
    state: stateView(state, chat),
    requestedAt: chat.requestedAt,
    campaignId: chat.campaignId,
    departmentId: chat.departmentId,
    visitor: compact({
      id: chat.visitorId,
      name: visitor.name,
      email: visitor.email,
      fields: unlessEmpty(visitor.fields),
      variables: forStaff ? unlessEmpty(visitor.variables) : undefined,
      signedInAs: forStaff ? visitor.signedIn?.userId : undefined,
    }),
    participants,
    rating: registers.rating === undefined ? undefined : compact(registers.rating),
    wrapUp: forStaff && registers.wrapUp !== undefined ? compact(registers.wrapUp) : undefined,
    translating: registers.translating ?? undefined,
    signInWanted: registers.signInWanted === true && chat.state.state === "bot" ? true : undefined,
    read: { visitor: chat.read.visitor, agent: chat.read.agent },
    vector: forStaff ? chat.log.vector() : chat.log.publicVector(),
  });
}

/** An object without its undefined fields: absent fields are absent on the wire. */
export function compact<T extends object>(value: T): Compact<T> {
  // Only fields that are undefined are taken out, which is what the type says.
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Compact<T>;
}

/** The fields that may be undefined become optional, and are not. */
export type Compact<T> =
  & { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] }
  & { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> };

function unlessEmpty(answers: Answers): Record<string, string> | undefined {
  return Object.keys(answers).length === 0 ? undefined : { ...answers };
}

/** An agent's name as people see it. */
export function nameOf(state: SiteState, agentId: AgentId): string {
  return state.agentConfigs.get(agentId)?.name ?? agentId;
}

function stateView(state: SiteState, chat: Chat): ChatStateView {
  const value = chat.state;
  switch (value.state) {
    case "bot":
      return value;
    case "waiting": {
      const { chatId, departmentId } = chat;
      const position = state.waiting.of(departmentId).position(chatId);
      const estimateMs = position === undefined ? undefined : estimatedWaitMs(
        position,
        state.pools.capacity(departmentId).chats,
        state.durations.mean(),
      );
      return compact({ state: "waiting" as const, since: value.since, position, estimateMs });
    }
    case "active":
      return {
        state: "active",
        since: value.since,
        agentId: value.agentId,
        agentName: nameOf(state, value.agentId),
      };
    case "ended":
      return value;
    default:
      return unreachable(value);
  }
}

/**
 * What somebody is told of in welcome and heartbeat: the visitor's running chat, the chats that an
 * agent has, joined or monitors and its threads, and those named that it may see.
 */
export function conversationsToShow(
  state: SiteState,
  presence: Presence,
  named: readonly string[],
): (Chat | Thread)[] {
  const found = new Set<Chat | Thread>();
  if (presence.type === "visitor") {
    const running = state.runningOf.get(presence.visitorId);
    if (running !== undefined) found.add(running);
  } else {
    const { agentId } = presence;
    const own = [
      state.ongoingOf(agentId),
      state.attendingOf(agentId),
      state.threadsOf.get(agentId),
    ];
    for (const chatIds of own) {
      for (const chatId of chatIds ?? []) {
        const chat = state.conversation(chatId);
        if (chat !== undefined) found.add(chat);
      }
    }
  }
  for (const chatId of named) {
    // A name that no chat has is simply not found.
    const chat = state.conversation(chatId as ChatId);
    if (chat !== undefined && sideOf(presence, chat) !== undefined) found.add(chat);
  }
  return [...found];
}
