import { visitorGone } from "./arriving.ts";
import type { Event } from "./event.ts";
import { forgetChat } from "./forgetting.ts";
import type { VisitorId } from "./ids.ts";
import { markVisitor } from "./showing.ts";
import type { Turn } from "./turn.ts";

/**
 * A visitor is erased: its ended chats and what was remembered of it are dropped here, as the
 * archive drops them. One whose chat runs is not: the answer says so, and nothing changes. [ER1]
 */
export function eraseVisitor(
  turn: Turn,
  { visitorId, query }: Extract<Event, { type: "visitor_erased" }>,
): void {
  const { state } = turn;
  const running = state.runningOf.get(visitorId);
  if (running !== undefined) {
    turn.sends.push({
      type: "erasure",
      query,
      erasure: { type: "has_chat", chatId: running.chatId },
    });
    return;
  }
  // An operator's rare act: it may look at every ended chat, of which there are few.
  const chatIds = [...state.ended.keys()].filter((chatId) =>
    state.chats.get(chatId)?.visitorId === visitorId
  );
  for (const chatId of chatIds) forgetChat(turn, chatId);
  if (state.visitorRegisters.has(visitorId)) turn.record({ type: "visitor_forgotten", visitorId });
  forgetPresence(turn, visitorId);
  turn.sends.push({ type: "erasure", query, erasure: { type: "erased", chatIds } });
}

/**
 * One that is not connected leaves the list. Of one that is, nothing is known any more but that it
 * is here: its open pages go on.
 */
function forgetPresence(turn: Turn, visitorId: VisitorId): void {
  const { state } = turn;
  const visitor = state.visitors.get(visitorId);
  if (visitor === undefined) return;
  if (visitor.tabs.length === 0) return visitorGone(turn, visitor);
  visitor.name = undefined;
  visitor.email = undefined;
  visitor.fields = undefined;
  visitor.variables = undefined;
  visitor.commands = undefined;
  visitor.pages = undefined;
  visitor.pageCount = 0;
  visitor.referrer = undefined;
  visitor.visits = 1;
  markVisitor(state, visitorId);
}
