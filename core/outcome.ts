import type { CloseName } from "./close_code.ts";
import type { Vector } from "./cursor.ts";
import type { Entry } from "./entry.ts";
import type { Fact } from "./fact.ts";
import type { ChatId, ConnectionNo } from "./ids.ts";
import type { Job } from "./job.ts";
import type { ChatView, ServerFrame } from "./protocol.ts";

/**
 * A transcript as the API gives it: a chat and its entries in order of display, each identity once.
 */
export interface Transcript {
  readonly chat: ChatView;
  readonly entries: readonly Entry[];
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
  };

/**
 * One event's result, in the order it must happen: commit facts and jobs together, only then send.
 */
export interface Outcome {
  readonly facts: readonly Fact[];
  readonly jobs: readonly Job[];
  readonly sends: readonly Send[];
}
