import { type ChatId, timeOfUlid } from "./ids.ts";
import { limits } from "./limits.ts";
import type { Turn } from "./turn.ts";

/** An ended chat is dropped; that its id was used stays known. [CH5, CH7] */
export function forgetChat(turn: Turn, chatId: ChatId): void {
  const { spentIds } = turn.state;
  turn.record({ type: "chat_forgotten", chatId });
  const batch = spentIds.batchFor(turn.at);
  turn.record({ type: "chat_id_spent", chatId, batch, at: turn.at });
  if (spentIds.size > limits.spentIdsMax) dropOldest(turn);
  waitForOldest(turn);
}

/** A thread in which nobody wrote for long is dropped, an ended chat after a day. */
export function forgetDue(turn: Turn, chatId: ChatId): void {
  const { state } = turn;
  const thread = state.threads.get(chatId);
  if (thread !== undefined) {
    const at = thread.log.lastOrder + limits.threadKeptMs;
    if (at > turn.at) return state.deadlines.setBy(`forget/${chatId}`, at);
    return turn.record({ type: "chat_forgotten", chatId });
  }
  if (state.ended.has(chatId)) forgetChat(turn, chatId);
}

/** The oldest spent ids may have been kept for long enough. */
export function spentIdsDue(turn: Turn): void {
  const oldest = turn.state.spentIds.oldest();
  if (oldest !== undefined && oldest.until <= turn.at) dropOldest(turn);
  waitForOldest(turn);
}

/** From when on the oldest spent ids need not be kept. */
export function waitForOldest({ state, at }: Turn): void {
  const until = state.spentIds.oldest()?.until;
  if (until !== undefined) state.deadlines.setBy("spent", Math.max(until, at));
}

function dropOldest(turn: Turn): void {
  const oldest = turn.state.spentIds.oldest();
  if (oldest === undefined) return;
  const madeAt = [...oldest.batch.ids].map(timeOfUlid);
  turn.record({ type: "ids_outdated", until: Math.max(...madeAt) });
  turn.record({ type: "spent_ids_dropped", batch: oldest.no });
}
