import type { ClientStorage } from "../sdk/storage.ts";

/** What was typed and not sent, by what it is for; survives a reload and a closed tab. */
export class Drafts {
  readonly #storage: ClientStorage;
  readonly #prefix: string;

  constructor(storage: ClientStorage, owner: string) {
    this.#storage = storage;
    this.#prefix = `chatnode/${owner}/draft/`;
  }

  /** The draft of a name; empty when there is none. */
  get(name: string): string {
    return this.#storage.get(this.#prefix + name) ?? "";
  }

  /** Keeps a draft; an empty one is removed. */
  set(name: string, text: string): void {
    if (text === "") this.#storage.remove(this.#prefix + name);
    else this.#storage.set(this.#prefix + name, text);
  }
}
