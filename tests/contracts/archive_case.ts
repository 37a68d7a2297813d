import type { Archive, ArchiveWrite, ChatFilter } from "../../archive/archive.ts";
import { all, type ArchiveDriver } from "./archive_driver.ts";
import { acme, chatOf, epoch } from "../harness/archive_samples.ts";

/** One case of the archive's contract. */
export interface ArchiveCase {
  readonly name: string;
  run(driver: ArchiveDriver): Promise<void>;
}

/** A day in milliseconds. */
export const dayMs = 24 * 3_600_000;

/** When a visitor is erased, later than what the samples hold. */
export const erasedAt = epoch + 3_600_000;

/** Ids of the chats found, newest first, in pages of two. */
export async function chatIds(
  archive: Archive,
  filter: Partial<ChatFilter> = {},
): Promise<string[]> {
  const chats = await all((after) => archive.chats(acme, { limit: 2, ...filter, after }));
  return chats.map(({ chatId }) => chatId);
}

/** The texts of a transcript in pages of two; late ones say so. */
export async function texts(archive: Archive, no: number, stream: "public" | "all" = "all") {
  const shown = await all((after) =>
    archive.transcript(acme, chatOf(no), { stream, limit: 2, after })
  );
  return shown.map(({ text, isLate }) => isLate ? `${text} (late)` : text);
}

/** Opens an empty archive with what these wrote. */
export function on(
  writes: readonly ArchiveWrite[],
  run: (
    archive: Archive,
    more: { reopen(): Promise<Archive>; readonly clock: { now: number } },
  ) => Promise<void>,
): (driver: ArchiveDriver) => Promise<void> {
  return (driver) =>
    driver.use(async (archive, reopen, clock) => {
      if (writes.length > 0) await archive.record(writes);
      await run(archive, { reopen, clock });
    });
}
