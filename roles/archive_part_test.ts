import assert from "node:assert/strict";
import { type Archive, ArchiveUnavailable } from "../archive/archive.ts";
import { chatIdSchema, siteIdSchema } from "../core/ids.ts";
import { Parts } from "../server/parts.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { ArchivePart } from "./archive_part.ts";

const acme = siteIdSchema.parse("acme");
const chatId = chatIdSchema.parse("01J00000000000000000000001");

/** An archive that answers one question, until it fails. */
function openedArchive(on: { failing: boolean; closed: number }): Archive {
  const answer = () => {
    if (on.failing) return Promise.reject(new ArchiveUnavailable("the disk is gone"));
    return Promise.resolve(true);
  };
  const unused = () => Promise.reject(new Error("not asked here"));
  return {
    holds: answer,
    record: unused,
    chats: unused,
    chat: unused,
    transcript: unused,
    offlineMessages: unused,
    logRows: unused,
    visitCounts: unused,
    exportVisitor: unused,
    eraseVisitor: unused,
    expire: unused,
    close: () => {
      on.closed += 1;
      return Promise.resolve();
    },
  };
}

function bench(open: () => Promise<Archive>) {
  const clock = new VirtualClock();
  const parts = new Parts(() => clock.now());
  const part = new ArchivePart({ open, parts, clock, log: { write() {} } });
  const ask = () => part.holds(acme, chatId, {});
  return { clock, parts, part, ask };
}

Deno.test("[PB2] an archive that cannot be opened is down, with why and since when, and is opened again", async () => {
  const on = { failing: false, closed: 0 };
  let tries = 0;
  const { clock, parts, part, ask } = bench(() => {
    tries += 1;
    return tries < 3
      ? Promise.reject(new Error("archive.kv is damaged"))
      : Promise.resolve(openedArchive(on));
  });
  const since = clock.now();
  await part.start();
  assert.deepEqual(parts.state("archive"), { state: "down", why: "archive.kv is damaged", since });
  await assert.rejects(ask(), ArchiveUnavailable);
  await clock.advance(1_000);
  assert.equal(parts.state("archive").state, "down");
  await clock.advance(2_000);
  assert.equal(parts.state("archive").state, "up");
  assert.equal(await ask(), true);
  await part.close();
  assert.equal(on.closed, 1);
});

Deno.test("[PB2] an archive that fails is closed, down, and opened again", async () => {
  const on = { failing: false, closed: 0 };
  const { clock, parts, part, ask } = bench(() => Promise.resolve(openedArchive(on)));
  await part.start();
  on.failing = true;
  await assert.rejects(ask(), /the disk is gone/);
  assert.equal(parts.state("archive").state, "down");
  assert.equal(on.closed, 1);
  on.failing = false;
  await clock.advance(1_000);
  assert.equal(parts.state("archive").state, "up");
  assert.equal(await ask(), true);
  await part.close();
});

Deno.test("[PB2] of many who find it failed the first counts: one is open at a time", async () => {
  let open = 0;
  let opens = 0;
  let isFailing = true;
  const { clock, parts, part, ask } = bench(() => {
    open += 1;
    opens += 1;
    const archive = openedArchive({ failing: isFailing, closed: 0 });
    return Promise.resolve({ ...archive, close: () => (open -= 1, Promise.resolve()) });
  });
  await part.start();
  for (let round = 0; round < 3; round++) {
    await Promise.allSettled(Array.from({ length: 15 }, ask));
    assert.equal(open, 0);
    await clock.advance(30_000);
    assert.equal(open, 1);
  }
  assert.equal(opens, 4);
  isFailing = false;
  await Promise.allSettled([ask()]);
  await clock.advance(30_000);
  assert.deepEqual([parts.state("archive").state, await ask()], ["up", true]);
  await part.close();
  assert.equal(open, 0);
});
