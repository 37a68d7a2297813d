import {
  type Archive,
  ArchiveUnavailable,
  type ArchiveWrite,
  type ChatFilter,
  type RetentionOf,
} from "../archive/archive.ts";
import type { Vector } from "../core/cursor.ts";
import type { ChatId, SiteId, VisitorId } from "../core/ids.ts";
import { Reopening, type ReopeningDeps } from "./reopening.ts";

/**
 * The archive as a part that a node can do without: while it is away everything here throws
 * ArchiveUnavailable. [DB6]
 */
export class ArchivePart implements Archive {
  readonly #archive: Reopening<Archive>;

  constructor(deps: ReopeningDeps<Archive>) {
    this.#archive = new Reopening("archive", deps);
  }

  /** Opens it, now or later; never throws. */
  start(): Promise<void> {
    return this.#archive.start();
  }

  /** Asks the archive; a failure of the whole store closes it here until it is open again. */
  async #ask<Answer>(question: (archive: Archive) => Promise<Answer>): Promise<Answer> {
    const archive = this.#archive.part;
    if (archive === undefined) throw new ArchiveUnavailable(this.#archive.why);
    try {
      return await question(archive);
    } catch (error) {
      if (error instanceof ArchiveUnavailable) await this.#archive.lost(archive, error);
      throw error;
    }
  }

  record(writes: readonly ArchiveWrite[]) {
    return this.#ask((archive) => archive.record(writes));
  }

  holds(siteId: SiteId, chatId: ChatId, vector: Vector) {
    return this.#ask((archive) => archive.holds(siteId, chatId, vector));
  }

  chats(siteId: SiteId, filter: ChatFilter) {
    return this.#ask((archive) => archive.chats(siteId, filter));
  }

  chat(siteId: SiteId, chatId: ChatId) {
    return this.#ask((archive) => archive.chat(siteId, chatId));
  }

  transcript(...asked: Parameters<Archive["transcript"]>) {
    return this.#ask((archive) => archive.transcript(...asked));
  }

  offlineMessages(...asked: Parameters<Archive["offlineMessages"]>) {
    return this.#ask((archive) => archive.offlineMessages(...asked));
  }

  logRows(...asked: Parameters<Archive["logRows"]>) {
    return this.#ask((archive) => archive.logRows(...asked));
  }

  visitCounts(...asked: Parameters<Archive["visitCounts"]>) {
    return this.#ask((archive) => archive.visitCounts(...asked));
  }

  exportVisitor(siteId: SiteId, visitorId: VisitorId) {
    return this.#ask((archive) => archive.exportVisitor(siteId, visitorId));
  }

  eraseVisitor(...asked: Parameters<Archive["eraseVisitor"]>) {
    return this.#ask((archive) => archive.eraseVisitor(...asked));
  }

  expire(now: number, retentionOf: RetentionOf) {
    return this.#ask((archive) => archive.expire(now, retentionOf));
  }

  close(): Promise<void> {
    return this.#archive.close();
  }
}
