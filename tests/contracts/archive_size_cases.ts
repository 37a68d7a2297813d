import assert from "node:assert/strict";
import { type ArchiveCase, chatIds, dayMs, erasedAt, on, texts } from "./archive_case.ts";
import {
  acme,
  ana,
  chat,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  offline,
  offlineWrite,
  other,
  row,
  rowWrite,
  streamOf,
  visitorOf,
  write,
} from "../harness/archive_samples.ts";

/** A form of 50 fields, some 220 KiB as JSON. */
const fields = Object.fromEntries(
  Array.from({ length: 50 }, (_, no) => [`field ${no}`, "\u8a9e".repeat(1_450)]),
);
const visitor = { ...chat(1).visitor, fields };
const days = { chats: 3, offlineMessages: 3, logs: 3, visits: 3 };

/** Long values, long chats, many chats, many sites. */
export const sizeCases: readonly ArchiveCase[] = [
  {
    name: "[AR11] a chat, an offline message and a row of any length are kept, replaced and erased",
    run: on([
      chatWrite(1, { visitor }),
      offlineWrite(1, { fields }),
      rowWrite(1, { log: "visitor", visitorId: visitorOf(1), body: { fields } }),
      chatWrite(2),
    ], async (archive, { reopen }) => {
      const expected = chat(1, { visitor });
      assert.deepEqual(await archive.chat(acme, chatOf(1)), expected);
      assert.deepEqual((await archive.chats(acme, { limit: 9 })).items[1], expected);
      const { items: [message] } = await archive.offlineMessages(acme, { limit: 9 });
      assert.deepEqual(message, offline(1, { fields }));
      const logged = row(1, { log: "visitor", visitorId: visitorOf(1), body: { fields } });
      for (const filter of [{}, { agentId: ana }]) {
        const { items } = await archive.logRows(acme, { log: "visitor", limit: 9, ...filter });
        assert.deepEqual(items, [logged]);
      }
      const found = await archive.exportVisitor(acme, visitorOf(1));
      assert.deepEqual(found.chats[0]?.chat, expected);
      assert.deepEqual([found.offlineMessages, found.logs], [[message], [logged]]);
      const earlier = chat(1, { endedAt: epoch });
      await archive.record([write({ type: "chat", chat: earlier }, "again")]);
      assert.deepEqual(await archive.chat(acme, chatOf(1)), earlier);
      assert.equal(await archive.eraseVisitor(acme, visitorOf(1), erasedAt), 3);
      assert.deepEqual(await chatIds(await reopen()), [chatOf(2)]);
    }),
  },
  {
    name: "[AR1 AR3] a chat of 2,000 entries that come backwards is whole, and gone as a whole",
    run: on([], async (archive) => {
      for (let last = 2_000; last > 0; last -= 100) {
        await archive.record(
          Array.from({ length: 100 }, (_, at) => entryWrite(1, { n: last - at })),
        );
      }
      assert.ok(await archive.holds(acme, chatOf(1), { [streamOf(1)]: 2_000 }));
      assert.ok(!await archive.holds(acme, chatOf(1), { [streamOf(1)]: 2_001 }));
      const first = await archive.transcript(acme, chatOf(1), { stream: "all", limit: 200 });
      assert.deepEqual(first.items.map(({ n }) => n), Array.from({ length: 200 }, (_, n) => n + 1));
      await archive.record([chatWrite(1)]);
      assert.equal(await archive.eraseVisitor(acme, visitorOf(1), erasedAt), 2_001);
      assert.deepEqual(await texts(archive, 1), []);
    }),
  },
  {
    name: "[AR7] a beginning that many chats have by several of their words finds each once",
    run: on([], async (archive) => {
      // "aa" and "ab" alone fill what is read of an index at once.
      const nameOf = (no: number) => no < 1_100 ? "Aa Ab" : "Ac";
      for (let from = 0; from < 1_500; from += 100) {
        const some = Array.from(
          { length: 100 },
          (_, at) =>
            chatWrite(from + at, { visitor: { ...chat(1).visitor, name: nameOf(from + at) } }),
        );
        await archive.record(some);
      }
      const found = await chatIds(archive, { text: "a", limit: 200 });
      assert.deepEqual(found, Array.from({ length: 1_500 }, (_, no) => chatOf(1_499 - no)));
    }),
  },
  {
    name: "[AR5] of two ratings at once it is always the same one",
    run: async (driver) => {
      const ratings = [1, 2].map((score) =>
        rowWrite(score, {
          log: "rating",
          at: epoch + 5_000,
          chatId: chatOf(1),
          body: { score, comment: null },
        })
      );
      for (const some of [ratings, ratings.toReversed()]) {
        await driver.use(async (archive) => {
          await archive.record([...some, chatWrite(1)]);
          assert.equal((await archive.chat(acme, chatOf(1)))?.rating?.score, 2);
        });
      }
    },
  },
  {
    name:
      "[AR10] a chat without an end goes when the last of its entries is old, and late ones, too",
    run: on([
      entryWrite(1, { n: 1 }),
      entryWrite(1, { n: 2, order: epoch + 2 * dayMs }),
      chatWrite(2),
      entryWrite(2, { n: 1 }),
    ], async (archive) => {
      const expireAll = async (now: number) => {
        let deleted = 0;
        for (let isDone = false; !isDone;) {
          const step = await archive.expire(now, () => Promise.resolve(days));
          deleted += step.deleted;
          isDone = step.isDone;
        }
        return deleted;
      };
      assert.equal(await expireAll(epoch + 4 * dayMs), 2);
      assert.equal((await texts(archive, 1)).length, 2);
      await archive.record([entryWrite(2, { n: 7 })]);
      assert.equal((await texts(archive, 2)).length, 1);
      assert.equal(await expireAll(epoch + 4 * dayMs), 1);
      assert.deepEqual(await texts(archive, 2), []);
      assert.equal(await expireAll(epoch + 5 * dayMs), 0);
      assert.equal(await expireAll(epoch + 6 * dayMs), 2);
      assert.deepEqual(await texts(archive, 1), []);
      assert.equal(await expireAll(epoch + 6 * dayMs), 0);
    }),
  },
  {
    name: "[AR10] a round goes by every site, and by nothing that is younger",
    run: on([], async (archive) => {
      const siteIds = Array.from({ length: 120 }, (_, no) => other.replace("other", `site-${no}`));
      const rows = siteIds.flatMap((siteId, no) =>
        [no, no + 5 * 86_400].map((second) =>
          rowWrite(second, { siteId: siteId as typeof other, rowId: `${siteId}-${second}` }) // valid
        )
      );
      for (let from = 0; from < rows.length; from += 100) {
        await archive.record(rows.slice(from, from + 100));
      }
      let deleted = 0;
      let steps = 0;
      for (let isDone = false; !isDone; steps++) {
        const step = await archive.expire(epoch + 5 * dayMs, () => Promise.resolve(days));
        deleted += step.deleted;
        isDone = step.isDone;
      }
      assert.equal(deleted, siteIds.length);
      assert.ok(steps >= 3);
      for (const siteId of siteIds) {
        const { items } = await archive.logRows(siteId as typeof other, { // as above
          log: "agent_status",
          limit: 9,
        });
        assert.equal(items.length, 1);
      }
    }),
  },
];
