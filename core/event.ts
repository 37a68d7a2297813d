import type { Entry } from "./entry.ts";
import type { AgentId, ChatId, ConnectionNo, Millis, TenureId, VisitorId } from "./ids.ts";
import type { AgentFrame, Hello, VisitorFrame } from "./protocol.ts";
import type { SiteConfig } from "./site_config.ts";

/**
 * A login across connections: who a token says its bearer is. The visit is the seed's sessionId.
 */
export type Session =
  | { readonly type: "visitor"; readonly visitorId: VisitorId; readonly visitId: string }
  | { readonly type: "agent"; readonly agentId: AgentId };

/** Frames that reach the engine as they are. Hellos and uploads come as events of their own. */
export type EngineFrame = Exclude<
  VisitorFrame | AgentFrame,
  { type: "hello" } | { type: "upload_entries" }
>;

/** What reached the engine. Time and ids come with it; `at` never runs backwards within a site. */
export type Event =
  /** The node serves the site from here on, under a new tenure. Always the first event. */
  | { readonly type: "activated"; readonly at: Millis; readonly tenure: TenureId }
  | {
    readonly type: "connected";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly session: Session;
    readonly hello: Hello;
  }
  | {
    readonly type: "frame_received";
    readonly at: Millis;
    readonly connection: ConnectionNo;
    readonly frame: EngineFrame;
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
  | { readonly type: "disconnected"; readonly at: Millis; readonly connection: ConnectionNo }
  /** The time that the site asked for with wakeAt has come. */
  | { readonly type: "woken"; readonly at: Millis }
  /** The process stood still for seconds: what looked like absence may have been ours. */
  | { readonly type: "stalled"; readonly at: Millis }
  | { readonly type: "config_changed"; readonly at: Millis; readonly config: SiteConfig }
  | {
    readonly type: "transcript_asked";
    readonly at: Millis;
    readonly chatId: ChatId;
    readonly reader: Session;
    readonly query: number;
  };
