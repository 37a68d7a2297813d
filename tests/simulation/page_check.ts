import { identityOf } from "../../core/entry.ts";
import type { ChatSnapshot } from "../../web/sdk/snapshot.ts";
import type { ShownPage } from "./shown_page.ts";
import type { RuleName } from "./rules.ts";
import type { SiteTruth } from "./site_truth.ts";
import { sameEntry } from "./state_difference.ts";

interface PageCheck {
  readonly truth: SiteTruth;
  readonly others: readonly ShownPage[];
  /** Whether the person was banned, logged out, disabled or lost its sessions at some time. */
  readonly isShutOut: boolean;
  violate(rule: RuleName, message: string): void;
}

/** Judges what a page shows, against what it showed before and what is on disk. */
export function checkPage(page: ShownPage, check: PageCheck): void {
  const { connection, chats } = page.snapshot;
  if (connection.state === "stopped") checkStop(page, connection.closeName, check);
  for (const chat of chats) checkChat(page, chat, check);
  for (const [chatId, before] of page.shown) {
    if (before.entries.length === 0 || chats.some((chat) => chat.chatId === chatId)) continue;
    check.violate("grows", `${page.name} shows chat ${chatId} no more`);
    page.shown.delete(chatId);
  }
}

/** Only an agent's newer console may stop a page that means no harm. */
function checkStop(page: ShownPage, closeName: string, check: PageCheck): void {
  const { others, violate, isShutOut } = check;
  if (isShutOut && ["banned", "logged_out", "bad_token"].includes(closeName)) return;
  const same = others.filter((other) =>
    !other.gone && other.siteId === page.siteId && other.holder.id === page.holder.id
  );
  const newer = same.some((other) => other !== page && other.startedAt >= page.startedAt);
  if (closeName === "replaced" && newer && page.holder.type === "agent") return;
  if (closeName === "too_many_tabs" && same.length > 7) return;
  const who = same.length > 1 ? "by an older page that came back" : "and there is no other";
  violate("stopped", `${page.name} was stopped for good (${closeName}), ${who}`);
}

function checkChat(page: ShownPage, chat: ChatSnapshot, check: PageCheck): void {
  const { entries, chatId } = chat;
  const before = page.shown.get(chatId)?.entries ?? [];
  if (before.length === entries.length && before.at(-1) === entries.at(-1)) return;
  // Most often something new stands behind all that was there.
  const same = before.length < entries.length && before.at(-1) === entries[before.length - 1];
  const identities = same ? page.shown.get(chatId)?.identities ?? new Set() : new Set<string>();
  const from = same ? before.length : 0;
  let known = from;
  let order = entries[from - 1]?.order ?? 0;
  for (const entry of entries.slice(from)) {
    if (entry === before[known]) known += 1;
    else checkEntry(page, entry, check);
    if (entry.order <= order) {
      check.violate("grows", `${page.name} shows ${entry.id} of chat ${chatId} out of order`);
    }
    order = entry.order;
    const identity = identityOf(entry.author, entry.id);
    if (identities.has(identity)) check.violate("identity", `${page.name} shows ${identity} twice`);
    identities.add(identity);
  }
  if (known < before.length) {
    const lost = before[known]?.id;
    check.violate("grows", `${page.name} does not show ${lost} of chat ${chatId} any more`);
  }
  page.shown.set(chatId, { entries: [...entries], identities });
}

function checkEntry(
  page: ShownPage,
  entry: ChatSnapshot["entries"][number],
  check: PageCheck,
): void {
  const real = check.truth.entryOf(entry);
  if (real === undefined) {
    return check.violate("commit_first", `${page.name} shows ${entry.id}, which is not on disk`);
  }
  if (!sameEntry(real, entry)) {
    check.violate("stamps", `${page.name} shows a fork: ${JSON.stringify(entry)}`);
  }
  if (entry.stream === "staff" && page.holder.type === "visitor") {
    check.violate("staff", `${page.name} shows ${entry.kind} ${entry.id}`);
  }
}
