import type { ChatId, Millis } from "./ids.ts";

/** Chats that wait for an agent, longest-waiting first. */
export class WaitingQueue {
  /** In order of waiting: insertion order, kept sorted when an older chat returns. */
  readonly #since = new Map<ChatId, Millis>();
  /** Where each chat stood when positions were last told. */
  readonly #told = new Map<ChatId, number>();
  /** What agents were last shown. */
  #listed = new Set<ChatId>();
  /** What single agents were shown besides, as they came. */
  readonly #shown = new Set<ChatId>();
  #changed = false;
  #latest: readonly [since: Millis, chatId: string] = [0, ""];

  get size(): number {
    return this.#since.size;
  }

  /** Whether anything changed since positions and list were last taken. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Joins at the end, or in place when others joined later. */
  add(chatId: ChatId, since: Millis): void {
    this.#since.set(chatId, since);
    const [latest, latestId] = this.#latest;
    // Within one millisecond the ids decide, so that a recovered queue stands as the lost one.
    if (since > latest || (since === latest && chatId > latestId)) {
      this.#latest = [since, chatId];
    } else {
      const sorted = [...this.#since].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
      this.#since.clear();
      for (const [id, at] of sorted) this.#since.set(id, at);
    }
    this.#changed = true;
  }

  remove(chatId: ChatId): void {
    if (!this.#since.delete(chatId)) return;
    this.#told.delete(chatId);
    this.#changed = true;
  }

  /** The chat that has waited longest. */
  first(): ChatId | undefined {
    for (const chatId of this.#since.keys()) return chatId;
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<ChatId> {
    yield* this.#since.keys();
  }

  /** The position last told, counted from 1; the end of the queue for a newcomer. */
  position(chatId: ChatId): number | undefined {
    if (!this.#since.has(chatId)) return undefined;
    return this.#told.get(chatId) ?? this.#since.size;
  }

  /** The chat is being told its position: it counts as told until it moves. */
  tell(chatId: ChatId): void {
    const position = this.position(chatId);
    if (position !== undefined) this.#told.set(chatId, position);
  }

  /** The positions that changed since the last call, each with its new value. */
  takePositions(): [ChatId, number][] {
    const moved: [ChatId, number][] = [];
    let position = 0;
    for (const chatId of this.#since.keys()) {
      position += 1;
      if (this.#told.get(chatId) === position) continue;
      this.#told.set(chatId, position);
      moved.push([chatId, position]);
    }
    return moved;
  }

  /** An agent that came is shown these; whatever of it leaves will be told. */
  noteShown(chatIds: readonly ChatId[]): void {
    for (const chatId of chatIds) this.#shown.add(chatId);
  }

  /** How the head of the queue, as listed to agents, changed since the last call. */
  takeListed(max: number): { readonly added: ChatId[]; readonly removed: ChatId[] } {
    const now = new Set<ChatId>();
    for (const chatId of this.#since.keys()) {
      if (now.size >= max) break;
      now.add(chatId);
    }
    const added = [...now].filter((chatId) => !this.#listed.has(chatId));
    for (const chatId of this.#listed) this.#shown.add(chatId);
    const removed = [...this.#shown].filter((chatId) => !now.has(chatId));
    this.#shown.clear();
    this.#listed = now;
    this.#changed = false;
    return { added, removed };
  }
}
