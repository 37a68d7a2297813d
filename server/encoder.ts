import { unreachable } from "../core/assert.ts";
import { canonicalEntry, type Entry } from "../core/entry.ts";
import type { Fact } from "../core/fact.ts";
import type { ConnectionNo, SiteId } from "../core/ids.ts";
import type { Job } from "../core/job.ts";
import type { Send } from "../core/outcome.ts";
import type { Signer } from "./signer.ts";

const lists: ReadonlySet<string> = new Set(["waiting", "visitors", "chats", "agents"]);

/** A text on its way to connections, or an order to close one. */
export type Outgoing = { readonly to: readonly ConnectionNo[]; readonly text: string };

/**
 * Facts as they are journaled and frames as they are sent. An entry's canonical text is made and
 * signed once: the ack, the frame to the others and the journaled fact share it.
 */
export class Encoder {
  readonly #signer: Signer;
  /** List frames encoded so far: one an audience and push, however many consoles get it. */
  listFrames = 0;
  #entry: Entry | undefined;
  #canonical = "";
  #sig = "";

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** Part of a journal record: what one event decided. */
  encodeDecision(siteId: SiteId, facts: readonly Fact[], jobs: readonly Job[]): string {
    let text = `{"site":"${siteId}","facts":[`;
    for (let i = 0; i < facts.length; i++) {
      const fact = facts[i];
      if (fact === undefined) continue;
      if (i > 0) text += ",";
      text += this.#encodeFact(siteId, fact);
    }
    text += "]";
    if (jobs.length > 0) text += `,"jobs":${JSON.stringify(jobs)}`;
    return text + "}";
  }

  #encodeFact(siteId: SiteId, fact: Fact): string {
    if (fact.type !== "message_accepted") return JSON.stringify(fact);
    this.#take(siteId, fact.entry);
    return `{"type":"message_accepted","entry":${this.#canonical}}`;
  }

  /** The frame of a send; undefined for those that are no frame. */
  encodeSend(siteId: SiteId, send: Send): string | undefined {
    switch (send.type) {
      case "frame":
        if (lists.has(send.frame.type)) this.listFrames += 1;
        return JSON.stringify(send.frame);
      case "entry":
        return `{"type":"entry","entry":${this.#signed(siteId, send.entry)}}`;
      case "ack": {
        const { entry } = send;
        this.#take(siteId, entry);
        return `{"type":"ack","chatId":"${entry.chatId}","messageId":"${entry.id}",` +
          `"tenure":"${entry.tenure}","stream":"${entry.stream}","n":${entry.n},` +
          `"order":${entry.order},"at":${entry.at},"sig":"${this.#sig}"}`;
      }
      case "page": {
        const entries = send.entries.map((entry) => this.#signed(siteId, entry)).join(",");
        const before = send.before === undefined ? "" : `,"before":${send.before}`;
        return `{"type":"entries","chatId":"${send.chatId}","entries":[${entries}],` +
          `"vector":${JSON.stringify(send.vector)},"more":${send.more}${before}}`;
      }
      case "close":
      case "transcript":
      case "arrival":
      case "erasure":
      case "neighbour":
        return undefined;
      default:
        return unreachable(send);
    }
  }

  /** The entry as JSON with its signature. */
  #signed(siteId: SiteId, entry: Entry): string {
    this.#take(siteId, entry);
    return `${this.#canonical.slice(0, -1)},"sig":"${this.#sig}"}`;
  }

  /** Entries as JSON with their signatures, as the transcript API gives them. */
  encodeEntries(siteId: SiteId, entries: readonly Entry[]): string {
    return `[${entries.map((entry) => this.#signed(siteId, entry)).join(",")}]`;
  }

  #take(siteId: SiteId, entry: Entry): void {
    if (this.#entry === entry) return;
    this.#entry = entry;
    this.#canonical = canonicalEntry(entry);
    this.#sig = this.#signer.sign(siteId, this.#canonical);
  }
}
