import type { Chat } from "./chat.ts";
import type { AgentId, ConnectionNo } from "./ids.ts";
import type { Presence } from "./presence.ts";
import type { ChatStateView, ChatView } from "./protocol.ts";
import type { SiteState } from "./site_state.ts";
import { unreachable } from "./assert.ts";

/** Which side of a chat somebody stands on. Everything pushed is chosen by it. [SE2] */
export type Side = "visitor" | "agent";

/** The agent's console in this chat. Staff entries go to this side only. */
export function agentSide(state: SiteState, chat: Chat): ConnectionNo[] {
  const agentId = chat.agentId ?? chat.agentIds.at(-1);
  const tab = agentId === undefined ? undefined : state.consoles.get(agentId)?.tab;
  return tab === undefined ? [] : [tab.connection];
}

/** All tabs of the chat's visitor. */
export function visitorSide(state: SiteState, chat: Chat): ConnectionNo[] {
  return state.visitors.get(chat.visitorId)?.tabs.map((tab) => tab.connection) ?? [];
}

/** Everybody in the chat but one connection: the receivers of an entry or a typing notice. */
export function othersIn(
  state: SiteState,
  chat: Chat,
  options: { readonly but?: ConnectionNo; readonly staffOnly?: boolean },
): ConnectionNo[] {
  const others: ConnectionNo[] = [];
  const agentId = chat.agentId ?? chat.agentIds.at(-1);
  const console = agentId === undefined ? undefined : state.consoles.get(agentId)?.tab;
  if (console !== undefined && console.connection !== options.but) others.push(console.connection);
  if (options.staffOnly) return others;
  const visitor = state.visitors.get(chat.visitorId);
  if (visitor === undefined) return others;
  for (const tab of visitor.tabs) {
    if (tab.connection !== options.but) others.push(tab.connection);
  }
  return others;
}

/** The side on which someone may see the chat, undefined when not at all. */
export function sideOf(presence: Presence, chat: Chat): Side | undefined {
  if (presence.type === "visitor") {
    return chat.visitorId === presence.visitorId ? "visitor" : undefined;
  }
  return chat.agentIds.includes(presence.agentId) ? "agent" : undefined;
}

/** The chat as this side may see it. */
export function viewOf(state: SiteState, chat: Chat, side: Side): ChatView {
  return {
    chatId: chat.chatId,
    state: stateView(state, chat),
    requestedAt: chat.requestedAt,
    visitor: {
      id: chat.visitorId,
      ...(chat.name === undefined ? {} : { name: chat.name }),
      ...(chat.email === undefined ? {} : { email: chat.email }),
    },
    read: { visitor: chat.read.visitor, agent: chat.read.agent },
    vector: side === "visitor" ? chat.publicVector() : chat.vector(),
  };
}

/** An agent's name as people see it. */
export function nameOf(state: SiteState, agentId: AgentId): string {
  return state.agentConfigs.get(agentId)?.name ?? agentId;
}

function stateView(state: SiteState, chat: Chat): ChatStateView {
  const value = chat.state;
  switch (value.state) {
    case "waiting": {
      const position = state.waiting.position(chat.chatId);
      return { ...value, ...(position === undefined ? {} : { position }) };
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
