import { agentSide, viewOf, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { Turn } from "./turn.ts";

/** Tells everybody in the chat how its registers stand now. */
export function showChat(turn: Turn, chat: Chat): void {
  const { state } = turn;
  turn.send(visitorSide(state, chat), { type: "chat", chat: viewOf(state, chat, "visitor") });
  turn.send(agentSide(state, chat), { type: "chat", chat: viewOf(state, chat, "agent") });
}
