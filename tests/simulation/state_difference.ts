import type { ChatSnapshot } from "../../core/chat.ts";
import { canonicalEntry, type Entry } from "../../core/entry.ts";
import type { SiteState } from "../../core/site_state.ts";

/** A stamp as a key. */
export function stampOf(
  { chatId, tenure, stream, n }: Pick<Entry, "chatId" | "tenure" | "stream" | "n">,
) {
  return `${chatId}/${tenure}/${stream}/${n}`;
}

/** Whether two entries are the same in all that is signed. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.chatId === b.chatId && a.tenure === b.tenure && a.stream === b.stream &&
    a.n === b.n && a.order === b.order && a.at === b.at && a.author.type === b.author.type &&
    a.author.id === b.author.id && a.id === b.id && a.kind === b.kind && a.text === b.text);
}

/** How two states of a site differ, in one line; undefined when they are equal. */
export function differenceOf(real: SiteState, expected: SiteState): string | undefined {
  if (real.tenure !== expected.tenure) return `tenure ${real.tenure}, expected ${expected.tenure}`;
  for (const agentId of new Set([...real.agents.keys(), ...expected.agents.keys()])) {
    const [a, b] = [real.registersOf(agentId), expected.registersOf(agentId)].map((registers) =>
      // In one order: a register that was set later stands behind those that were saved.
      JSON.stringify(
        Object.entries(registers).filter(([, value]) => value !== undefined).sort(),
      )
    );
    if (a !== b) return `agent ${agentId} is ${a}, expected ${b}`;
  }
  for (const chatId of new Set([...real.chats.keys(), ...expected.chats.keys()])) {
    const a = real.chats.get(chatId);
    const b = expected.chats.get(chatId);
    if (a === undefined) return `chat ${chatId} is gone`;
    if (b === undefined) return `chat ${chatId} is there and was forgotten or never committed`;
    const difference = entryDifference(a.log.entries, b.log.entries) ??
      registerDifference(a.snapshot(), b.snapshot());
    if (difference !== undefined) return `chat ${chatId}: ${difference}`;
  }
  return volumeDifference(real, expected);
}

/** What stands beside chats: threads, bans, what visitors did. */
function volumeDifference(real: SiteState, expected: SiteState): string | undefined {
  for (const chatId of new Set([...real.threads.keys(), ...expected.threads.keys()])) {
    const [a, b] = [real.threads.get(chatId), expected.threads.get(chatId)];
    const difference = entryDifference(a?.log.entries ?? [], b?.log.entries ?? []);
    if (difference !== undefined) return `thread ${chatId}: ${difference}`;
  }
  const bansOf = ({ bans }: SiteState) =>
    [...[...bans].map(({ banId }) => banId).sort(), "lifted", ...[...bans.lifted.keys()].sort()]
      .join();
  if (bansOf(real) !== bansOf(expected)) return `bans ${bansOf(real)} not ${bansOf(expected)}`;
  const spentOf = ({ spentIds }: SiteState) =>
    [spentIds.outdatedUntil, ...[...spentIds.all()].sort()].join();
  if (spentOf(real) !== spentOf(expected)) {
    return `spent ids ${spentOf(real)} not ${spentOf(expected)}`;
  }
  const actsOf = ({ visitorRegisters }: SiteState) => JSON.stringify([...visitorRegisters].sort());
  if (actsOf(real) !== actsOf(expected)) return `${actsOf(real)}, expected ${actsOf(expected)}`;
  return undefined;
}

function registerDifference(real: ChatSnapshot, expected: ChatSnapshot): string | undefined {
  const others = new Map(Object.entries(expected));
  for (const [name, value] of Object.entries(real)) {
    const [one, other] = [JSON.stringify(value), JSON.stringify(others.get(name))];
    if (one !== other) return `${name} is ${one}, expected ${other}`;
  }
  return undefined;
}

function entryDifference(real: readonly Entry[], expected: readonly Entry[]): string | undefined {
  for (let i = 0; i < Math.max(real.length, expected.length); i++) {
    const [a, b] = [real[i], expected[i]];
    if (a !== undefined && b !== undefined && sameEntry(a, b)) continue;
    const one = a === undefined ? "missing" : canonicalEntry(a);
    const other = b === undefined ? "missing" : canonicalEntry(b);
    if (one !== other) return `entry ${i + 1} of ${expected.length} is ${one}, expected ${other}`;
  }
  return undefined;
}
