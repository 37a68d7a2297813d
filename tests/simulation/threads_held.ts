import type { Vector } from "../../core/cursor.ts";
import type { SignedEntry } from "../../core/entry.ts";
import { type ChatId, isThreadId } from "../../core/ids.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { ClientFrame } from "../../core/protocol.ts";

interface Held {
  readonly entries: Map<string, SignedEntry>;
  /** How far each stream is held without a gap, by "<tenure>/<stream>". */
  readonly vector: Record<string, number>;
  /** How far the node is known to hold it. */
  known: Vector;
  fetching: boolean;
}

/** The private threads of one console, synced as the SDK syncs chats. */
export class ThreadsHeld {
  readonly #held = new Map<ChatId, Held>();

  /** Whether the frame is about a thread; then it is taken in here, and `ask` sends for more. */
  hear(frame: ServerFrame, ask: (frame: ClientFrame) => void): boolean {
    switch (frame.type) {
      case "welcome":
        for (const held of this.#held.values()) held.fetching = false;
        this.#learn(frame.threads ?? {}, ask);
        return false;
      case "heartbeat":
        this.#learn(frame.chats, ask);
        return false;
      case "entry":
        if (!isThreadId(frame.entry.chatId)) return false;
        this.add(frame.entry);
        this.#fetch(frame.entry.chatId, ask);
        return true;
      case "entries": {
        if (!isThreadId(frame.chatId)) return false;
        for (const entry of frame.entries) this.add(entry);
        const held = this.#of(frame.chatId);
        held.fetching = false;
        held.known = frame.vector;
        this.#fetch(frame.chatId, ask, frame.more ? frame.before : undefined);
        return true;
      }
      default:
        return "chatId" in frame && frame.chatId !== undefined && isThreadId(frame.chatId);
    }
  }

  add(entry: SignedEntry): void {
    const held = this.#of(entry.chatId);
    const key = `${entry.tenure}/${entry.stream}`;
    held.entries.set(`${key}/${entry.n}`, entry);
    while (held.entries.has(`${key}/${(held.vector[key] ?? 0) + 1}`)) {
      held.vector[key] = (held.vector[key] ?? 0) + 1;
    }
    held.known = { ...held.known, [key]: Math.max(held.known[key] ?? 0, entry.n) };
  }

  /** What hello and heartbeat say of them. */
  vectors(): Record<string, Vector> {
    return Object.fromEntries([...this.#held].map(([chatId, { vector }]) => [chatId, vector]));
  }

  /** All entries of a thread, in order of display. */
  entriesOf(chatId: ChatId): SignedEntry[] {
    return [...this.#held.get(chatId)?.entries.values() ?? []].sort((a, b) => a.order - b.order);
  }

  #learn(vectors: Readonly<Record<string, Vector>>, ask: (frame: ClientFrame) => void): void {
    for (const [name, vector] of Object.entries(vectors)) {
      const chatId = name as ChatId; // a record's keys lose their brand
      if (!isThreadId(chatId)) continue;
      this.#of(chatId).known = vector;
      this.#fetch(chatId, ask);
    }
  }

  #fetch(chatId: ChatId, ask: (frame: ClientFrame) => void, before?: number): void {
    const held = this.#of(chatId);
    const lacks = Object.entries(held.known).some(([key, n]) => n > (held.vector[key] ?? 0));
    if (!lacks || held.fetching) return;
    held.fetching = true;
    const have = { ...held.vector };
    ask({ type: "get_entries", chatId, have, ...(before === undefined ? {} : { before }) });
  }

  #of(chatId: ChatId): Held {
    let held = this.#held.get(chatId);
    if (held === undefined) {
      held = { entries: new Map(), vector: {}, known: {}, fetching: false };
      this.#held.set(chatId, held);
    }
    return held;
  }
}
