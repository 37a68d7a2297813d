import type { Key } from "./kv_keys.ts";

/** One change of the file. */
type Change =
  | { readonly type: "set"; readonly key: Key; readonly value: unknown }
  | { readonly type: "delete"; readonly key: Key };

/** Below Deno KV's limits of one atomic: 1,000 changes, 800 KiB, 80 KiB of keys. */
const changesMax = 900;
const bytesMax = 600 * 1024;
const keyBytesMax = 70 * 1024;
/** Deno KV's own limit. */
const getManyMax = 10;

/**
 * Changes that are being gathered, and reads that see them already. `step()` marks where they may
 * be cut into several atomics: what lies between two marks takes place together.
 */
export class Draft {
  readonly #kv: Deno.Kv;
  readonly #now = new Map<string, unknown>();
  readonly #steps: Change[][] = [[]];

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Reads these at once, so that get() of them does not wait for the file. */
  async load(wanted: readonly Key[]): Promise<void> {
    const missing = wanted.filter((key) => !this.#now.has(nameOf(key)));
    const reads: Promise<void>[] = [];
    for (let from = 0; from < missing.length; from += getManyMax) {
      const some = missing.slice(from, from + getManyMax);
      reads.push(
        this.#kv.getMany<unknown[]>(some).then((rows) => {
          for (const { key, value } of rows) {
            // Keys come back as they were given.
            const name = nameOf(key as Key);
            if (!this.#now.has(name)) this.#now.set(name, value ?? undefined);
          }
        }),
      );
    }
    await Promise.all(reads);
  }

  /** What lies there, these changes included. The archive alone writes, so its types hold. */
  async get<Value>(key: Key): Promise<Value | undefined> {
    const name = nameOf(key);
    if (!this.#now.has(name)) this.#now.set(name, (await this.#kv.get(key)).value ?? undefined);
    return this.#now.get(name) as Value | undefined; // see above
  }

  set(key: Key, value: unknown): void {
    this.#now.set(nameOf(key), value);
    this.#change({ type: "set", key, value });
  }

  delete(key: Key): void {
    this.#now.set(nameOf(key), undefined);
    this.#change({ type: "delete", key });
  }

  #change(change: Change): void {
    this.#steps.at(-1)?.push(change);
  }

  step(): void {
    this.#steps.push([]);
  }

  /** Writes everything in as few atomics as it fits; in order, so a failure leaves a beginning. */
  async commit(): Promise<void> {
    let atomic = this.#kv.atomic();
    let size = { changes: 0, bytes: 0, keyBytes: 0 };
    for (const step of this.#steps) {
      const more = sizeOf(step);
      const isFull = size.changes + more.changes > changesMax ||
        size.bytes + more.bytes > bytesMax || size.keyBytes + more.keyBytes > keyBytesMax;
      if (isFull && size.changes > 0) {
        await atomic.commit();
        atomic = this.#kv.atomic();
        size = { changes: 0, bytes: 0, keyBytes: 0 };
      }
      for (const change of step) {
        if (change.type === "set") atomic.set(change.key, change.value);
        else atomic.delete(change.key);
      }
      size = {
        changes: size.changes + more.changes,
        bytes: size.bytes + more.bytes,
        keyBytes: size.keyBytes + more.keyBytes,
      };
    }
    if (size.changes > 0) await atomic.commit();
  }
}

function nameOf(key: Key): string {
  return JSON.stringify(key);
}

function sizeOf(step: readonly Change[]) {
  let bytes = 0;
  let keyBytes = 0;
  for (const change of step) {
    keyBytes += nameOf(change.key).length + 8;
    if (change.type === "set") bytes += valueBytes(change.value);
  }
  return { changes: step.length, bytes: bytes + keyBytes, keyBytes };
}

/** An upper bound: text may take two bytes a character. */
function valueBytes(value: unknown): number {
  return typeof value === "object" ? JSON.stringify(value).length * 2 + 64 : 32;
}
