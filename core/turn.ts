import { assert } from "./assert.ts";
import type { Chat } from "./chat.ts";
import { type Author, type Entry, type EntryKind, type Stream, systemAuthor } from "./entry.ts";
import type { Fact, RegisterStamp } from "./fact.ts";
import type { ConnectionNo, Millis, TenureId } from "./ids.ts";
import type { Job } from "./job.ts";
import type { Outcome, Send } from "./outcome.ts";
import type { ServerFrame } from "./protocol.ts";
import { type Refusal, refusalCodes } from "./refusal.ts";
import type { SiteState } from "./site_state.ts";

/** One event being decided: what it records, publishes and sends, in order. */
export class Turn implements Outcome {
  readonly facts: Fact[] = [];
  readonly jobs: Job[] = [];
  readonly sends: Send[] = [];
  readonly state: SiteState;
  readonly at: Millis;

  constructor(state: SiteState, at: Millis) {
    this.state = state;
    this.at = at;
  }

  /** The tenure under which everything here is stamped. */
  get tenure(): TenureId {
    const tenure = this.state.tenure;
    assert(tenure !== undefined, "A site decides nothing before it is activated");
    return tenure;
  }

  /** Decides a fact: it takes effect at once and leaves the process only when committed. */
  record(fact: Fact): void {
    this.state.apply(fact);
    this.facts.push(fact);
  }

  publish(job: Job): void {
    this.jobs.push(job);
  }

  send(to: ConnectionNo | readonly ConnectionNo[], frame: ServerFrame): void {
    const receivers = typeof to === "number" ? [to] : to;
    if (receivers.length > 0) this.sends.push({ type: "frame", to: receivers, frame });
  }

  /** Answers a frame that changed nothing. */
  refuse(to: ConnectionNo, re: string, refusal: Refusal): void {
    this.send(to, refusedFrame(re, refusal));
  }

  /** The stamp of a change of this chat's registers: above everything known in it. */
  stamp(chat: Chat): RegisterStamp {
    return { order: this.nextOrder(chat), tenure: this.tenure };
  }

  nextOrder(chat: Chat): number {
    return this.at > chat.lastOrder ? this.at : chat.lastOrder + 1;
  }

  /** Accepts an entry into the chat under the next stamp of its stream. */
  accept(
    chat: Chat,
    written: { author: Author; id: string; kind: EntryKind; text: string },
  ): Entry {
    const tenure = this.tenure;
    const stream: Stream = written.kind === "note" ? "staff" : "public";
    const entry: Entry = {
      chatId: chat.chatId,
      tenure,
      stream,
      n: chat.nextN(tenure, stream),
      order: this.nextOrder(chat),
      at: this.at,
      author: written.author,
      id: written.id,
      kind: written.kind,
      text: written.text,
    };
    this.record({ type: "message_accepted", entry });
    return entry;
  }

  /** Accepts an entry of the system; its id is derived from its cause. */
  acceptSystem(chat: Chat, kind: EntryKind, cause: string, text = ""): Entry {
    return this.accept(chat, { author: systemAuthor, id: `${kind}.${cause}`, kind, text });
  }
}

/** A refusal as it goes over the wire. */
export function refusedFrame(re: string, refusal: Refusal): ServerFrame {
  const { retryable, why } = refusalCodes[refusal.code];
  return {
    type: "refused",
    re,
    code: refusal.code,
    retryable,
    message: refusal.message ?? why,
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
  };
}
