import assert from "node:assert/strict";
import type { ArchiveWrite } from "../../archive/archive.ts";
import { type ArchiveCase, chatIds, dayMs, erasedAt, on, texts } from "./archive_case.ts";
import {
  acme,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  offlineWrite,
  rowWrite,
  visitorOf,
} from "../harness/archive_samples.ts";

/** Everything of visitor 1: its chat with entries, an offline message, rows. */
const ofVisitor1: readonly ArchiveWrite[] = [
  entryWrite(1, { n: 1 }),
  entryWrite(1, { n: 2, by: "agent" }),
  chatWrite(1),
  offlineWrite(1),
  rowWrite(1, { log: "rating", chatId: chatOf(1), visitorId: visitorOf(1), body: { score: 3 } }),
  rowWrite(2, { log: "canned_use", chatId: chatOf(1) }),
];

/** What comes behind the erasure, of a chat that was begun later. */
const later = { order: erasedAt + 1_000, visitor: 1 };

/** Export, erasure, expiry. */
export const goneCases: readonly ArchiveCase[] = [
  {
    name: "[AR9] a visitor's export has its chats, messages and rows, and nobody else's",
    run: on([...ofVisitor1, chatWrite(2), rowWrite(3)], async (archive) => {
      const found = await archive.exportVisitor(acme, visitorOf(1));
      assert.deepEqual(
        found.chats.map((one) => [one.chatId, one.chat?.reason, one.entries.length]),
        [
          [chatOf(1), "agent_ended", 2],
        ],
      );
      assert.deepEqual(found.offlineMessages.map(({ messageId }) => messageId), ["offline-1"]);
      assert.deepEqual(found.logs.map(({ rowId }) => rowId), ["row-1", "row-2"]);
    }),
  },
  {
    name: "[AR9] a visitor's export has the chat that still runs, with what it has of it",
    run: on([entryWrite(1, { n: 1 }), entryWrite(1, { n: 2, by: "agent" })], async (archive) => {
      const { chats } = await archive.exportVisitor(acme, visitorOf(1));
      assert.deepEqual(chats.map((one) => [one.chatId, one.chat, one.entries.length]), [
        [chatOf(1), undefined, 2],
      ]);
    }),
  },
  {
    name: "[AR9] a chat that the visitor began later stays, wherever its erasure is by then",
    run: on([...ofVisitor1, entryWrite(5, { n: 1, ...later })], async (archive) => {
      await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
      await archive.record([entryWrite(5, { n: 2, ...later })]);
      assert.equal((await texts(archive, 1)).length, 0);
      assert.equal((await texts(archive, 5)).length, 2);
    }),
  },
  {
    name: "[AR9] what is erased is gone from every list, and no repeat brings it back",
    run: on([...ofVisitor1, chatWrite(2), rowWrite(3)], async (archive, { reopen }) => {
      assert.equal(await archive.eraseVisitor(acme, visitorOf(1), erasedAt), 6);
      const again = await reopen();
      await again.record(ofVisitor1);
      await again.record(ofVisitor1.map((one) => ({ ...one, queueName: "elsewhere" })));
      const nothing = { visitorId: visitorOf(1), chats: [], offlineMessages: [], logs: [] };
      assert.deepEqual(await again.exportVisitor(acme, visitorOf(1)), nothing);
      assert.deepEqual(await chatIds(again), [chatOf(2)]);
      assert.deepEqual(await chatIds(again, { text: "visitor" }), [chatOf(2)]);
      assert.deepEqual(await texts(again, 1), []);
      assert.deepEqual((await again.offlineMessages(acme, { limit: 9 })).items, []);
      assert.equal((await again.logRows(acme, { log: "agent_status", limit: 9 })).items.length, 1);
      assert.equal(await again.eraseVisitor(acme, visitorOf(1), erasedAt), 0);
    }),
  },
  {
    name: "[AR9] a visitor who comes back after its erasure is kept anew",
    run: on(ofVisitor1, async (archive, { clock }) => {
      await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
      const later = { visitorId: visitorOf(1), endedAt: clock.now + dayMs };
      await archive.record([chatWrite(7, later)]);
      assert.deepEqual(await chatIds(archive), [chatOf(7)]);
    }),
  },
  {
    name: "[AR10] what is older than its site keeps is deleted, with everything that belongs to it",
    run: on([
      ...ofVisitor1,
      chatWrite(2, { endedAt: epoch + 5 * dayMs }),
      entryWrite(2, { n: 1, order: epoch + 5 * dayMs }),
      entryWrite(3, { n: 1 }),
      offlineWrite(8, { at: epoch + 5 * dayMs }),
      rowWrite(3),
      rowWrite(4, { at: epoch + 5 * dayMs }),
    ], async (archive) => {
      const days = { chats: 3, offlineMessages: 4, logs: 2, visits: 1 };
      const expireAll = async (now: number) => {
        while (!(await archive.expire(now, () => Promise.resolve(days))).isDone);
      };
      await expireAll(epoch + 2 * dayMs);
      assert.equal((await chatIds(archive)).length, 2);
      for (const day of [3, 4, 4.5]) await expireAll(epoch + day * dayMs);
      assert.deepEqual(await chatIds(archive), [chatOf(2)]);
      assert.deepEqual([await texts(archive, 1), await texts(archive, 3)], [[], []]);
      assert.equal((await texts(archive, 2)).length, 1);
      const { items } = await archive.offlineMessages(acme, { limit: 9 });
      assert.deepEqual(items.map(({ messageId }) => messageId), ["offline-8"]);
      const left = await archive.logRows(acme, { log: "agent_status", limit: 9 });
      assert.deepEqual(left.items.map(({ rowId }) => rowId), ["row-4"]);
      assert.deepEqual((await archive.exportVisitor(acme, visitorOf(1))).logs, []);
    }),
  },
  {
    name: "[AR12] of a site whose days cannot be said now, nothing is deleted",
    run: on(ofVisitor1, async (archive) => {
      const step = await archive.expire(epoch + 5_000 * dayMs, () => Promise.resolve(undefined));
      assert.deepEqual(step, { deleted: 0, isDone: true });
      assert.equal((await chatIds(archive)).length, 1);
    }),
  },
  {
    name: "[AR13] nothing is deleted for its age when the time jumped, until a day has gone by",
    run: on(ofVisitor1, async (archive, { reopen }) => {
      const days = { chats: 30, offlineMessages: 30, logs: 30, visits: 30 };
      const deletedAt = async (day: number, of = archive) =>
        (await of.expire(epoch + day * dayMs, () => Promise.resolve(days))).deleted > 0;
      assert.equal(await deletedAt(1), false);
      assert.equal(await deletedAt(1.9), false, "nothing is old");
      assert.equal(await deletedAt(400), false, "the clock jumped");
      const again = await reopen();
      assert.equal(await deletedAt(400.9, again), false);
      assert.equal(await deletedAt(2.5, again), false, "it was put right");
      assert.equal(await deletedAt(40, again), false, "the process was away");
      assert.equal((await chatIds(again)).length, 1);
      assert.equal(await deletedAt(41, again), true, "it is later indeed");
      assert.deepEqual(await chatIds(again), []);
    }),
  },
  {
    name: "[AR10] much that is old is deleted in bounded steps",
    run: on([], async (archive) => {
      for (let from = 0; from < 500; from += 100) {
        await archive.record(Array.from({ length: 100 }, (_, no) => rowWrite(from + no)));
      }
      const days = { chats: 1, offlineMessages: 1, logs: 1, visits: 1 };
      let steps = 0;
      for (let isDone = false; !isDone; steps++) {
        const step = await archive.expire(epoch + 9 * dayMs, () => Promise.resolve(days));
        assert.ok(step.deleted <= 300);
        isDone = step.isDone;
      }
      assert.ok(steps >= 2);
      assert.deepEqual((await archive.logRows(acme, { log: "agent_status", limit: 9 })).items, []);
    }),
  },
];
