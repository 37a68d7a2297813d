import { setTimeout as pause } from "node:timers/promises";
import type { NodeProcess } from "./node_process.ts";

/** What lets one process of a run follow another. */
export const configKey = "chaos_config_key_of_thirty_two_characters";

/** Where a change stands in a log. */
export interface Position {
  readonly logId: string;
  readonly n: number;
  readonly changeId: string;
}

/** A change as a feed tells it. */
export interface Change extends Position {
  readonly siteId: string;
  readonly version: number;
  readonly isRemoved: boolean;
  /** When it was written, by the machine's clock. */
  readonly at: number;
}

/** A site as a feed tells it. */
export interface Site {
  readonly siteId: string;
  readonly version: number;
  readonly json: string;
}

/** A process's answer; undefined: nobody answers there. */
export interface Told {
  readonly status: number;
  readonly etag: string | null;
  // Answers are told apart by their status.
  readonly json: Record<string, unknown>;
}

/** The admin API and the feed of one process. */
export class ConfigApi {
  readonly node: NodeProcess;
  #operatorKey: string | undefined;

  constructor(node: NodeProcess) {
    this.node = node;
  }

  /** A request as the operator; undefined: nobody answers there, or it was cut off. */
  async call(
    method: string,
    path: string,
    sent: { readonly body?: unknown; readonly ifMatch?: string } = {},
  ): Promise<Told | undefined> {
    this.#operatorKey ??= (await Deno.readTextFile(`${this.node.dataDir}/operator_key`)).trim();
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    return await this.#ask(`${this.node.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#operatorKey}`,
        ...(sent.body === undefined ? {} : { "content-type": type }),
        ...(sent.ifMatch === undefined ? {} : { "if-match": sent.ifMatch }),
      },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    });
  }

  /** What its log has behind a position, held for a while; "gone": it has no such position. */
  async changes(
    { logId, n, changeId }: Position,
    options: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<Change[] | "gone" | undefined> {
    const query = new URLSearchParams({
      ...{ logId, n: String(n), changeId, waitMs: String(options.waitMs) },
    });
    const told = await this.#feed(`/v1/config/changes?${query}`, options.signal);
    if (told?.status === 410) return "gone";
    // The feed's own form, as docs/ARCHITECTURE.md tells it.
    return told?.status === 200 ? told.json["changes"] as Change[] : undefined;
  }

  /** Every site, and where the log ended before they were read. Throws when nobody answers. */
  async sites(): Promise<{ readonly head: Position; readonly sites: readonly Site[] }> {
    const sites: Site[] = [];
    let head: Position | undefined;
    let after = "";
    do {
      const told = await this.#feed(`/v1/config/sites${after}`);
      if (told?.status !== 200) throw new Error(`The feed of ${this.node.internalUrl} is away`);
      // The feed's own form.
      const page = told.json as { head: Position; sites: Site[]; next?: string };
      head ??= page.head;
      sites.push(...page.sites);
      after = page.next === undefined ? "" : `?after=${page.next}`;
    } while (after !== "");
    return { head, sites };
  }

  #feed(path: string, signal?: AbortSignal): Promise<Told | undefined> {
    return this.#ask(`${this.node.internalUrl}${path}`, {
      headers: { authorization: `Bearer ${configKey}` },
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #ask(url: string, init: RequestInit): Promise<Told | undefined> {
    try {
      const response = await fetch(url, init);
      const text = await response.text();
      const { status, headers } = response;
      return { status, etag: headers.get("etag"), json: text === "" ? {} : JSON.parse(text) };
    } catch {
      return undefined; // killed, or not there yet
    }
  }

  /** Goes on once there is an answer: the process comes back. */
  async persist(ask: () => Promise<Told | undefined>): Promise<Told> {
    for (;;) {
      const told = await ask();
      if (told !== undefined) return told;
      await pause(20);
    }
  }
}
