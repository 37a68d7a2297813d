import assert from "node:assert/strict";
import { canonicalEntry, entrySchema, type SignedEntry } from "../core/entry.ts";
import { siteIdSchema } from "../core/ids.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { KeyRing } from "./keys.ts";
import { Signer } from "./signer.ts";

const acme = siteIdSchema.parse("acme");
const older = { keyId: "k1", secret: new Uint8Array(32).fill(1) };
const newer = { keyId: "k2", secret: new Uint8Array(32).fill(2) };
const entry = entrySchema.parse({
  chatId: fixedUlid(1),
  tenure: fixedUlid(2),
  stream: "public",
  n: 3,
  order: 1_800_000_000_000,
  at: 1_800_000_000_000,
  author: { type: "visitor", id: fixedUlid(4) },
  id: fixedUlid(5),
  kind: "message",
  text: "hello, \u8a9e \ud83d\ude00",
});

function signedBy(ring: KeyRing): SignedEntry {
  return { ...entry, sig: new Signer(ring).sign(acme, canonicalEntry(entry)) };
}

Deno.test("[SG1] a signature names its key and has 128 bits, the same at every node with the keys", () => {
  const { sig } = signedBy(new KeyRing([older]));
  assert.match(sig, /^k1\.[0-9a-f]{32}$/);
  assert.equal(signedBy(new KeyRing([older])).sig, sig);
  assert.ok(new Signer(new KeyRing([older])).verify(acme, { ...entry, sig }));
});

Deno.test("[SG1] the newest key signs, older ones still verify, others do not", () => {
  const byOlder = signedBy(new KeyRing([older]));
  const byNewer = signedBy(new KeyRing([newer, older]));
  assert.match(byNewer.sig, /^k2\./);
  const verify = (keys: readonly (typeof older)[], signed: SignedEntry) =>
    new Signer(new KeyRing(keys)).verify(acme, signed);
  assert.deepEqual(
    [
      verify([newer, older], byOlder),
      verify([newer, older], byNewer),
      verify([older], byNewer),
      verify([{ ...newer, keyId: "k1" }], byOlder),
    ],
    [true, true, false, false],
  );
});

const sound = signedBy(new KeyRing([older]));
const flips: readonly [string, Partial<Record<keyof SignedEntry, unknown>>][] = [
  ["chatId", { chatId: fixedUlid(9) }],
  ["tenure", { tenure: fixedUlid(9) }],
  ["stream", { stream: "staff" }],
  ["n", { n: 4 }],
  ["order", { order: entry.order + 1 }],
  ["at", { at: entry.at + 1 }],
  ["author's type", { author: { type: "agent", id: "ana" } }],
  ["author's id", { author: { type: "visitor", id: fixedUlid(9) } }],
  ["id", { id: fixedUlid(9) }],
  ["kind", { kind: "note" }],
  ["text", { text: "hello, \u8a9e \ud83d\ude01" }],
  ["signature", { sig: sound.sig.replace(/.$/, (last) => last === "A" ? "B" : "A") }],
  ["signature's key", { sig: sound.sig.replace("k1", "k2") }],
  ["signature, emptied", { sig: "k1." }],
  ["signature, which has more behind it", { sig: `${sound.sig}.x` }],
  ["signature, without a key", { sig: sound.sig.slice(3) }],
];
for (const [field, change] of flips) {
  Deno.test(`[SG2] an entry with another ${field} does not verify`, () => {
    // Each change has the type of its field.
    const forged = { ...sound, ...change } as SignedEntry;
    assert.ok(!new Signer(new KeyRing([older])).verify(acme, forged));
  });
}

Deno.test("[SG2] an entry of another site does not verify", () => {
  const signer = new Signer(new KeyRing([older]));
  assert.ok(signer.verify(acme, sound));
  assert.ok(!signer.verify(siteIdSchema.parse("other"), sound));
});

Deno.test("[SG2] another file, or another entry that it changes, breaks an entry's signature", () => {
  const signer = new Signer(new KeyRing([older]));
  const file = { fileId: "f1", name: "a.png", mediaType: "image/png", bytes: 3 };
  const full = { ...entry, kind: "attachment" as const, changes: "m1", file };
  const sig = signer.sign(acme, canonicalEntry(full));
  assert.ok(signer.verify(acme, { ...full, sig }));
  const { changes: _changes, ...withoutChanges } = full;
  const { file: _file, ...withoutFile } = full;
  const forged = [
    { ...full, changes: "m2" },
    withoutChanges,
    withoutFile,
    ...[{ fileId: "f2" }, { name: "b.png" }, { mediaType: "text/html" }, { bytes: 4 }].map((
      one,
    ) => ({
      ...full,
      file: { ...file, ...one },
    })),
  ];
  assert.deepEqual(forged.map((one) => signer.verify(acme, { ...one, sig })), Array(7).fill(false));
});
