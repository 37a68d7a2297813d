import assert from "node:assert/strict";
import fc from "fast-check";
import type { ArchiveWrite } from "../../archive/archive.ts";
import { type ArchiveCase, chatIds, texts } from "./archive_case.ts";
import { chatCases } from "./archive_chat_cases.ts";
import {
  acme,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  rowWrite,
  streamOf,
} from "../harness/archive_samples.ts";
import { erasureCases } from "./archive_erasure_cases.ts";
import { goneCases } from "./archive_gone_cases.ts";
import { rowCases } from "./archive_row_cases.ts";
import { sizeCases } from "./archive_size_cases.ts";
import { transcriptCases } from "./archive_transcript_cases.ts";

/** Writes of three chats, from which a property picks. */
const pool: readonly ArchiveWrite[] = [1, 2, 3].flatMap((no) => [
  chatWrite(no),
  rowWrite(no, { log: "rating", chatId: chatOf(no), body: { score: no, comment: null } }),
  ...[1, 2, 3].flatMap((n) => [
    entryWrite(no, { n, id: `m${n}` }),
    entryWrite(no, { n, id: `m${n}`, tenure: 2, order: epoch + 100 + n }),
  ]),
]);

const properties: readonly ArchiveCase[] = [
  {
    name: "[AR4] any order, repetition and grouping of the same effects gives the same archive",
    run: async (driver) => {
      const groups = fc.array(fc.array(fc.nat(pool.length - 1), { maxLength: 12 }), {
        maxLength: 8,
      });
      await fc.assert(
        fc.asyncProperty(groups, fc.nat(1_000_000), async (picked, seed) => {
          const rest = pool.toSorted((a, b) => hash(a, seed) - hash(b, seed));
          await driver.use(async (archive) => {
            for (const group of picked) await archive.record(group.flatMap((at) => pool[at] ?? []));
            await Promise.all(rest.map((one) => archive.record([one])));
            assert.deepEqual(await chatIds(archive), [3, 2, 1].map(chatOf));
            for (const no of [1, 2, 3]) {
              assert.deepEqual(await texts(archive, no), ["text 1", "text 2", "text 3"]);
              assert.equal((await archive.chat(acme, chatOf(no)))?.rating?.score, no);
              const vector = { [streamOf(1)]: 3, [streamOf(2)]: 3 };
              assert.ok(await archive.holds(acme, chatOf(no), vector));
            }
          });
        }),
        { numRuns: 25 },
      );
    },
  },
];

function hash({ uniqueId }: ArchiveWrite, seed: number): number {
  let value = seed;
  for (const character of uniqueId) value = (value * 31 + character.charCodeAt(0)) % 1_000_003;
  return value;
}

/** What every archive has to do. */
export const archiveCases: readonly ArchiveCase[] = [
  ...transcriptCases,
  ...chatCases,
  ...rowCases,
  ...goneCases,
  ...erasureCases,
  ...sizeCases,
  ...properties,
];
