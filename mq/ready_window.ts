import type { StoredMessage } from "./kv_record.ts";

/** A ready message, and its payload's JSON while it is new. */
export interface ReadyMessage extends StoredMessage {
  readonly json?: string;
}

/**
 * The first ready messages of a queue in memory, in order, so that handing one out mostly reads
 * nothing. Every ready message up to a place is here; those behind it are only on disk, unless the
 * window is complete.
 */
export class ReadyWindow {
  #messages: ReadyMessage[] = [];
  #head = 0;
  #upTo = 0;
  #isComplete = false;
  #jsonChars = 0;
  readonly #messagesMax: number;
  readonly #jsonCharsMax: number;

  constructor(messagesMax = 2_000, jsonCharsMax = 2_000_000) {
    this.#messagesMax = messagesMax;
    this.#jsonCharsMax = jsonCharsMax;
  }

  get size(): number {
    return this.#messages.length - this.#head;
  }

  /** Whether there may be ready messages that only the disk knows. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The place behind which the disk is to be read. */
  get upTo(): number {
    return this.#upTo;
  }

  /** A message became ready. */
  offer(message: ReadyMessage): void {
    if (!this.#isComplete && message.seq > this.#upTo) return;
    const { json = "" } = message;
    const fits = this.#jsonChars + json.length <= this.#jsonCharsMax;
    this.#insert(fits ? message : without(message));
    this.#upTo = Math.max(this.#upTo, message.seq);
    if (this.size > this.#messagesMax) this.#trim();
  }

  get first(): ReadyMessage | undefined {
    return this.#messages[this.#head];
  }

  /** Takes up to `max` messages out, the first ones, those before one that is `not` to come. */
  take(max: number, not: (message: ReadyMessage) => boolean = () => false): ReadyMessage[] {
    const some = this.#messages.slice(this.#head, this.#head + max);
    const end = some.findIndex(not);
    const taken = end === -1 ? some : some.slice(0, end);
    this.#head += taken.length;
    for (const { json = "" } of taken) this.#jsonChars -= json.length;
    if (this.#head > 1_000 || this.size === 0) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** What the disk has behind `upTo`, in order; `isEnd`: there is nothing behind these. */
  fill(messages: readonly ReadyMessage[], upTo: number, isEnd: boolean): void {
    for (const message of messages) this.#insert(message);
    this.#upTo = Math.max(this.#upTo, upTo);
    this.#isComplete = isEnd;
  }

  /** The message is gone. */
  remove(seq: number): void {
    const place = this.#placeOf(seq);
    const message = this.#messages[place];
    if (message?.seq !== seq) return;
    this.#jsonChars -= message.json?.length ?? 0;
    this.#messages.splice(place, 1);
  }

  #insert(message: ReadyMessage): void {
    const place = this.#placeOf(message.seq);
    if (this.#messages[place]?.seq === message.seq) return;
    this.#jsonChars += message.json?.length ?? 0;
    if (place === this.#messages.length) this.#messages.push(message);
    else this.#messages.splice(place, 0, message);
  }

  /** The place of the first message whose seq is not smaller. */
  #placeOf(seq: number): number {
    const last = this.#messages.at(-1);
    if (last === undefined || last.seq < seq) return this.#messages.length;
    let low = this.#head;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#messages[middle]?.seq ?? Infinity) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Leaves the second half to the disk. */
  #trim(): void {
    const kept = this.#messages.slice(this.#head, this.#head + (this.size >> 1));
    this.#messages = kept;
    this.#head = 0;
    this.#jsonChars = kept.reduce((sum, { json = "" }) => sum + json.length, 0);
    this.#upTo = kept.at(-1)?.seq ?? this.#upTo;
    this.#isComplete = false;
  }
}

function without({ json: _, ...message }: ReadyMessage): ReadyMessage {
  return message;
}
