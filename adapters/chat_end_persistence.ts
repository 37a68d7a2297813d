import type { ArchiveWrite } from "../archive/archive.ts";
import type { Millis } from "../core/ids.ts";
import { type HandleResult, startConsumer, type TypedDelivery } from "../mq/consumer_loop.ts";
import type { ChatEnd } from "../mq/payloads/chat_payloads.ts";
import { chatOf, millisOf } from "./archive_records.ts";
import {
  archiveFailure,
  parsedAs,
  type PersistenceDeps,
  type StartConsumer,
} from "./persistence.ts";

/** How long the end of a chat waits for its entries, since it was published. */
const waitMsMax = 10 * 60_000;
/**
 * It waits at least so long since the archive was first asked here: when both had been away, the
 * entries are still behind in their own queue.
 */
const askedMsMin = 60_000;
/** Between looks: half of what it has waited, within these. */
const pauseMs = { min: 200, max: 30_000 };
/** Chats whose first look is remembered. */
const rememberedMax = 100_000;
/** Ends handled together: each reads its chat's entries. */
const batchMax = 32;

/**
 * Archives chats that ended, each once the archive has the entries that its end speaks of. After
 * ten minutes it is archived as incomplete, and the log says so; what comes later is merged. [OB7]
 */
export const persistChatEnds: StartConsumer = (deps, queueName) => {
  const ends = new ChatEnds(deps, queueName);
  return startConsumer<ChatEnd>({
    ...deps,
    queueName: deps.prefix + queueName,
    batchMax,
    concurrency: 1,
    parse: (payload) => parsedAs("chat.end", payload),
    failureOf: archiveFailure,
    handle: (batch) => ends.handle(batch),
  });
};

class ChatEnds {
  readonly #deps: PersistenceDeps;
  readonly #queueName: string;
  /** When the archive first said that it lacks entries, by site and chat. */
  readonly #askedAt = new Map<string, Millis>();

  constructor(deps: PersistenceDeps, queueName: string) {
    this.#deps = deps;
    this.#queueName = queueName;
  }

  async handle(batch: readonly TypedDelivery<ChatEnd>[]): Promise<readonly HandleResult[]> {
    const writes: ArchiveWrite[] = [];
    const results: HandleResult[] = [];
    for (const { message: end, uniqueId } of batch) {
      const isWhole = await this.#deps.archive.holds(end.siteId, end.id, end.vector);
      const delayMs = isWhole ? 0 : this.#pause(end);
      if (delayMs > 0) {
        results.push({ type: "not_yet", delayMs, error: "Entries of the chat are not here yet" });
        continue;
      }
      const chat = chatOf(end, { isIncomplete: !isWhole });
      writes.push({ queueName: this.#queueName, uniqueId, record: { type: "chat", chat } });
      results.push({ type: "done" });
    }
    if (writes.length > 0) await this.#deps.archive.record(writes);
    for (const { record } of writes) {
      if (record.type !== "chat") continue;
      const { siteId, chatId, isIncomplete } = record.chat;
      this.#askedAt.delete(`${siteId}/${chatId}`);
      if (isIncomplete) this.#deps.log.write("warn", "chat_incomplete", { siteId, chatId });
    }
    return results;
  }

  /** How long a chat that lacks entries waits on; 0: no longer. */
  #pause({ siteId, id, publishTime }: ChatEnd): number {
    const chat = `${siteId}/${id}`;
    const now = this.#deps.clock.now();
    if (this.#askedAt.size >= rememberedMax) this.#askedAt.clear();
    const askedAt = this.#askedAt.get(chat) ?? now;
    this.#askedAt.set(chat, askedAt);
    const until = Math.max(millisOf(publishTime) + waitMsMax, askedAt + askedMsMin);
    if (now >= until) return 0;
    const pause = Math.max(pauseMs.min, Math.min(pauseMs.max, (now - askedAt) / 2));
    return Math.ceil(Math.min(pause, until - now));
  }
}
