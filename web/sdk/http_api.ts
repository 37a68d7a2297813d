import type { SignedEntry } from "../../core/entry.ts";
import type { AgentId, ChatId, VisitorId } from "../../core/ids.ts";
import type { Availability, ChatView } from "../../core/views.ts";

/** A visitor as the server first saw it, with its session token. */
export interface VisitorLogin {
  readonly visitorId: VisitorId;
  readonly token: string;
  readonly expiresAt: number;
  /** Whether a WebSocket may be held before the window is opened. */
  readonly tracked: boolean;
  /** What the chat button shows. */
  readonly availability: Availability;
  /** Whether a chat of this visitor runs. */
  readonly hasChat: boolean;
}

/** What a page says when it is loaded. */
export interface PageLoad {
  /** The token of this browser's earlier visits. */
  readonly visitorToken?: string;
  /** The site's own token of its user. */
  readonly signIn?: string;
  readonly url?: string;
  readonly title?: string;
  readonly referrer?: string;
  readonly visits?: number;
}

/** An agent who gave the right password, with the session token. */
export interface AgentLogin {
  readonly agentId: AgentId;
  readonly name: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** A chat and its entries in order of display. */
export interface TranscriptAnswer {
  /** Absent when the server has it from its archive: a chat that ended long ago. */
  readonly chat?: ChatView;
  readonly entries: readonly SignedEntry[];
}

/** An answer that was no success: the status, and what problem+json said. 0: no answer at all. */
export class HttpFailure extends Error {
  override name = "HttpFailure";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The HTTP calls that a page needs before and beside its socket. Throws HttpFailure. */
export class HttpApi {
  readonly #site: string;
  readonly #fetch: typeof fetch;

  constructor(server: string, siteId: string, { fetch: using = fetch } = {}) {
    this.#site = new URL(`/v1/sites/${encodeURIComponent(siteId)}`, server).href;
    this.#fetch = (input, init) => using(input, init);
  }

  /**
   * At every load of a page: a new visitor, or the one of the token. Status 403: banned; 401: a
   * token that is not taken, come without it.
   */
  async createVisitor(page: PageLoad = {}): Promise<VisitorLogin> {
    const body = await this.#call("/visitors", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(page),
    });
    // Parse boundary: the server answers by its own schema.
    return body as VisitorLogin;
  }

  /** Logs an agent in; status 401 for a wrong name or password. */
  async loginAgent(agentId: string, password: string): Promise<AgentLogin> {
    const body = await this.#call("/agents/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ agentId, password }),
    });
    // Parse boundary: the server answers by its own schema.
    return body as AgentLogin;
  }

  /** The transcript of a chat that the token's holder may see. */
  async transcript(chatId: ChatId, token: string): Promise<TranscriptAnswer> {
    const body = await this.#call(`/chats/${chatId}/transcript`, {
      headers: { authorization: `Bearer ${token}` },
    });
    // Parse boundary: the server answers by its own schema.
    return body as TranscriptAnswer;
  }

  async #call(path: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    try {
      response = await this.#fetch(this.#site + path, init);
    } catch (error) {
      throw new HttpFailure(0, "The server cannot be reached", { cause: error });
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body;
    throw new HttpFailure(response.status, problemText(body) ?? `HTTP ${response.status}`);
  }
}

function problemText(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const parts = ["title" in body ? body.title : undefined, "detail" in body ? body.detail : ""];
  const texts = parts.filter((part) => typeof part === "string" && part !== "");
  return texts.length === 0 ? undefined : texts.join(": ");
}
