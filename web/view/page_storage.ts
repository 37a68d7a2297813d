import { browserStorage, type ClientStorage, memoryStorage } from "../sdk/storage.ts";

/**
 * The page's lasting storage; memory where the browser forbids it, so that chatting still works.
 */
export function pageStorage(): ClientStorage {
  try {
    return browserStorage(globalThis.localStorage);
  } catch {
    return memoryStorage();
  }
}

/** Storage of this tab alone; survives its reload. */
export function tabStorage(): ClientStorage {
  try {
    return browserStorage(globalThis.sessionStorage);
  } catch {
    return memoryStorage();
  }
}

/** A JSON object kept under a key; undefined when it is not there or no JSON object. */
export function readKept(storage: ClientStorage, key: string): object | undefined {
  try {
    const value: unknown = JSON.parse(storage.get(key) ?? "null");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
