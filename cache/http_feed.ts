import type { z } from "zod";
import type { SiteId } from "../core/ids.ts";
import {
  changesPageSchema,
  type ConfigFeed,
  type FeedQuestion,
  FeedUnavailable,
  type SitesPage,
  sitesPageSchema,
} from "./config_feed.ts";
import { configLimits } from "./config_limits.ts";
import type { ChangesPage, LogPosition } from "./config_store.ts";

/** Sends a request; fetch does. */
export type Dial = (url: string, init: RequestInit) => Promise<Response>;

/** Where the feed is, and what lets us in. */
export interface HttpFeedOptions {
  /** The internal address of the process to follow. */
  readonly url: string;
  readonly key: string;
  readonly dial: Dial;
}

/** Follows another process over HTTP: GET /v1/config/changes and /v1/config/sites. */
export class HttpFeed implements ConfigFeed {
  readonly #options: HttpFeedOptions;

  constructor(options: HttpFeedOptions) {
    this.#options = options;
  }

  async changes(after: LogPosition, question: FeedQuestion): Promise<ChangesPage | "gone"> {
    const { limit, waitMs, signal } = question;
    const { logId, n, changeId } = after;
    // While a copy is being made the head is one that no log has.
    if (logId === "") return "gone";
    const query = new URLSearchParams({
      ...{ logId, n: String(n), changeId, limit: String(limit), waitMs: String(waitMs) },
    });
    const response = await this.#ask(`/v1/config/changes?${query}`, signal);
    if (response.status === 410) {
      await response.body?.cancel();
      return "gone";
    }
    return await read(response, changesPageSchema);
  }

  async sites(after: SiteId | undefined, signal: AbortSignal): Promise<SitesPage> {
    const query = after === undefined ? "" : `?${new URLSearchParams({ after })}`;
    const page = await read(await this.#ask(`/v1/config/sites${query}`, signal), sitesPageSchema);
    return { ...page, next: page.next };
  }

  async #ask(path: string, signal: AbortSignal): Promise<Response> {
    const { url, key, dial } = this.#options;
    let response;
    try {
      response = await dial(`${url.replace(/\/+$/, "")}${path}`, {
        headers: { authorization: `Bearer ${key}` },
        // The key goes to nobody else.
        redirect: "error",
        signal,
      });
    } catch (error) {
      throw new FeedUnavailable(`Cannot reach ${url}`, { cause: error });
    }
    if (response.ok || response.status === 410) return response;
    await response.body?.cancel();
    const why = response.status === 401 || response.status === 403
      ? "it does not let us in: CONFIG_KEY must be the same on both sides"
      : `it answers ${response.status}`;
    throw new FeedUnavailable(`Cannot follow ${url}: ${why}`);
  }
}

async function read<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.infer<Schema>> {
  try {
    return schema.parse(JSON.parse(await boundedText(response)));
  } catch (error) {
    throw new FeedUnavailable("Cannot read the answer of the feed", { cause: error });
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > configLimits.pageWireBytesMax) {
      throw new Error(`It is longer than ${configLimits.pageWireBytesMax} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
