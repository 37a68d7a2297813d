import type { ArchiveSite, FirstLevel } from "./archive_sites.ts";
import type { LivedChat } from "./chat_life.ts";

/** What was found wrong in archive and queues, counted, with a few examples. */
export class ArchiveFindings {
  chats = 0;
  acked = 0;
  lost = 0;
  duplicated = 0;
  missingEffects = 0;
  extraEffects = 0;
  readonly examples: string[] = [];

  note(
    kind: "lost" | "duplicated" | "missingEffects" | "extraEffects",
    example: string,
  ): void {
    this[kind] += 1;
    if (this.examples.length < 20) this.examples.push(`${kind}: ${example}`);
  }

  /** Compares a list with what it must hold, each once. */
  compare(
    where: string,
    found: readonly string[],
    expected: ReadonlySet<string>,
    kinds: {
      readonly missing: "lost" | "missingEffects";
      readonly extra: "duplicated" | "extraEffects";
    },
  ): void {
    const counts = new Map<string, number>();
    for (const id of found) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const id of expected) {
      if (!counts.has(id)) this.note(kinds.missing, `${id} not in ${where}`);
    }
    for (const [id, count] of counts) {
      if (!expected.has(id)) this.note(kinds.extra, `${id} in ${where}, which nobody asked for`);
      else if (count > 1) this.note(kinds.extra, `${id} ${count} times in ${where}`);
    }
  }
}

/** Reads the history API as the operator. */
export class HistoryReader {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, operatorKey: string) {
    this.#url = url;
    this.#key = operatorKey;
  }

  /** Every item of a list, page by page. */
  async list<Item>(siteId: string, path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: "200",
        ...(cursor === undefined ? {} : { cursor }),
      });
      const response = await fetch(`${this.#url}/v1/sites/${siteId}/history/${path}?${query}`, {
        headers: { authorization: `Bearer ${this.#key}` },
      });
      if (response.status === 404) {
        await response.body?.cancel();
        return items;
      }
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      const page: { items: Item[]; next?: string } = JSON.parse(text);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return items;
  }
}

interface ArchivedMessage {
  readonly id: string;
  readonly kind: string;
  readonly author: { readonly type: string; readonly id: string };
}

/**
 * Every chat once in the archive, with every acknowledged message once, in the order in which its
 * author wrote it.
 */
export async function checkArchive(
  reader: HistoryReader,
  site: ArchiveSite,
  chats: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const archived = await reader.list<{ chatId: string }>(site.siteId, "chats");
  findings.chats += new Set(archived.map(({ chatId }) => chatId)).size;
  const kinds = { missing: "lost", extra: "duplicated" } as const;
  const expected = new Set<string>(chats.map(({ chatId }) => chatId));
  findings.compare(`${site.siteId}'s chats`, archived.map(({ chatId }) => chatId), expected, kinds);
  for (const { chatId, acked } of chats) {
    const entries = await reader.list<ArchivedMessage>(site.siteId, `chats/${chatId}/transcript`);
    const shown = entries.filter(({ kind }) => kind === "message")
      .map(({ author, id }) => `${author.type}:${author.id}/${id}`);
    findings.acked += acked.length;
    findings.compare(`the transcript of ${chatId}`, shown, new Set(acked), kinds);
    checkOrder(chatId, shown, acked, findings);
  }
}

function checkOrder(
  chatId: string,
  shown: readonly string[],
  acked: readonly string[],
  findings: ArchiveFindings,
): void {
  const authors = new Set(acked.map((message) => message.split("/")[0]));
  for (const author of authors) {
    const own = (list: readonly string[]) =>
      list.filter((message) => message.startsWith(`${author}/`)).join();
    if (own([...new Set(shown)]) !== own(acked)) {
      findings.note("lost", `the order of ${author} in ${chatId}`);
    }
  }
}

/** What each first-level queue must have led to at a site: the ids of its messages. */
export function effectsOf(
  chats: readonly LivedChat[],
): Readonly<Record<FirstLevel, ReadonlySet<string>>> {
  const ids = (of: (chat: LivedChat) => string | undefined) =>
    new Set(chats.map(of).filter((id) => id !== undefined));
  return {
    "chat.end": ids(({ chatId }) => chatId),
    "offlineMessage.submit": ids(({ offlineMessage }) => offlineMessage),
    "agent.wrapup": ids(({ chatId, wrappedUp }) => wrappedUp && `${chatId}/${wrappedUp}`),
  };
}

/** The effects that persistence has besides chats: rows of ratings, wrap-ups, offline messages. */
export async function checkRows(
  reader: HistoryReader,
  site: ArchiveSite,
  chats: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const kinds = { missing: "missingEffects", extra: "extraEffects" } as const;
  const { siteId } = site;
  const effects = effectsOf(chats);
  const ratings = new Set(
    chats.flatMap(({ chatId, rated }) => rated === undefined ? [] : [`${chatId}/${rated}`]),
  );
  for (
    const [path, expected] of [
      ["logs/rating", ratings],
      ["logs/wrap_up", effects["agent.wrapup"]],
    ] as const
  ) {
    const rows = await reader.list<{ rowId: string }>(siteId, path);
    findings.compare(`${siteId}'s ${path}`, rows.map(({ rowId }) => rowId), expected, kinds);
  }
  const left = await reader.list<{ messageId: string }>(siteId, "offline-messages");
  const found = left.map(({ messageId }) => messageId);
  findings.compare(`${siteId}'s offline messages`, found, effects["offlineMessage.submit"], kinds);
}

/**
 * Second-level queues that nobody consumes here hold exactly what the sites' configurations ask
 * for. `found`: ids by queue name, each as often as it would be delivered.
 */
export function checkQueues(
  sites: readonly ArchiveSite[],
  chatsOf: (siteId: string) => readonly LivedChat[],
  found: ReadonlyMap<string, readonly string[]>,
  findings: ArchiveFindings,
): void {
  const expected = new Map<string, Set<string>>([...found.keys()].map((name) => [name, new Set()]));
  for (const { siteId, wants } of sites) {
    for (const [firstLevel, ids] of Object.entries(effectsOf(chatsOf(siteId)))) {
      // The keys of effectsOf() are those of `wants`.
      for (const consumer of wants[firstLevel as FirstLevel]) {
        const name = `${firstLevel}.${consumer}`;
        const all = expected.get(name);
        if (all === undefined) findings.note("missingEffects", `the queue ${name}`);
        else for (const id of ids) all.add(id);
      }
    }
  }
  const kinds = { missing: "missingEffects", extra: "extraEffects" } as const;
  for (const [name, ids] of expected) findings.compare(name, found.get(name) ?? [], ids, kinds);
}
