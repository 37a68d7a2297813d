import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { fakeEntry } from "./fake_entry.ts";
import { compareEntries, Transcript } from "./transcript.ts";

const tenureA = "01T0000000000000000000000A/public";

Deno.test("a vector counts only what is contiguous", () => {
  const transcript = new Transcript();
  for (const n of [3, 4, 1]) transcript.add(fakeEntry(n));
  deepEqual(transcript.vector, { [tenureA]: 1 });
  ok(transcript.hasGap(fakeEntry(4)));
  transcript.add(fakeEntry(2));
  deepEqual(transcript.vector, { [tenureA]: 4 });
});

Deno.test("a stamp is taken once", () => {
  const transcript = new Transcript();
  equal(transcript.add(fakeEntry(1)), true);
  equal(transcript.add(fakeEntry(1)), false);
  equal(transcript.size, 1);
});

Deno.test("one identity at two stamps is shown once, at the smaller place, whichever came first", () => {
  const early = fakeEntry(1, { tenure: "A", order: 10, id: "same" });
  const late = fakeEntry(1, { tenure: "B", order: 20, id: "same" });
  for (const pair of [[early, late], [late, early]]) {
    const transcript = new Transcript();
    for (const entry of pair) equal(transcript.add(entry), true);
    deepEqual(transcript.shown, [early]);
    equal(transcript.size, 2);
    equal(Object.keys(transcript.vector).length, 2);
  }
});

Deno.test("what another side lacks is named stream by stream, in order, gaps included", () => {
  const transcript = new Transcript();
  for (const n of [5, 1, 2, 3]) transcript.add(fakeEntry(n));
  deepEqual(transcript.lackedBy({ [tenureA]: 2 }).map(({ n }) => n), [3, 5]);
  deepEqual(transcript.lackedBy({ [tenureA]: 5 }), []);
  equal(transcript.lackedBy({}).length, 4);
});

Deno.test("any order of arrival gives the same transcript", () => {
  const entries = Array.from({ length: 30 }, (_, i) =>
    fakeEntry(i % 10 + 1, {
      tenure: "ABC"[Math.floor(i / 10)] ?? "A",
      order: (i * 7) % 23 + 1,
      id: `m${i % 12}`,
    }));
  const best = new Map<string, typeof entries[number]>();
  for (const entry of entries) {
    const twin = best.get(entry.id);
    if (twin === undefined || compareEntries(entry, twin) < 0) best.set(entry.id, entry);
  }
  const expected = [...best.values()].sort(compareEntries);
  fc.assert(
    fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (arrival) => {
      const transcript = new Transcript();
      for (const entry of arrival) transcript.add(entry);
      deepEqual(transcript.shown, expected);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("20,000 entries in order are taken in without sorting again", () => {
  const transcript = new Transcript();
  const started = performance.now();
  for (let n = 1; n <= 20_000; n++) transcript.add(fakeEntry(n));
  equal(transcript.shown.length, 20_000);
  // Measured at 15 ms; re-sorting for each of them would take minutes.
  ok(performance.now() - started < 2_000);
});
