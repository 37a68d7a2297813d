import assert from "node:assert/strict";
import fc from "fast-check";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { covers, exceeds, streamKey, vectorSchema } from "./cursor.ts";
import { entrySchema } from "./entry.ts";
import { tenureIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const vectors = fc.dictionary(fc.constantFrom("A/public", "A/staff", "B/public"), fc.nat(3));

Deno.test("[RS1B] a vector exceeds another when it names an entry that the other lacks", () => {
  fc.assert(fc.property(vectors, vectors, (ours, theirs) => {
    const stamps = (vector: Record<string, number>) =>
      new Set(
        Object.entries(vector).flatMap(([key, n]) =>
          Array.from({ length: n }, (_, place) => `${key} ${place + 1}`)
        ),
      );
    assert.equal(exceeds(ours, theirs), !stamps(ours).isSubsetOf(stamps(theirs)));
  }));
});

Deno.test("[RS1A] a vector covers the entries up to its n, of that tenure and stream only", () => {
  const entry = entrySchema.parse({
    chatId: fixedUlid(1),
    tenure: fixedUlid(2),
    stream: "public",
    n: 5,
    order: 1,
    at: 1,
    author: { type: "system", id: "system" },
    id: "agent_joined.x",
    kind: "agent_joined",
    text: "",
  });
  const key = streamKey(entry.tenure, "public");
  const other = streamKey(tenureIdSchema.parse(fixedUlid(3)), "public");
  const staff = streamKey(entry.tenure, "staff");
  assert.deepEqual(
    [{ [key]: 5 }, { [key]: 9 }, { [key]: 4 }, { [other]: 9 }, { [staff]: 9 }, {}].map((vector) =>
      covers(vector, entry)
    ),
    [true, true, false, false, false, false],
  );
});

const tenure = fixedUlid(7);
const wire: readonly [string, Record<string, unknown>, boolean][] = [
  ["nothing held", {}, true],
  ["two streams", { [`${tenure}/public`]: 3, [`${tenure}/staff`]: 0 }, true],
  ["a negative number", { [`${tenure}/public`]: -1 }, false],
  ["a fraction", { [`${tenure}/public`]: 1.5 }, false],
  ["no stream", { [tenure]: 1 }, false],
  ["another stream", { [`${tenure}/secret`]: 1 }, false],
  ["a lower-case tenure", { [`${tenure.toLowerCase()}/public`]: 1 }, false],
];
for (const [what, vector, valid] of wire) {
  Deno.test(`[BI1] a vector with ${what} is ${valid ? "taken" : "refused"}`, () => {
    assert.equal(vectorSchema.safeParse(vector).success, valid);
  });
}

Deno.test("[BI1] a vector names a bounded number of streams", () => {
  const streams = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, place) => [`${fixedUlid(place)}/public`, 1]),
    );
  assert.ok(vectorSchema.safeParse(streams(limits.vectorStreamsMax)).success);
  assert.ok(!vectorSchema.safeParse(streams(limits.vectorStreamsMax + 1)).success);
});
