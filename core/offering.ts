import type { Chat } from "./chat.ts";
import type { AgentId } from "./ids.ts";
import type { AgentPresence } from "./presence.ts";
import { waitingChat } from "./list_rows.ts";
import { offerAgent, servingDepartment } from "./routing.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/** Offers a waiting chat; who neither accepts nor refuses in time has missed it. [RT9] */
export function offerChat(turn: Turn, chat: Chat, agentId: AgentId, withinMs: number): void {
  const { state } = turn;
  const { chatId } = chat;
  const console = state.consoles.get(agentId);
  if (console === undefined) return;
  const until = turn.at + withinMs;
  console.offers.add(chatId);
  console.lastAllocatedAt = turn.at;
  state.offers.set(chatId, { agentId, until });
  state.waiting.of(chat.departmentId).hold(chatId);
  state.deadlines.setBy(`offer/${chatId}`, until);
  markWaiting(state, chat);
  offerAgent(turn, agentId);
  showOffer(turn, console, chat);
}

function showOffer(turn: Turn, console: AgentPresence, chat: Chat): void {
  const { state } = turn;
  const offered = state.offers.get(chat.chatId);
  if (offered === undefined || console.tab === undefined) return;
  turn.send(console.tab.connection, {
    type: "offer",
    chat: waitingChat(state, chat),
    until: offered.until,
  });
}

/** A console that came back is shown what is offered to its agent. [RT9] */
export function showOffers(turn: Turn, console: AgentPresence): void {
  for (const chatId of console.offers) {
    const chat = turn.state.chats.get(chatId);
    if (chat !== undefined) showOffer(turn, console, chat);
  }
}

/** The chat is offered to nobody any more, and can be tried again. */
export function withdrawOffer(turn: Turn, chat: Chat): void {
  const { state } = turn;
  const { chatId } = chat;
  const offered = state.offers.get(chatId);
  if (offered === undefined) return;
  state.offers.delete(chatId);
  state.deadlines.clear(`offer/${chatId}`);
  state.waiting.of(chat.departmentId).release(chatId);
  markWaiting(state, chat);
  const console = state.consoles.get(offered.agentId);
  console?.offers.delete(chatId);
  offerAgent(turn, offered.agentId);
  if (console?.tab !== undefined) {
    turn.send(console.tab.connection, { type: "offer_ended", chatId });
  }
}

/**
 * Takes back what was offered to an agent and is not for it any more: it is not online, or not of
 * the department. It has not missed these. [RT9]
 */
export function withdrawOffers(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  for (const chatId of [...state.consoles.get(agentId)?.offers ?? []]) {
    const chat = state.chats.get(chatId);
    if (chat === undefined) continue;
    const serving = servingDepartment(state, chat.departmentId);
    if (!state.pools.isCounted(agentId, serving)) withdrawOffer(turn, chat);
  }
}

/** The row of a waiting chat is to be told anew. */
export function markWaiting(state: SiteState, chat: Chat): void {
  state.waiting.of(chat.departmentId).mark(chat.chatId);
}
