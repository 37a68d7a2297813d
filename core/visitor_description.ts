import { markWaiting } from "./offering.ts";
import type { VisitorDescription } from "./fact.ts";
import type { Answers } from "./form.ts";
import type { VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import { markVisitor, showChat } from "./showing.ts";
import type { Turn } from "./turn.ts";

/** Changes what the visitor's running chat knows of it, if it has one and that changes. */
export function describe(
  turn: Turn,
  visitorId: VisitorId,
  change: (before: VisitorDescription) => VisitorDescription,
): void {
  const { state } = turn;
  markVisitor(state, visitorId);
  const chat = state.runningOf.get(visitorId);
  if (chat === undefined) return;
  const value = change(chat.visitor);
  if (JSON.stringify(value) === JSON.stringify(chat.visitor)) return;
  turn.record({
    type: "register_set",
    chatId: chat.chatId,
    change: { register: "visitor", value },
    at: turn.at,
    stamp: turn.stamp(chat),
  });
  markWaiting(state, chat);
  state.feeds.chats.mark(chat.chatId);
  showChat(turn, chat);
}

/** Named values with some changed: unnamed ones stay, an empty value removes one. */
export function changed(before: Answers, values: Answers): Answers {
  const after = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(values)) {
    if (value === "") after.delete(name);
    else after.set(name, value);
  }
  return Object.fromEntries(after);
}

/** Whether values that came one after the other are more than a visitor may have together. */
export function isTooMuch(values: Answers): boolean {
  const texts = Object.values(values);
  return texts.length > limits.fieldsMax || texts.join("").length > limits.answersCharsMax;
}
