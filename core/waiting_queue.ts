import type { AgentId, ChatId, DepartmentId, Millis } from "./ids.ts";
import { IndexedHeap } from "./indexed_heap.ts";
import { ParkedChats } from "./parked_chats.ts";

/** Chats of one department that wait for an agent, longest-waiting first. [WQ1] */
export class WaitingQueue {
  /** In order of waiting: insertion order, kept sorted when an older chat returns. */
  readonly #since = new Map<ChatId, Millis>();
  /** Where each chat stood when positions were last told. */
  readonly #told = new Map<ChatId, number>();
  /** Chats to try next: neither offered to somebody nor parked. */
  readonly #ready = new IndexedHeap<ChatId>();
  /** Chats that whoever is free has declined; not tried again until somebody else is. */
  readonly #parked = new ParkedChats();
  /** What agents were last shown. */
  #listed = new Set<ChatId>();
  /** What single agents were shown besides, as they came. */
  readonly #shown = new Set<ChatId>();
  /** Rows that changed where they stand. */
  readonly #marked = new Set<ChatId>();
  #latest: readonly [since: Millis, chatId: string] = [0, ""];
  #changed = false;

  /** Whether anything changed since the list was last taken. */
  get changed(): boolean {
    return this.#changed;
  }

  get size(): number {
    return this.#since.size;
  }

  /** Joins at the end, or in place when others joined later. */
  add(chatId: ChatId, since: Millis): void {
    this.#since.set(chatId, since);
    this.#ready.set(chatId, [since]);
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

  remove(chatId: ChatId): boolean {
    if (!this.#since.delete(chatId)) return false;
    this.#told.delete(chatId);
    this.#ready.remove(chatId);
    this.#parked.delete(chatId);
    this.#changed = true;
    return true;
  }

  /** The chat's row is to be told anew. */
  mark(chatId: ChatId): void {
    if (!this.#since.has(chatId)) return;
    this.#marked.add(chatId);
    this.#changed = true;
  }

  /** Since when the chat has waited. */
  since(chatId: ChatId): Millis | undefined {
    return this.#since.get(chatId);
  }

  /** Chats in order, those that are parked too. */
  *[Symbol.iterator](): IterableIterator<ChatId> {
    yield* this.#since.keys();
  }

  /** The longest-waiting chat of those to try next. */
  get next(): ChatId | undefined {
    return this.#ready.least();
  }

  /** The chat is offered to somebody: nobody else is tried meanwhile. */
  hold(chatId: ChatId): void {
    this.#ready.remove(chatId);
    this.#parked.delete(chatId);
  }

  /** The chat is to be tried (again). */
  release(chatId: ChatId): void {
    const since = this.#since.get(chatId);
    if (since === undefined) return;
    this.#parked.delete(chatId);
    this.#ready.set(chatId, [since]);
  }

  /** Nobody who is free can take it, as these have declined it. */
  park(chatId: ChatId, decliners: Iterable<AgentId>): void {
    if (!this.#since.has(chatId)) return;
    this.#ready.remove(chatId);
    this.#parked.add(chatId, decliners);
  }

  /** Releases the longest-waiting parked chat that this agent has not declined. */
  unparkFor(agentId: AgentId): void {
    let found: ChatId | undefined;
    for (const chatId of this.#parked.for(agentId)) {
      if (found === undefined || this.#isBefore(chatId, found)) found = chatId;
    }
    if (found !== undefined) this.release(found);
  }

  /** Releases all parked chats: other agents serve the queue from here on. */
  unparkAll(): void {
    for (const chatId of [...this.#parked]) this.release(chatId);
  }

  /** Who is there has changed: whether all of them have declined a parked chat is told anew. */
  markParked(): void {
    for (const chatId of this.#parked) this.mark(chatId);
  }

  #isBefore(one: ChatId, other: ChatId): boolean {
    const ms = (this.#since.get(one) ?? 0) - (this.#since.get(other) ?? 0);
    return ms === 0 ? one < other : ms < 0;
  }

  /** The position last told, counted from 1; where it stands now when none was told yet. */
  position(chatId: ChatId): number | undefined {
    if (!this.#since.has(chatId)) return undefined;
    const told = this.#told.get(chatId);
    if (told !== undefined) return told;
    if (this.#latest[1] === chatId) return this.#since.size;
    let position = 1;
    for (const other of this.#since.keys()) {
      if (other === chatId) break;
      position += 1;
    }
    return position;
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

  /** The first chats of the queue. */
  head(max: number): ChatId[] {
    const head: ChatId[] = [];
    for (const chatId of this.#since.keys()) {
      if (head.length >= max) break;
      head.push(chatId);
    }
    return head;
  }

  /** How the head of the queue, as listed to agents, changed since the last call. */
  takeListed(max: number): { readonly added: ChatId[]; readonly removed: ChatId[] } {
    const now = new Set(this.head(max));
    const added = [...now].filter((id) => !this.#listed.has(id) || this.#marked.has(id));
    for (const chatId of this.#listed) this.#shown.add(chatId);
    const removed = [...this.#shown].filter((chatId) => !now.has(chatId));
    this.#shown.clear();
    this.#marked.clear();
    this.#listed = now;
    this.#changed = false;
    return { added, removed };
  }
}

/** A department, or none: the queue and pool of chats that were asked of no department. */
export type QueueKey = DepartmentId | "";

/** The waiting queues of a site, one a department. */
export class WaitingQueues {
  readonly #queues = new Map<QueueKey, WaitingQueue>();
  #size = 0;

  /** Whether anything changed since the lists were last taken. */
  get changed(): boolean {
    for (const queue of this.#queues.values()) {
      if (queue.changed) return true;
    }
    return false;
  }

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
