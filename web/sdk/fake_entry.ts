import { agent } from "./fake_network.ts";
import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId, TenureId } from "../../core/ids.ts";

/** The one chat of tests that need no more. Born here, so here it gets its brand. */
export const fakeChatId = "01C00000000000000000000000" as ChatId;

/** An entry for tests: its stamp, its place, and what else a test cares for. */
export function fakeEntry(
  n: number,
  { tenure = "A", order = n, ...rest }:
    & { tenure?: string; order?: number }
    & Partial<Pick<SignedEntry, "id" | "stream" | "text" | "author">> = {},
): SignedEntry {
  return {
    chatId: fakeChatId,
    // Born here for tests; a ULID in form.
    tenure: `01T${tenure.padStart(23, "0")}` as TenureId,
    stream: "public",
    n,
    order,
    at: order,
    author: agent(),
    id: `${tenure}${n}`,
    kind: "message",
    text: `text ${n}`,
    sig: "sig",
    ...rest,
  };
}
