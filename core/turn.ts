import { assert } from "./assert.ts";
import type { Chat } from "./chat.ts";
import {
  type Author,
  type Entry,
  type EntryFile,
  type EntryKind,
  streamOf,
  systemAuthor,
} from "./entry.ts";
import type { EntryLog } from "./entry_log.ts";
import type { Fact, RegisterStamp } from "./fact.ts";
import type { ChatId, CommandId, ConnectionNo, Millis, TenureId } from "./ids.ts";
import type { Job } from "./job.ts";
import { limits } from "./limits.ts";
import type { Outcome, Send } from "./outcome.ts";
import type { Presence } from "./presence.ts";
import type { ServerFrame } from "./server_frames.ts";
import { type Refusal, refusalCodes } from "./refusal.ts";
import type { SiteState } from "./site_state.ts";

/** What somebody wrote, before it has its stamp and place. */
export interface Written {
  readonly author: Author;
  readonly id: string;
  readonly kind: EntryKind;
  readonly text: string;
  readonly changes?: string | undefined;
  readonly file?: EntryFile | undefined;
}

/** One event being decided: what it records, publishes and sends, in order. */
export class Turn implements Outcome {
  readonly facts: Fact[] = [];
  readonly jobs: Job[] = [];
  readonly sends: Send[] = [];
  readonly state: SiteState;
  readonly at: Millis;
  #jobBytes = 0;

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
    // Ends alone are long: they carry what the visitor said.
    if (job.queue === "chat.end") this.#jobBytes += JSON.stringify(job).length;
  }

  /** Whether it has decided as much as one event may: the rest follows as another. */
  get isFull(): boolean {
    return this.facts.length >= limits.factsPerEvent || this.#jobBytes >= limits.jobBytesPerEvent;
  }

  send(to: ConnectionNo | readonly ConnectionNo[], frame: ServerFrame): void {
    const receivers = typeof to === "number" ? [to] : to;
    if (receivers.length > 0) this.sends.push({ type: "frame", to: receivers, frame });
  }

  /** Answers a command that took effect, now or before. */
  done(to: ConnectionNo, commandId: CommandId, chatId?: ChatId): void {
    this.send(to, {
      type: "done",
      commandId,
      ...(chatId === undefined ? {} : { chatId }),
    });
  }

  /**
   * Whether this command of an agent or visitor took effect before; then it is answered as it was,
   * with the chat that it is about. For commands that no chat remembers.
   */
  isRepeat(by: Presence, commandId: CommandId, to: ConnectionNo, chatId?: ChatId): boolean {
    const { agents, visitorRegisters } = this.state;
    const registers = by.type === "agent"
      ? agents.get(by.agentId)
      : visitorRegisters.get(by.visitorId);
    const isKnown = registers?.commands.some(([known]) => known === commandId) === true;
    if (isKnown) this.done(to, commandId, chatId);
    return isKnown;
  }

  /** Remembers that a command took effect which no chat remembers. */
  remember(by: Presence, command: { readonly commandId: CommandId; readonly type: string }): void {
    const { commandId, type } = command;
    if (by.type === "agent") {
      const { agentId } = by;
      return this.record({ type: "agent_acted", agentId, commandId, command: type, at: this.at });
    }
    const { visitorId } = by;
    this.record({ type: "visitor_acted", visitorId, commandId, command: type, at: this.at });
    this.state.deadlines.setBy(`acted/${visitorId}`, this.at + limits.visitorKeptMs);
  }

  /** Answers a frame that changed nothing. */
  refuse(to: ConnectionNo, re: string, refusal: Refusal): void {
    this.send(to, refusedFrame(re, refusal));
  }

  /** The stamp of a change of this chat's registers: above everything known in it. */
  stamp(chat: Chat): RegisterStamp {
    return { order: this.nextOrder(chat.log), tenure: this.tenure };
  }

  nextOrder(log: EntryLog): number {
    return this.at > log.lastOrder ? this.at : log.lastOrder + 1;
  }

  /** Accepts an entry into a chat or thread under the next stamp of its stream. */
  accept(chatId: ChatId, log: EntryLog, written: Written): Entry {
    const tenure = this.tenure;
    const stream = streamOf(written.kind);
    const entry: Entry = {
      chatId,
      tenure,
      stream,
      n: log.nextN(tenure, stream),
      order: this.nextOrder(log),
      at: this.at,
      author: written.author,
      id: written.id,
      kind: written.kind,
      text: written.text,
      ...(written.changes === undefined ? {} : { changes: written.changes }),
      ...(written.file === undefined ? {} : { file: written.file }),
    };
    this.record({ type: "message_accepted", entry });
    return entry;
  }

  /** Accepts an entry of the system; its id is derived from its cause. */
  acceptSystem(chat: Chat, kind: EntryKind, cause: string, text = ""): Entry {
    const id = `${kind}.${cause}`;
    return this.accept(chat.chatId, chat.log, { author: systemAuthor, id, kind, text });
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
