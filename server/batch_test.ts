import assert from "node:assert/strict";
import fc from "fast-check";
import { type ConnectionNo, siteIdSchema } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { Site } from "../core/site.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { Batch } from "./batch.ts";
import { SiteSlot } from "./site_slot.ts";

const slots = ["acme", "busy", "calm"].map((id) =>
  new SiteSlot(siteIdSchema.parse(id), new Site(benchConfig()))
);

function decisionsIn(batch: Batch): unknown[] {
  return batch.records().flatMap((record) => {
    assert.ok(record.length <= limits.recordBytesMax);
    return JSON.parse(`[${new TextDecoder().decode(record)}]`);
  });
}

const part = fc.record({
  site: fc.nat(2),
  text: fc.oneof(fc.string({ unit: "binary" }), fc.nat(40_000).map((n) => "\u8a9e".repeat(n / 3))),
});

Deno.test("[JR2] records hold every decision whole and in order, each within one value", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const batch = new Batch();
      const taken: unknown[] = [];
      for (const { site, text } of parts) {
        const slot = slots[site];
        if (slot === undefined || batch.full) continue;
        batch.append(slot, JSON.stringify({ site, text }));
        taken.push(JSON.parse(JSON.stringify({ site, text })));
      }
      assert.deepEqual(decisionsIn(batch), taken);
      assert.ok(batch.bytes <= limits.commitBytesMax);
    }),
    { numRuns: 50 },
  );
});

Deno.test("[CL2] a dropped site leaves nothing behind, the others all of theirs", () => {
  const batch = new Batch();
  const [acme, busy, calm] = slots;
  assert.ok(acme && busy && calm);
  const event = { type: "woken", at: 1 } as const;
  for (const slot of [acme, busy, acme, calm, busy]) {
    batch.append(slot, JSON.stringify({ site: slot.siteId }));
    batch.decided.push({ slot, event });
    batch.staged.push({ slot, send: { type: "close", to: noOf(1), code: "drain" }, text: "" });
    batch.touched.add(`${slot.siteId}/site/`);
  }
  batch.tainted.add(calm);
  const dropped = batch.drop(new Set([acme]));
  assert.deepEqual(dropped.map(({ slot }) => slot), [acme, acme]);
  assert.deepEqual(decisionsIn(batch), ["busy", "calm", "busy"].map((site) => ({ site })));
  assert.deepEqual([...batch.touched], ["busy/site/", "calm/site/"]);
  assert.deepEqual(batch.staged.map(({ slot }) => slot), [busy, calm, busy]);
  assert.deepEqual([...batch.slots()], [busy, calm]);
  assert.ok(batch.tainted.has(calm));
});

function noOf(n: number): ConnectionNo {
  return n as ConnectionNo; // as the hub makes them
}

Deno.test("[CL2] a cleared batch is empty and is used again", () => {
  const batch = new Batch();
  const [acme] = slots;
  assert.ok(acme);
  assert.ok(batch.empty);
  batch.append(acme, "{}");
  batch.clear();
  assert.deepEqual([batch.empty, batch.recordCount, batch.bytes], [true, 0, 0]);
  batch.append(acme, '{"again":true}');
  assert.deepEqual(decisionsIn(batch), [{ again: true }]);
});
