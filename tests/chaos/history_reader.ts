/** Reads the history API as the operator. */
export class HistoryReader {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, operatorKey: string) {
    this.#url = url;
    this.#key = operatorKey;
  }

  /** Every item of a list, page by page; none of a chat that the archive does not know. */
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
      const text = await response.text();
      if (response.status === 404 && JSON.parse(text).title === "Unknown chat") return items;
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      const page: { items: Item[]; next?: string } = JSON.parse(text);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return items;
  }
}
