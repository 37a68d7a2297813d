import { viewOf, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import type { WaitingChat } from "./protocol.ts";
import type { Turn } from "./turn.ts";

/** A waiting chat as agents see it. */
export function waitingChat(chat: Chat): WaitingChat {
  return {
    chatId: chat.chatId,
    visitorId: chat.visitorId,
    ...(chat.name === undefined ? {} : { name: chat.name }),
    since: chat.requestedAt,
  };
}

/**
 * Tells agents how the waiting queue changed and visitors their new positions: at once when the
 * last push is long enough ago, else when it is. One frame for all agents. [WQ3]
 */
export function pushQueue(turn: Turn): void {
  const { state } = turn;
  if (!state.waiting.changed) return;
  const earliest = state.pushedAt + limits.pushIntervalMs;
  if (turn.at < earliest) return state.deadlines.setBy("push", earliest);
  state.pushedAt = turn.at;
  for (const [chatId] of state.waiting.takePositions()) {
    const chat = state.chats.get(chatId);
    if (chat === undefined) continue;
    turn.send(visitorSide(state, chat), { type: "chat", chat: viewOf(state, chat, "visitor") });
  }
  const { added, removed } = state.waiting.takeListed(limits.waitingListedMax);
  // Beyond the list the total alone may have changed; below it, nothing did.
  const unchanged = added.length === 0 && removed.length === 0;
  if (unchanged && state.waiting.size <= limits.waitingListedMax) return;
  const consoles: ConnectionNo[] = [];
  for (const console of state.consoles.values()) {
    if (console.tab !== undefined) consoles.push(console.tab.connection);
  }
  const chats = [];
  for (const chatId of added) {
    const chat = state.chats.get(chatId);
    if (chat !== undefined) chats.push(waitingChat(chat));
  }
  turn.send(consoles, { type: "waiting", added: chats, removed, total: state.waiting.size });
}
