import assert from "node:assert/strict";
import fc from "fast-check";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { canonicalEntry, compareEntries, type Entry, entrySchema, signedBytes } from "./entry.ts";
import { siteIdSchema } from "./ids.ts";

const ulids = fc.nat(9).map(fixedUlid);
const authors = fc.oneof(
  fc.record({ type: fc.constant("visitor"), id: ulids }),
  fc.record({ type: fc.constant("agent"), id: fc.constantFrom("ana", "ben") }),
  fc.constant({ type: "system", id: "system" }),
);
const entries: fc.Arbitrary<Entry> = fc.record({
  chatId: ulids,
  tenure: ulids,
  stream: fc.constantFrom("public", "staff"),
  n: fc.integer({ min: 1, max: 4 }),
  order: fc.integer({ min: 1, max: 4 }),
  at: fc.integer({ min: 1, max: 2 ** 45 }),
  author: authors,
  id: fc.string({ minLength: 1, maxLength: 20 }),
  kind: fc.constantFrom("message", "note", "agent_joined", "inactivity_warned", "chat_ended"),
  text: fc.string({ unit: "binary", maxLength: 50 }),
}).map((raw) => entrySchema.parse(raw));

Deno.test("[SG1] the canonical text is the entry's JSON, its keys in one order", () => {
  fc.assert(fc.property(entries, (entry) => {
    const { chatId, tenure, stream, n, order, at, author, id, kind, text } = entry;
    const shuffled = { text, kind, id, author, at, order, n, stream, tenure, chatId };
    assert.equal(canonicalEntry(shuffled), canonicalEntry(entry));
    assert.deepEqual(JSON.parse(canonicalEntry(entry)), entry);
  }));
});

Deno.test("[SG1] entries that differ in anything shown differ in what is signed", () => {
  fc.assert(fc.property(entries, entries, (a, b) => {
    const same = JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
    assert.equal(canonicalEntry(a) === canonicalEntry(b), same);
  }));
});

Deno.test("[SG2] what is signed begins with the site", () => {
  const [acme, other] = ["acme", "acme2"].map((id) => siteIdSchema.parse(id));
  assert.ok(acme && other);
  assert.notEqual(signedBytes(acme, "{}"), signedBytes(other, "{}"));
  assert.equal(signedBytes(acme, "{}"), "acme\n{}");
});

Deno.test("[MS5] the order of display is total: the same list from any order of arrival", () => {
  fc.assert(fc.property(fc.array(entries, { maxLength: 12 }), (list) => {
    const stamp = ({ order, tenure, stream, n }: Entry) => `${order} ${tenure} ${stream} ${n}`;
    const sorted = list.toSorted(compareEntries).map(stamp);
    assert.deepEqual(list.toReversed().sort(compareEntries).map(stamp), sorted);
    for (const a of list) {
      for (const b of list) {
        assert.equal(Math.sign(compareEntries(a, b)) + Math.sign(compareEntries(b, a)), 0);
        assert.equal(compareEntries(a, b) === 0, stamp(a) === stamp(b));
      }
    }
  }));
});
