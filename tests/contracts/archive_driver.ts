import type { Archive } from "../../archive/archive.ts";

/** One implementation of the archive, as the suite opens it. */
export interface ArchiveDriver {
  readonly name: string;
  /** An empty one; `run` gets it and how to open it again as after a kill. */
  use(
    run: (
      archive: Archive,
      reopen: () => Promise<Archive>,
      clock: { now: number },
    ) => Promise<void>,
  ): Promise<void>;
}

/** Every item of a list, page by page. */
export async function all<Item>(
  page: (after: string | undefined) => Promise<
    { readonly items: readonly Item[]; readonly next: string | undefined }
  >,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const found = await page(after);
    items.push(...found.items);
    after = found.next;
  } while (after !== undefined);
  return items;
}
