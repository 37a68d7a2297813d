import type { Vector } from "./cursor.ts";
import type { Author } from "./entry.ts";
import type { AgentId, ChatId, ConnectionId, ConnectionNo, Millis, VisitorId } from "./ids.ts";

/** One connected page. What it was told last and still owes is how a one-way loss is found. */
export interface Tab {
  readonly connection: ConnectionNo;
  readonly connectionId: ConnectionId;
  /** When its person told it to connect, and which socket since then it is; see the hello. */
  readonly startedAt?: Millis | undefined;
  readonly attempt?: number | undefined;
  /** Vectors that this page lacked at its last heartbeat; by the next it must have them. */
  owed?: Map<ChatId, Vector> | undefined;
  /** Whether it asked for pages since its last heartbeat: slow, but not lost. */
  fetches?: boolean;
  /** Chats whose entries the server asked this page for. */
  asked?: Set<ChatId> | undefined;
}

/** A visitor that is connected, or was within the grace. Volatile: never journaled. */
export interface VisitorPresence {
  readonly type: "visitor";
  /** What its entries are written by: one object for all of them. */
  readonly author: Author;
  readonly visitorId: VisitorId;
  readonly visitId: string;
  tabs: Tab[];
  url?: string;
  title?: string;
  /** Since when no tab is connected. */
  lostAt?: Millis | undefined;
}

/** An agent's console: connected, or away for less than the grace. Volatile. */
export interface AgentPresence {
  readonly type: "agent";
  readonly author: Author;
  readonly agentId: AgentId;
  tab: Tab | undefined;
  lostAt: Millis | undefined;
  /** Since when the agent has been online and present, for the order of idle agents. */
  idleSince: Millis;
  lastAllocatedAt: Millis;
}

/** Who is behind a connection. */
export type Presence = VisitorPresence | AgentPresence;

/** An agent without a console from `at` on. */
export function absentAgent(agentId: AgentId, at: Millis): AgentPresence {
  return {
    type: "agent",
    author: { type: "agent", id: agentId },
    agentId,
    tab: undefined,
    lostAt: at,
    idleSince: at,
    lastAllocatedAt: 0,
  };
}
