import { agentSide, viewOf, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { ChatId, VisitorId } from "./ids.ts";
import type { Tab } from "./presence.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/** Tells everybody in the chat how its registers stand now. */
export function showChat(turn: Turn, chat: Chat): void {
  const { state } = turn;
  turn.send(visitorSide(state, chat), { type: "chat", chat: viewOf(state, chat, "visitor") });
  showStaff(turn, chat);
}

/** Tells the agents in the chat alone: what changed is not for the visitor. [SE2] */
export function showStaff(turn: Turn, chat: Chat): void {
  const { state } = turn;
  turn.send(agentSide(state, chat), { type: "chat", chat: viewOf(state, chat, "agent") });
}

/** The agent is out of the chat, and owes nothing of it: when it comes back all is new. [CN5] */
export function showLeft(turn: Turn, tab: Tab, chatId: ChatId): void {
  tab.owed?.delete(chatId);
  turn.send(tab.connection, { type: "chat_left", chatId });
}

/** The visitor's row is to be told anew; of one that is not tracked the totals only. [EN5] */
export function markVisitor(state: SiteState, visitorId: VisitorId): void {
  const { visitors } = state.feeds;
  if (state.trackedVisitors.has(visitorId)) visitors.mark(visitorId);
  else visitors.touch();
}
