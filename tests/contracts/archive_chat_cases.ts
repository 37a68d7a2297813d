import assert from "node:assert/strict";
import type { ChatFilter } from "../../archive/archive.ts";
import type { DepartmentId } from "../../core/ids.ts";
import { type ArchiveCase, chatIds, on } from "./archive_case.ts";
import {
  acme,
  ana,
  ben,
  chat,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  offlineWrite,
  other,
  row,
  rowWrite,
  sales,
  visitorOf,
  write,
} from "../harness/archive_samples.ts";

/** Chats: their ends, lists and searches. */
export const chatCases: readonly ArchiveCase[] = [
  {
    name: "[AR4] the same effect takes place once, also over a restart",
    run: on([chatWrite(1), rowWrite(1), offlineWrite(1)], async (archive, { reopen }) => {
      const repeat = [
        write({ type: "chat", chat: chat(1, { reason: "changed", endedAt: epoch }) }),
        write({ type: "log", row: row(1, { at: epoch }) }),
      ];
      await archive.record([...repeat, offlineWrite(1), offlineWrite(1)]);
      const again = await reopen();
      await again.record(repeat);
      assert.deepEqual((await again.chat(acme, chatOf(1)))?.reason, "agent_ended");
      const rows = await again.logRows(acme, { log: "agent_status", limit: 10 });
      assert.deepEqual(rows.items.map(({ at }) => at), [epoch + 1_000]);
      assert.equal((await again.offlineMessages(acme, { limit: 10 })).items.length, 1);
    }),
  },
  {
    name: "[AR5] of two ends of one chat the earlier counts, and it stands once in every list",
    run: on([
      write({ type: "chat", chat: chat(1, { endedAt: epoch + 500, reason: "later" }) }, "a"),
      write({ type: "chat", chat: chat(1, { endedAt: epoch + 400, reason: "first" }) }, "b"),
      write({ type: "chat", chat: chat(1, { endedAt: epoch + 450, reason: "between" }) }, "c"),
    ], async (archive) => {
      assert.equal((await archive.chat(acme, chatOf(1)))?.reason, "first");
      for (
        const filter of [{}, { agentId: ana }, { visitorId: visitorOf(1) }, { text: "visitor" }]
      ) {
        assert.deepEqual(await chatIds(archive, filter), [chatOf(1)]);
      }
    }),
  },
  ...(["before", "after"] as const).map((when): ArchiveCase => ({
    name: `[AR5] a rating and a wrap-up that come ${when} their chat become its own, the later one`,
    run: on([], async (archive) => {
      const care = [
        rowWrite(2, { log: "rating", chatId: chatOf(1), body: { score: 5, comment: null } }),
        rowWrite(1, { log: "rating", chatId: chatOf(1), body: { score: 1, comment: "hm" } }),
        rowWrite(3, { log: "wrap_up", chatId: chatOf(1), body: { category: "x", comment: null } }),
      ];
      const ended = chatWrite(1, { wrapUp: { category: "old", comment: null } });
      for (const some of when === "before" ? [care, [ended]] : [[ended], care]) {
        await archive.record(some);
      }
      const { items: [found] } = await archive.chats(acme, { limit: 1 });
      assert.deepEqual(found?.rating, { score: 5, comment: null });
      assert.deepEqual(found?.wrapUp, { category: "x", comment: null });
      assert.deepEqual(await archive.chat(acme, chatOf(1)), found);
    }),
  })),
  {
    name: "[AR5] what the chat's end knew is not replaced by an older row",
    run: on([
      chatWrite(5, { rating: { score: 2, comment: null } }),
      rowWrite(1, { log: "rating", chatId: chatOf(5), body: { score: 4, comment: null } }),
    ], async (archive) => assert.equal((await archive.chat(acme, chatOf(5)))?.rating?.score, 2)),
  },
  {
    name: "[AR6] chats are found newest first by every filter and their combinations",
    run: on([
      chatWrite(1, { agentIds: [ana], departmentId: sales }),
      chatWrite(2, { agentIds: [ben], visitorId: visitorOf(1) }),
      chatWrite(3, { agentIds: [ana, ben] }),
      write({ type: "chat", chat: chat(4, { siteId: other }) }),
    ], async (archive) => {
      const found = async (filter: Partial<ChatFilter>) =>
        (await chatIds(archive, filter)).map((id) => Number(id.slice(3)));
      assert.deepEqual(await found({}), [3, 2, 1]);
      assert.deepEqual(await found({ agentId: ana }), [3, 1]);
      assert.deepEqual(await found({ agentId: ben }), [3, 2]);
      assert.deepEqual(await found({ visitorId: visitorOf(1) }), [2, 1]);
      assert.deepEqual(await found({ visitorId: visitorOf(1), agentId: ben }), [2]);
      assert.deepEqual(await found({ departmentIds: [sales] }), [1]);
      assert.deepEqual(await found({ departmentIds: [null] }), [3, 2]);
      assert.deepEqual(await found({ departmentIds: [sales, null] }), [3, 2, 1]);
      assert.deepEqual(await found({ departmentIds: [sales, null], agentId: ben }), [3, 2]);
      assert.deepEqual(await found({ departmentIds: ["none" as DepartmentId] }), []); // well-formed
      assert.deepEqual(await found({ since: epoch + 2_000 }), [3, 2]);
      assert.deepEqual(await found({ until: epoch + 2_000 }), [1]);
      assert.deepEqual(await found({ since: epoch + 2_000, until: epoch + 3_000 }), [2]);
    }),
  },
  {
    name: "[AR7] words begin words of name or address, without case and accents",
    run: on([
      chatWrite(1, {
        visitor: { ...chat(1).visitor, name: "Zoë Müller", email: "zoe@example.org" },
      }),
      chatWrite(2, { visitor: { ...chat(1).visitor, name: "Zora", email: null } }),
      chatWrite(3, { visitor: { ...chat(1).visitor, name: "李雷" } }),
    ], async (archive) => {
      const found = async (text: string) =>
        (await chatIds(archive, { text })).map((id) => Number(id.slice(3)));
      assert.deepEqual(await found("zo"), [2, 1]);
      assert.deepEqual(await found("ZOE"), [1]);
      assert.deepEqual(await found("mull zoe"), [1]);
      assert.deepEqual(await found("example"), [1]);
      assert.deepEqual(await found("李"), [3]);
      assert.deepEqual(await found("ller"), []);
      assert.deepEqual(await found("zora müller"), []);
      assert.deepEqual(await found("!?"), []);
      assert.deepEqual(await found("  "), [3, 2, 1]);
    }),
  },
  {
    name: "[AR6] a page goes on where it ended while newer chats come in",
    run: on([1, 2, 3, 4].map((no) => chatWrite(no)), async (archive) => {
      const first = await archive.chats(acme, { limit: 2 });
      await archive.record([chatWrite(9)]);
      const second = await archive.chats(acme, { limit: 2, after: first.next });
      const ids = [...first.items, ...second.items].map(({ chatId }) => chatId);
      assert.deepEqual(ids, [4, 3, 2, 1].map(chatOf));
    }),
  },
  {
    name: "[AR6] a range that ends before it begins is empty",
    run: on(
      [chatWrite(1), offlineWrite(1), rowWrite(1), rowWrite(2, { log: "visit", agentId: null })],
      async (archive) => {
        const [early, late] = [epoch - 5_000, epoch + 5_000];
        const { next } = await archive.chats(acme, { limit: 1 });
        assert.ok(next !== undefined);
        for (
          const range of [
            { since: late, until: early, limit: 9 },
            { since: late, until: late, limit: 9 },
            { since: late, after: next, limit: 9 },
          ]
        ) {
          assert.deepEqual((await archive.chats(acme, range)).items, []);
          assert.deepEqual((await archive.offlineMessages(acme, range)).items, []);
          const rows = { ...range, log: "agent_status" } as const;
          assert.deepEqual((await archive.logRows(acme, rows)).items, []);
        }
        const visits = { since: late, until: early, bucketMs: 1_000 };
        assert.deepEqual(await archive.visitCounts(acme, visits), []);
      },
    ),
  },
  {
    name: "[AR8] a limit or a cursor that is not allowed is refused by name",
    run: on([chatWrite(1), entryWrite(1, { n: 1 })], async (archive) => {
      for (const limit of [0, 201, 1.5]) {
        await assert.rejects(archive.chats(acme, { limit }), /^RangeError: limit/);
        await assert.rejects(archive.offlineMessages(acme, { limit }), /^RangeError: limit/);
      }
      const bad = { limit: 1, after: "!" };
      await assert.rejects(archive.chats(acme, bad), /after: "!" was not given/);
      await assert.rejects(archive.logRows(acme, { ...bad, log: "ban" }), /after: "!"/);
      await assert.rejects(archive.transcript(acme, chatOf(1), { stream: "all", ...bad }), /after/);
      const many = Array.from({ length: 101 }, (_, no) => rowWrite(no));
      await assert.rejects(async () => await archive.record(many), /at most 100/);
    }),
  },
];
