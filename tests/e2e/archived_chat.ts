import assert from "node:assert/strict";
import type { ChatId } from "../../core/ids.ts";
import type { ServerProcess } from "./server.ts";

const waitMsMax = 10_000;

/** Waits until the chat is found in the history of the site "bakery". */
export async function archived(server: ServerProcess, key: string, chatId: ChatId): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const started = performance.now();
  while (performance.now() - started < waitMsMax) {
    const path = `/v1/sites/bakery/history/chats/${chatId}`;
    const response = await fetch(server.url + path, { headers });
    await response.body?.cancel();
    if (response.ok) return;
    assert.equal(response.status, 404);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The chat was never archived");
}
