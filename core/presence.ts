import type { Vector } from "./cursor.ts";
import type { Author } from "./entry.ts";
import type { SignedIn } from "./fact.ts";
import type { Answers } from "./form.ts";
import type {
  AgentId,
  ChatId,
  CommandId,
  ConnectionId,
  ConnectionNo,
  InvitationId,
  Millis,
  VisitorId,
} from "./ids.ts";

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

/** A page of a visit. */
export interface PageView {
  readonly url: string;
  readonly title: string;
  readonly at: Millis;
}

/** An invitation that a visitor was sent and has not answered. */
export interface OpenInvitation {
  readonly invitationId: InvitationId;
  readonly text: string;
  /** Who invited; nobody when the site's rules did. */
  readonly agentId?: AgentId | undefined;
  readonly at: Millis;
  /** What the visitor's page said of it so far. */
  answered?: "shown" | "accepted" | undefined;
}

/** A visitor that is connected or was within the grace. Volatile: never journaled. */
export interface VisitorPresence {
  readonly type: "visitor";
  /** What its entries are written by: one object for all of them. */
  readonly author: Author;
  readonly visitorId: VisitorId;
  visitId: string;
  tabs: Tab[];
  readonly arrivedAt: Millis;
  /** Whether agents see it; decided when it was created, never later. [EN5] */
  readonly tracked: boolean;
  address?: string | undefined;
  signedIn?: SignedIn | undefined;
  /** The pages of this visit, latest last; made with the first. */
  pages?: PageView[] | undefined;
  pageCount: number;
  referrer?: string | undefined;
  visits: number;
  variables?: Answers | undefined;
  /** Commands that set them, latest last. */
  commands?: readonly CommandId[] | undefined;
  /** Set by agents, or said with a chat or an offline message. */
  name?: string | undefined;
  email?: string | undefined;
  fields?: Answers | undefined;
  invitation?: OpenInvitation | undefined;
  /** Invitations of this visit: none is shown twice. */
  invited?: Set<InvitationId> | undefined;
  /** Since when no tab is connected. */
  lostAt?: Millis | undefined;
}

/** The lists that a console is told of. */
export type ListName = "waiting" | "visitors" | "chats" | "agents";

/** An agent's console: connected, or away for less than the grace. Volatile. */
export interface AgentPresence {
  readonly type: "agent";
  readonly author: Author;
  readonly agentId: AgentId;
  /** What the agent's tokenVersion was when it logged in; undefined when nobody knows. */
  tokenVersion: number | undefined;
  tab: Tab | undefined;
  lostAt: Millis | undefined;
  /** Since when the agent has been online and present, for the order of idle agents. */
  idleSince: Millis;
  /** Since when the agent has been online: its place in the round robin. */
  onlineSince: Millis;
  /** The round of the round robin in which its next turn is. */
  round: number;
  lastAllocatedAt: Millis;
  lists: ReadonlySet<ListName>;
  /** What it may see of every list: when that changes, it is shown all of them anew. */
  audience: string;
  /** Ids of a list's snapshot that it has not asked for yet. */
  readonly unsent: Map<ListName, Iterator<string>>;
  /** Waiting chats that are offered to it; they count to its limit. */
  readonly offers: Set<ChatId>;
}

/** Who is behind a connection. */
export type Presence = VisitorPresence | AgentPresence;

/** A visitor that has just come. */
export function arrivedVisitor(
  visitorId: VisitorId,
  arrived: {
    readonly visitId: string;
    readonly at: Millis;
    readonly tracked: boolean;
    readonly address?: string | undefined;
  },
): VisitorPresence {
  return {
    type: "visitor",
    author: { type: "visitor", id: visitorId },
    visitorId,
    visitId: arrived.visitId,
    tabs: [],
    arrivedAt: arrived.at,
    tracked: arrived.tracked,
    address: arrived.address,
    pageCount: 0,
    visits: 1,
  };
}

/** The lists of a console that has just connected: its welcome shows the waiting queue. */
export const waitingOnly: ReadonlySet<ListName> = new Set<ListName>(["waiting"]);

/** An agent without a console from `at` on. */
export function absentAgent(agentId: AgentId, at: Millis): AgentPresence {
  return {
    type: "agent",
    author: { type: "agent", id: agentId },
    agentId,
    tokenVersion: undefined,
    tab: undefined,
    lostAt: at,
    idleSince: at,
    onlineSince: at,
    round: 0,
    lastAllocatedAt: 0,
    lists: waitingOnly,
    audience: "",
    unsent: new Map(),
    offers: new Set(),
  };
}
