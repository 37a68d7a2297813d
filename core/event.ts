import type { Hello } from "./client_frames.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import type { Entry, EntryFile } from "./entry.ts";
import type { SignedIn } from "./fact.ts";
import type {
  AgentId,
  ChatId,
  CommandId,
  ConnectionNo,
  Millis,
  TenureId,
  VisitorId,
} from "./ids.ts";
import type { SiteConfig } from "./site_config.ts";

/**
 * A login across connections: who a token says its bearer is. The visit is the seed's sessionId.
 */
export type Session =
  | {
    readonly type: "visitor";
    readonly visitorId: VisitorId;
    readonly visitId: string;
    readonly signedIn?: SignedIn | undefined;
  }
  | {
    readonly type: "agent";
    readonly agentId: AgentId;
    /** What the agent's was when it logged in; without it, what it is. */
    readonly tokenVersion?: number | undefined;
  };

/** Frames that reach the engine as they are. The others come as events of their own. */
export type EngineFrame = Exclude<
  VisitorFrame | AgentFrame,
  { type: "hello" } | { type: "upload_entries" } | { type: "sign_in" }
>;

/** What a live neighbour (bot, translation, file scan) came back with for one request. */
export type NeighbourAnswer =
  | { readonly kind: "bot_message"; readonly text: string }
  | { readonly kind: "bot_handed_over"; readonly text?: string | undefined }
  | { readonly kind: "bot_sign_in_wanted"; readonly text: string }
  | { readonly kind: "translation"; readonly changes: string; readonly text: string }
  | {
    readonly kind: "scan_result";
    readonly changes: string;
    readonly result: "passed" | "infected" | "failed";
  }
  | { readonly kind: "failed"; readonly why: string };

/** What reached the engine. Time and ids come with it; `at` never runs backwards within a site. */
export type Event =
  /** The node serves the site from here on, under a new tenure. Always the first event. */
  | { readonly type: "activated"; readonly at: Millis; readonly tenure: TenureId }
  /**
   * A page of a visitor was loaded; it holds no WebSocket yet. Answered by an `arrival` to `query`.
   */
  | {
    readonly type: "visitor_arrived";
    readonly at: Millis;
    readonly visitorId: VisitorId;
    readonly visitId: string;
    readonly address?: string | undefined;
    readonly url?: string | undefined;
    readonly title?: string | undefined;
    readonly referrer?: string | undefined;
    readonly visits?: number | undefined;
    /** Who the site's own pages say it is, as the shell has checked. */
    readonly signedIn?: SignedIn | undefined;
    readonly query: number;
  }
  | {
    readonly type: "connected";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly session: Session;
    readonly hello: Hello;
    /** The peer's address, for bans. */
    readonly address?: string | undefined;
  }
  | {
    readonly type: "frame_received";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly frame: EngineFrame;
  }
  /** The shell has checked the site's token: who it names, or what is wrong with it. */
  | {
    readonly type: "visitor_signed_in";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly commandId: CommandId;
    readonly signedIn: SignedIn | { readonly fault: string };
  }
  /** Entries whose signatures the shell has checked; `forged` are the ids of those that failed. */
  | {
    readonly type: "entries_uploaded";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly chatId: ChatId;
    readonly entries: readonly Entry[];
    readonly forged: readonly string[];
  }
  /** A file of a visitor or an agent lies in the attachment store. */
  | {
    readonly type: "file_attached";
    readonly at: Millis;
    readonly chatId: ChatId;
    readonly by: Session;
    /** The attachment's identity, chosen by its sender. */
    readonly id: string;
    readonly file: EntryFile;
  }
  /** Keyed (chatId, requestId): the same answer twice becomes one entry. */
  | {
    readonly type: "neighbour_answered";
    readonly at: Millis;
    readonly chatId: ChatId;
    readonly requestId: string;
    readonly answer: NeighbourAnswer;
  }
  | { readonly type: "disconnected"; readonly at: Millis; readonly connection: ConnectionNo }
  /** The time that the site asked for with wakeAt has come. */
  | { readonly type: "woken"; readonly at: Millis }
  /** The process stood still for seconds: what looked like absence may have been ours. */
  | { readonly type: "stalled"; readonly at: Millis }
  | { readonly type: "config_changed"; readonly at: Millis; readonly config: SiteConfig }
  /** Everything of a visitor is to be dropped; asked for by whoever may. [OP10] */
  | {
    readonly type: "visitor_erased";
    readonly at: Millis;
    readonly visitorId: VisitorId;
    readonly query: number;
  }
  | {
    readonly type: "transcript_asked";
    readonly at: Millis;
    readonly chatId: ChatId;
    readonly reader: Session;
    readonly query: number;
  };
