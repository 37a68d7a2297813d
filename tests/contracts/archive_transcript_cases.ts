import assert from "node:assert/strict";
import { type ArchiveCase, on, texts } from "./archive_case.ts";
import {
  acme,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  other,
  streamOf,
} from "../harness/archive_samples.ts";

const end = { n: 9, order: epoch + 50, kind: "chat_ended", by: "system", text: "end" } as const;

/** Entries and transcripts. */
export const transcriptCases: readonly ArchiveCase[] = [
  {
    name: "[AR1] entries come in any order and are shown in theirs",
    run: on(
      [3, 1, 2].map((n) => entryWrite(1, { n })),
      async (archive) => assert.deepEqual(await texts(archive, 1), ["text 1", "text 2", "text 3"]),
    ),
  },
  {
    name: "[AR1] the same message accepted in two tenures is shown once, at the smaller order",
    run: on([
      entryWrite(1, { n: 1, tenure: 2, id: "same", order: epoch + 9, text: "hello" }),
      entryWrite(1, { n: 1, tenure: 1, id: "other", order: epoch + 5, text: "first" }),
      entryWrite(1, { n: 2, tenure: 1, id: "same", order: epoch + 3, text: "hello" }),
    ], async (archive) => assert.deepEqual(await texts(archive, 1), ["hello", "first"])),
  },
  {
    name: "[AR3] a chat that was archived incomplete is complete once its entries have come",
    run: on([
      chatWrite(1, { vector: { [streamOf(1, "public")]: 2 }, isIncomplete: true }),
      entryWrite(1, { n: 1 }),
    ], async (archive) => {
      const isIncomplete = async () => (await archive.chat(acme, chatOf(1)))?.isIncomplete;
      assert.equal(await isIncomplete(), true);
      await archive.record([entryWrite(1, { n: 2 })]);
      assert.equal(await isIncomplete(), false);
      const { items } = await archive.chats(acme, { limit: 9 });
      assert.deepEqual(items.map((one) => one.isIncomplete), [false]);
    }),
  },
  {
    name: "[AR1] one author's id is not another's",
    run: on([
      entryWrite(1, { n: 1, id: "same", text: "mine" }),
      entryWrite(1, { n: 2, id: "same", by: "agent", text: "yours" }),
    ], async (archive) => assert.deepEqual(await texts(archive, 1), ["mine", "yours"])),
  },
  {
    name: "[AR2] what people wrote behind the end is late, the system's entries are not",
    run: on(
      [
        entryWrite(1, { n: 1 }),
        entryWrite(1, end),
        entryWrite(1, { n: 1, tenure: 2, order: epoch + 60, text: "elsewhere" }),
        entryWrite(1, {
          n: 2,
          tenure: 2,
          order: epoch + 70,
          by: "system",
          kind: "agent_left",
          text: "",
        }),
        chatWrite(1),
      ],
      async (archive) =>
        assert.deepEqual(await texts(archive, 1), ["text 1", "end", "elsewhere (late)", ""]),
    ),
  },
  {
    name: "[AR2] without an entry of the end its time counts",
    run: on([
      entryWrite(1, { n: 1, order: epoch + 1_000, text: "in time" }),
      entryWrite(1, { n: 2, order: epoch + 1_001, text: "after" }),
      chatWrite(1),
    ], async (archive) => assert.deepEqual(await texts(archive, 1), ["in time", "after (late)"])),
  },
  {
    name: "[AR1] the staff's stream is left out of what a visitor may read",
    run: on([
      entryWrite(1, { n: 1 }),
      entryWrite(1, {
        n: 1,
        stream: "staff",
        kind: "note",
        by: "agent",
        id: "note",
        text: "a note",
      }),
    ], async (archive) => {
      assert.deepEqual(await texts(archive, 1, "public"), ["text 1"]);
      assert.deepEqual((await texts(archive, 1)).length, 2);
    }),
  },
  {
    name: "[AR3] a vector is held when no number below it is missing",
    run: on([1, 2, 4].map((n) => entryWrite(1, { n })), async (archive) => {
      const holds = (vector: Record<string, number>) => archive.holds(acme, chatOf(1), vector);
      assert.equal(await holds({}), true);
      assert.equal(await holds({ [streamOf(1)]: 2 }), true);
      assert.equal(await holds({ [streamOf(1)]: 4 }), false);
      assert.equal(await holds({ [streamOf(1)]: 2, [streamOf(2)]: 1 }), false);
      assert.equal(await holds({ [streamOf(1, "staff")]: 1 }), false);
      await archive.record([entryWrite(1, { n: 3 })]);
      assert.equal(await holds({ [streamOf(1)]: 4 }), true);
      assert.equal(await archive.holds(other, chatOf(1), { [streamOf(1)]: 1 }), false);
    }),
  },
  {
    name: "[AR1] an entry of 16 KiB that is nothing but control characters fits",
    run: on(
      [entryWrite(1, { n: 1, text: "\u0001".repeat(16_384) })],
      async (archive) => assert.equal((await texts(archive, 1))[0]?.length, 16_384),
    ),
  },
];
