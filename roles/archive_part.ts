import {
  type Archive,
  ArchiveUnavailable,
  type ArchiveWrite,
  type ChatFilter,
  type RetentionOf,
} from "../archive/archive.ts";
import type { Vector } from "../core/cursor.ts";
import type { ChatId, SiteId, VisitorId } from "../core/ids.ts";
import type { Clock } from "../server/clock.ts";
import { errorFields, type Log } from "../server/log.ts";
import type { Parts } from "../server/parts.ts";

/** What the archive's part stands on. `open` is called again until it gives an archive. */
export interface ArchivePartDeps {
  open(): Promise<Archive>;
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
}

const reopenMsMin = 1_000;
const reopenMsMax = 30_000;

/**
 * The archive as a part that a node can do without: while it cannot be opened, or after it failed,
 * everything here throws ArchiveUnavailable, the part counts as down, and it is opened again and
 * again. [DB6]
 */
export class ArchivePart implements Archive {
  readonly #deps: ArchivePartDeps;
  #archive: Archive | undefined;
  #why = "the archive is being opened";
  #waitMs = reopenMsMin;
  #cancelReopen: () => void = () => {};
  #isOpening = false;
  #isClosed = false;

  constructor(deps: ArchivePartDeps) {
    this.#deps = deps;
    deps.parts.down("archive", this.#why);
  }

  /** Opens it, now or later; never throws. */
  async start(): Promise<void> {
    const { open, parts, log } = this.#deps;
    this.#isOpening = true;
    try {
      const archive = await open();
      if (this.#isClosed) return await archive.close();
      this.#archive = archive;
      this.#waitMs = reopenMsMin;
      parts.up("archive");
      log.write("info", "archive_up");
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#isOpening = false;
    }
  }

  #lost(error: unknown): void {
    const { parts, log, clock } = this.#deps;
    this.#why = error instanceof Error ? error.message : String(error);
    this.#archive = undefined;
    parts.down("archive", this.#why);
    log.write("error", "archive_down", errorFields(error));
    if (this.#isClosed) return;
    this.#cancelReopen = clock.after(this.#waitMs, () => void this.start());
    this.#waitMs = Math.min(reopenMsMax, this.#waitMs * 2);
  }

  /** Asks the archive; a failure of the whole store closes it here until it is open again. */
  async #ask<Answer>(question: (archive: Archive) => Promise<Answer>): Promise<Answer> {
    const archive = this.#archive;
    if (archive === undefined) throw new ArchiveUnavailable(this.#why);
    try {
      return await question(archive);
    } catch (error) {
      if (error instanceof ArchiveUnavailable && this.#archive === archive && !this.#isOpening) {
        await archive.close().catch(() => {}); // it is gone already
        this.#lost(error);
      }
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

  eraseVisitor(siteId: SiteId, visitorId: VisitorId) {
    return this.#ask((archive) => archive.eraseVisitor(siteId, visitorId));
  }

  expire(now: number, retentionOf: RetentionOf) {
    return this.#ask((archive) => archive.expire(now, retentionOf));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelReopen();
    const archive = this.#archive;
    this.#archive = undefined;
    await archive?.close();
  }
}
