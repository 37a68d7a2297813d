import type { AgentId, ChatId } from "./ids.ts";

/**
 * Waiting chats that somebody has declined and nobody else who is free can take, with those who
 * declined. Whether there is one for an agent is known without a look at any of them.
 */
export class ParkedChats {
  readonly #decliners = new Map<ChatId, ReadonlySet<AgentId>>();
  /** How many of them each agent has declined. */
  readonly #declinedBy = new Map<AgentId, number>();

  get size(): number {
    return this.#decliners.size;
  }

  /** Puts the chat here, or tells who has declined it by now. */
  add(chatId: ChatId, decliners: Iterable<AgentId>): void {
    this.delete(chatId);
    const known = new Set(decliners);
    this.#decliners.set(chatId, known);
    for (const agentId of known) this.#count(agentId, 1);
  }

  delete(chatId: ChatId): boolean {
    const decliners = this.#decliners.get(chatId);
    if (decliners === undefined) return false;
    this.#decliners.delete(chatId);
    for (const agentId of decliners) this.#count(agentId, -1);
    return true;
  }

  #count(agentId: AgentId, change: number): void {
    const count = (this.#declinedBy.get(agentId) ?? 0) + change;
    if (count === 0) this.#declinedBy.delete(agentId);
    else this.#declinedBy.set(agentId, count);
  }

  /** Those that the agent has not declined; looks at them only when there is one. */
  *for(agentId: AgentId): IterableIterator<ChatId> {
    if ((this.#declinedBy.get(agentId) ?? 0) === this.size) return;
    for (const [chatId, decliners] of this.#decliners) {
      if (!decliners.has(agentId)) yield chatId;
    }
  }

  *[Symbol.iterator](): IterableIterator<ChatId> {
    yield* this.#decliners.keys();
  }
}
