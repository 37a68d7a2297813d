import type { AgentLogin } from "../sdk/http_api.ts";
import type { ClientStorage } from "../sdk/storage.ts";
import { readKept } from "../view/page_storage.ts";

/** Who is logged in in this tab; survives its reload, and ends with it. */
export class AgentLogins {
  readonly #storage: ClientStorage;
  readonly #key: string;

  constructor(storage: ClientStorage, siteId: string) {
    this.#storage = storage;
    this.#key = `chatnode/${siteId}/agent/login`;
  }

  /** The login kept by the page before this one, unless it has expired. */
  kept(now: number): AgentLogin | undefined {
    const value = readKept(this.#storage, this.#key);
    if (value === undefined || !("token" in value) || !("agentId" in value)) return undefined;
    // Parse boundary: only this class writes under this key.
    const login = value as AgentLogin;
    return login.expiresAt > now ? login : undefined;
  }

  /** Keeps a login for reloads. */
  keep(login: AgentLogin): void {
    this.#storage.set(this.#key, JSON.stringify(login));
  }

  /** The agent left, or the server does not take the token any more. */
  forget(): void {
    this.#storage.remove(this.#key);
  }
}
