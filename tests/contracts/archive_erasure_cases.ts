import assert from "node:assert/strict";
import fc from "fast-check";
import type { Archive, ArchiveWrite } from "../../archive/archive.ts";
import { type ArchiveCase, chatIds, erasedAt, on, texts } from "./archive_case.ts";
import {
  acme,
  chatOf,
  chatWrite,
  entryWrite,
  offlineWrite,
  rowWrite,
  visitorOf,
} from "../harness/archive_samples.ts";

/** What one visitor left, of which some may come before its erasure and some after. */
const left: readonly ArchiveWrite[] = [
  entryWrite(1, { n: 1, by: "agent", text: "hello" }),
  entryWrite(1, { n: 2 }),
  entryWrite(1, { n: 2, tenure: 2, id: "m1-2" }),
  entryWrite(1, { n: 1, stream: "staff", kind: "note", by: "agent", id: "note" }),
  chatWrite(1),
  offlineWrite(1),
  rowWrite(1, { log: "rating", chatId: chatOf(1), visitorId: visitorOf(1), body: { score: 3 } }),
  rowWrite(2, { log: "canned_use", chatId: chatOf(1) }),
];

async function assertGone(archive: Archive): Promise<void> {
  const nothing = { visitorId: visitorOf(1), chats: [], offlineMessages: [], logs: [] };
  assert.deepEqual(await archive.exportVisitor(acme, visitorOf(1)), nothing);
  assert.deepEqual(await chatIds(archive), [chatOf(2)]);
  assert.deepEqual(await texts(archive, 1), []);
  assert.deepEqual(await texts(archive, 2), ["text 1"]);
  assert.deepEqual((await archive.offlineMessages(acme, { limit: 9 })).items, []);
  for (const log of ["rating", "canned_use"] as const) {
    assert.deepEqual((await archive.logRows(acme, { log, limit: 9 })).items, []);
  }
}

/** Erasure among records that come in any order. */
export const erasureCases: readonly ArchiveCase[] = [
  {
    name:
      "[AR9] of a chat that comes only after the erasure nothing is kept, in one call or several",
    run: on([chatWrite(2), entryWrite(2, { n: 1 })], async (archive) => {
      await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
      await archive.record(left.slice(0, 2));
      await archive.record(left.slice(2));
      await assertGone(archive);
    }),
  },
  {
    name: "[AR9] the end of a chat takes with it what came of it since the erasure",
    run: on([chatWrite(2), entryWrite(2, { n: 1 })], async (archive) => {
      await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
      const agents = left.filter(({ record }) =>
        record.type === "entry" && record.entry.author.type === "agent"
      );
      await archive.record([...agents, chatWrite(1)]);
      await assertGone(archive);
    }),
  },
  {
    name: "[AR9] an erasure at any moment among records in any order leaves nothing",
    run: async (driver) => {
      const orders = fc.shuffledSubarray([...left.keys()], { minLength: left.length });
      const erasedAfter = fc.nat(left.length);
      await fc.assert(
        fc.asyncProperty(orders, erasedAfter, fc.boolean(), async (order, after, isRace) => {
          await driver.use(async (archive, reopen) => {
            await archive.record([chatWrite(2), entryWrite(2, { n: 1 })]);
            const steps = order.map((at) => () => archive.record(left.slice(at, at + 1)));
            const erase = async () => void await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
            const acts = [...steps.slice(0, after), erase, ...steps.slice(after)];
            if (isRace) await Promise.all(acts.map((act) => act()));
            else for (const act of acts) await act();
            await assertGone(archive);
            await assertGone(await reopen());
          });
        }),
        { numRuns: 40 },
      );
    },
  },
];
