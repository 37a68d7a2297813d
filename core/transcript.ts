import { viewOf } from "./audience.ts";
import type { Event } from "./event.ts";
import type { Turn } from "./turn.ts";

/**
 * Answers a read of the transcript API: a visitor reads its own chats, public entries only; agents
 * read any chat of their site. [SE2]
 */
export function readTranscript(
  turn: Turn,
  asked: Extract<Event, { type: "transcript_asked" }>,
): void {
  const { state } = turn;
  const { reader, query } = asked;
  const chat = state.chats.get(asked.chatId);
  const allowed = chat !== undefined &&
    (reader.type === "agent" || chat.visitorId === reader.visitorId);
  turn.sends.push({
    type: "transcript",
    query,
    transcript: !allowed ? undefined : {
      chat: viewOf(state, chat, reader.type),
      entries: chat.log.transcript().filter((entry) =>
        reader.type === "agent" || entry.stream === "public"
      ),
    },
  });
}
