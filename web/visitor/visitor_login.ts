import type { HttpApi, VisitorLogin } from "../sdk/http_api.ts";
import type { ClientStorage } from "../sdk/storage.ts";
import { readKept } from "../view/page_storage.ts";

/** Who this browser is at a site: shared by its tabs, made when the first chat is asked for. */
export class VisitorLogins {
  readonly #storage: ClientStorage;
  readonly #api: HttpApi;
  readonly #key: string;

  constructor(
    { storage, api, siteId }: { storage: ClientStorage; api: HttpApi; siteId: string },
  ) {
    this.#storage = storage;
    this.#api = api;
    this.#key = `chatnode/${siteId}/visitor/login`;
  }

  /** The login kept by an earlier page or another tab, unless it has expired. */
  kept(now: number): VisitorLogin | undefined {
    const value = readKept(this.#storage, this.#key);
    if (value === undefined || !("token" in value) || !("visitorId" in value)) return undefined;
    // Parse boundary: only this class writes under this key.
    const login = value as VisitorLogin;
    return login.expiresAt > now ? login : undefined;
  }

  /** The kept login, or a new visitor's. Throws HttpFailure. */
  async obtain(now: number): Promise<VisitorLogin> {
    const kept = this.kept(now);
    if (kept !== undefined) return kept;
    const login = await this.#api.createVisitor();
    this.#storage.set(this.#key, JSON.stringify(login));
    return login;
  }

  /** The server does not take the token any more. */
  forget(): void {
    this.#storage.remove(this.#key);
  }
}
