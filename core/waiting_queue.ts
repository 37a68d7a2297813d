import type { ChatId, DepartmentId, Millis } from "./ids.ts";

/** Chats of one department that wait for an agent, longest-waiting first. [WQ1] */
export class WaitingQueue {
  /** In order of waiting: insertion order, kept sorted when an older chat returns. */
  readonly #since = new Map<ChatId, Millis>();
  /** Where each chat stood when positions were last told. */
  readonly #told = new Map<ChatId, number>();
  /** Chats that every agent who could take them has declined; they are not tried again until one
   * who has not comes. */
  readonly #parked = new Set<ChatId>();
  #latest: readonly [since: Millis, chatId: string] = [0, ""];
  /** Whether positions changed since they were last taken. */
  changed = false;

  get size(): number {
    return this.#since.size;
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
    this.changed = true;
  }

  remove(chatId: ChatId): boolean {
    if (!this.#since.delete(chatId)) return false;
    this.#told.delete(chatId);
    this.#parked.delete(chatId);
    this.changed = true;
    return true;
  }

  /** Since when the chat has waited. */
  since(chatId: ChatId): Millis | undefined {
    return this.#since.get(chatId);
  }

  /** Chats in order, those that are parked too. */
  *[Symbol.iterator](): IterableIterator<ChatId> {
    yield* this.#since.keys();
  }

  /** Chats in order that can be tried. */
  *ready(): IterableIterator<ChatId> {
    for (const chatId of this.#since.keys()) {
      if (!this.#parked.has(chatId)) yield chatId;
    }
  }

  /** Nobody who is there can take it. */
  park(chatId: ChatId): void {
    this.#parked.add(chatId);
  }

  isParked(chatId: ChatId): boolean {
    return this.#parked.has(chatId);
  }

  /** Those of the parked chats that `canTake` says can be tried again. */
  unpark(canTake: (chatId: ChatId) => boolean): ChatId[] {
    const chatIds = [...this.#parked].filter(canTake);
    for (const chatId of chatIds) this.#parked.delete(chatId);
    return chatIds;
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
    this.changed = false;
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
}

/** A department, or none: the queue and pool of chats that were asked of no department. */
export type QueueKey = DepartmentId | "";

/** The waiting queues of a site, one a department. */
export class WaitingQueues {
  readonly #queues = new Map<QueueKey, WaitingQueue>();
  #size = 0;

  /** All waiting chats of the site. */
  get size(): number {
    return this.#size;
  }

  of(departmentId: DepartmentId | undefined): WaitingQueue {
    const key = departmentId ?? "";
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new WaitingQueue();
      this.#queues.set(key, queue);
    }
    return queue;
  }

  add(chatId: ChatId, departmentId: DepartmentId | undefined, since: Millis): void {
    this.of(departmentId).add(chatId, since);
    this.#size += 1;
  }

  remove(chatId: ChatId, departmentId: DepartmentId | undefined): void {
    if (this.of(departmentId).remove(chatId)) this.#size -= 1;
  }

  *[Symbol.iterator](): IterableIterator<[QueueKey, WaitingQueue]> {
    yield* this.#queues;
  }
}
