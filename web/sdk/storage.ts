/**
 * Where a client keeps what must survive its page: small texts under keys, shared by all pages of
 * one origin. Synchronous. A write that fails is reported, never thrown: the client goes on in
 * memory.
 */
export interface ClientStorage {
  get(key: string): string | undefined;
  /** False when it could not be kept (quota, private mode). */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  /** Keys that begin with the prefix, in any order. */
  keys(prefix: string): readonly string[];
}

/** The browser's own storage, or any other Storage. */
export function browserStorage(storage: Storage): ClientStorage {
  return {
    get: (key) => storage.getItem(key) ?? undefined,
    set(key, value) {
      try {
        storage.setItem(key, value);
        return true;
      } catch {
        return false;
      }
    },
    remove: (key) => storage.removeItem(key),
    keys(prefix) {
      const keys: string[] = [];
      for (let i = 0; i < storage.length; i++) {
        const key = storage.key(i);
        if (key?.startsWith(prefix)) keys.push(key);
      }
      return keys;
    },
  };
}

/**
 * Storage that lives as long as the object: tests, load clients, and browsers that forbid storage.
 */
export function memoryStorage(): ClientStorage {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.set(key, value);
      return true;
    },
    remove: (key) => void values.delete(key),
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}
