import type { CloseName } from "./close_code.ts";
import type { Vector } from "./cursor.ts";
import type { Entry } from "./entry.ts";
import type { Fact } from "./fact.ts";
import type { ChatId, ConnectionNo, Millis } from "./ids.ts";
import type { Job } from "./job.ts";
import type { ServerFrame } from "./server_frames.ts";
import type { Availability, ChatView } from "./views.ts";

/**
 * A transcript as the API gives it: a chat and its entries in order of display, each identity once.
 */
export interface Transcript {
  readonly chat: ChatView;
  readonly entries: readonly Entry[];
}

/** What a page load is told: whether it may hold a WebSocket, and what the button shows. */
export interface Arrival {
  /** The visit that goes on, or begins with this page. */
  readonly visitId: string;
  readonly banned: boolean;
  /** In the list that agents see; others connect only when they open the window. [EN5] */
  readonly tracked: boolean;
  readonly hasChat: boolean;
  readonly availability: Availability;
}

/**
 * A request to a live neighbour. It is answered by neighbour_answered, or counts as failed at its
 * deadline. Volatile: what is lost with the node is given up at the deadline or asked anew.
 */
export interface NeighbourRequest {
  readonly requestId: string;
  readonly chatId: ChatId;
  readonly kind: "bot" | "translation" | "scan";
  /** What it is about; a bot that greets first has nothing yet. */
  readonly entry?: Entry | undefined;
  readonly language?: string | undefined;
  readonly until: Millis;
}

/**
 * What leaves the process once the facts before it are on disk. Entries go unsigned; the shell
 * signs and encodes each once for all its receivers.
 */
export type Send =
  | { readonly type: "frame"; readonly to: readonly ConnectionNo[]; readonly frame: ServerFrame }
  | { readonly type: "entry"; readonly to: readonly ConnectionNo[]; readonly entry: Entry }
  | { readonly type: "ack"; readonly to: ConnectionNo; readonly entry: Entry }
  | {
    readonly type: "page";
    readonly to: ConnectionNo;
    readonly chatId: ChatId;
    readonly entries: readonly Entry[];
    readonly vector: Vector;
    readonly more: boolean;
    readonly before?: number | undefined;
  }
  | { readonly type: "close"; readonly to: ConnectionNo; readonly code: CloseName }
  | {
    readonly type: "transcript";
    readonly query: number;
    readonly transcript: Transcript | undefined;
  }
  | { readonly type: "erasure"; readonly query: number; readonly erasure: Erasure }
  | { readonly type: "arrival"; readonly query: number; readonly arrival: Arrival }
  | { readonly type: "neighbour"; readonly request: NeighbourRequest };

/** What became of the wish to drop a visitor: not while its chat runs. */
export type Erasure =
  | { readonly type: "erased"; readonly chatIds: readonly ChatId[] }
  | { readonly type: "has_chat"; readonly chatId: ChatId };

/**
 * One event's result, in the order it must happen: commit facts and jobs together, only then send.
 */
export interface Outcome {
  readonly facts: readonly Fact[];
  readonly jobs: readonly Job[];
  readonly sends: readonly Send[];
}
