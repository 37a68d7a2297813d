import { viewOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { Event, Session } from "./event.ts";
import { may } from "./permission.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/**
 * Answers a read of the transcript API: a visitor reads its own chats, public entries only; agents
 * read those that they had or are in, or that they might monitor. [SE2, SE3]
 */
export function readTranscript(
  turn: Turn,
  asked: Extract<Event, { type: "transcript_asked" }>,
): void {
  const { state } = turn;
  const { reader, query } = asked;
  const chat = state.chats.get(asked.chatId);
  const allowed = chat !== undefined && mayRead(state, reader, chat);
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

function mayRead(state: SiteState, reader: Session, chat: Chat): boolean {
  if (reader.type === "visitor") return chat.visitorId === reader.visitorId;
  const agent = state.agentConfigs.get(reader.agentId);
  if (agent === undefined || agent.disabled) return false;
  const isTheirs = chat.agentId === reader.agentId || chat.participants.has(reader.agentId) ||
    (chat.state.state === "ended" && chat.agentIds.includes(reader.agentId));
  return isTheirs || may(agent, "monitor", chat.departmentId);
}
