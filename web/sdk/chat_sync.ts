import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ClientFrame, FrameOf } from "./frame.ts";
import { limits } from "./limits.ts";
import { utf8Bytes } from "./text.ts";
import type { Transcript } from "./transcript.ts";
import { bounded, covers, exceeds, union, type Vector } from "./vector.ts";

/**
 * Fetching of what the server has and this side lacks. A run goes from the newest page back to the
 * oldest; `news` counts what it brought, so that a run which brings nothing is never repeated.
 */
export type FetchState =
  | { readonly state: "level" }
  | { readonly state: "wanted"; readonly before: number | undefined; readonly news: number }
  | { readonly state: "asked"; readonly before: number | undefined; readonly news: number };

/** Uploading of what the server asked for: `slice` is under way, `queue` comes after it. */
export type UploadState =
  | { readonly state: "none" }
  | { readonly state: "ready"; readonly queue: readonly SignedEntry[] }
  | {
    readonly state: "sent";
    readonly slice: readonly SignedEntry[];
    readonly queue: readonly SignedEntry[];
  };

/** The requests by which entries travel; a refusal names them only by type. */
export type TransferType = "get_entries" | "upload_entries";

/**
 * Makes one chat's transcript and the server's equal: pages down, slices up, one of each in flight.
 */
export class ChatSync {
  readonly #chatId: ChatId;
  readonly #transcript: Transcript;
  /** What the server is known to hold. */
  #target: Vector = {};
  /**
   * Whether that was said anew since it was last compared; without news a vain fetch is not
   * repeated.
   */
  #told = false;
  #fetch: FetchState = { state: "level" };
  #upload: UploadState = { state: "none" };
  /**
   * Ids of entries that the server refused: offered again they would keep their neighbours from it.
   */
  readonly #unwanted = new Set<string>();

  constructor(chatId: ChatId, transcript: Transcript) {
    this.#chatId = chatId;
    this.#transcript = transcript;
  }

  /** Whether everything that the server is known to hold is here. */
  get level(): boolean {
    return this.#fetch.state === "level";
  }

  /** Whether there is nothing to fetch and nothing to upload. */
  get idle(): boolean {
    return this.#fetch.state === "level" && this.#upload.state === "none";
  }

  /** Transfers under way, for the limit over all chats. */
  get inFlight(): number {
    return (this.#fetch.state === "asked" ? 1 : 0) + (this.#upload.state === "sent" ? 1 : 0);
  }

  /** A new connection: nothing is under way, and what the old server held says nothing. */
  reset(): void {
    this.#target = {};
    this.#told = false;
    this.#fetch = { state: "level" };
    this.#upload = { state: "none" };
  }

  /** The server holds at least this. Call `compare` once all frames of a message are in. */
  learn(vector: Vector): void {
    this.#target = union(this.#target, vector);
    this.#told = true;
  }

  /** Wants pages when the server said that it holds more. */
  compare(): void {
    if (!this.#told || this.#fetch.state !== "level" || this.#transcript.full) return;
    this.#told = false;
    if (!exceeds(this.#target, this.#transcript.vector)) return;
    this.#fetch = { state: "wanted", before: undefined, news: 0 };
  }

  /** Takes a page in; returns its entries that were new. */
  page(frame: FrameOf<"entries">): readonly SignedEntry[] {
    const fresh = frame.entries.filter((entry) => this.#transcript.add(entry));
    this.#target = union(this.#target, frame.vector);
    if (this.#fetch.state !== "asked") return fresh;
    const news = this.#fetch.news + fresh.length;
    const older = frame.before ?? frame.entries[0]?.order;
    const before = this.#fetch.before;
    const goesBack = older !== undefined && (before === undefined || older < before);
    if (frame.more && goesBack && !this.#transcript.full) {
      this.#fetch = { state: "wanted", before: older, news };
      return fresh;
    }
    this.#fetch = { state: "level" };
    if (news > 0) this.#told = true;
    return fresh;
  }

  /** The server asked for what `have` does not cover. */
  want(have: Vector): void {
    const lacked = this.#transcript.lackedBy(have);
    const queue = lacked.filter(({ id }) => !this.#unwanted.has(id));
    if (this.#upload.state === "sent") this.#upload = { ...this.#upload, queue };
    else this.#upload = queue.length === 0 ? { state: "none" } : { state: "ready", queue };
  }

  /** A slice arrived; goes on with what the server still lacks. */
  uploaded(frame: FrameOf<"uploaded">): void {
    for (const { id } of frame.refused) this.#unwanted.add(id);
    if (this.#upload.state !== "sent") return;
    const queue = this.#upload.queue.filter((entry) => !covers(frame.vector, entry));
    this.#upload = queue.length === 0 ? { state: "none" } : { state: "ready", queue };
  }

  /**
   * A request of this chat was refused: it is made again, or given up until the server says more.
   */
  refused(type: TransferType, { retryable }: { retryable: boolean }): void {
    if (type === "get_entries" && this.#fetch.state === "asked") {
      this.#fetch = retryable ? { ...this.#fetch, state: "wanted" } : { state: "level" };
    }
    if (type === "upload_entries" && this.#upload.state === "sent") {
      const queue = [...this.#upload.slice, ...this.#upload.queue];
      this.#upload = retryable ? { state: "ready", queue } : { state: "none" };
    }
  }

  /** The next request, which then counts as under way; undefined when there is nothing to ask. */
  next(): ClientFrame | undefined {
    if (this.#fetch.state === "wanted") {
      const { before, news } = this.#fetch;
      this.#fetch = { state: "asked", before, news };
      const have = bounded(this.#transcript.vector);
      const ask = { type: "get_entries", chatId: this.#chatId, have } as const;
      return before === undefined ? ask : { ...ask, before };
    }
    if (this.#upload.state !== "ready") return undefined;
    const entries = sliceOf(this.#upload.queue);
    const queue = this.#upload.queue.slice(entries.length);
    this.#upload = { state: "sent", slice: entries, queue };
    return { type: "upload_entries", chatId: this.#chatId, entries };
  }
}

/** The longest head of the queue that fits one upload; always at least one entry. */
function sliceOf(queue: readonly SignedEntry[]): SignedEntry[] {
  const slice: SignedEntry[] = [];
  let bytes = 0;
  for (const entry of queue) {
    bytes += utf8Bytes(JSON.stringify(entry)) + 1;
    if (slice.length > 0 && bytes > limits.pageBytesMax) break;
    if (slice.push(entry) === limits.pageEntriesMax) break;
  }
  return slice;
}
