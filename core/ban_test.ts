import assert from "node:assert/strict";
import fc from "fast-check";
import { type Ban, BanList, type BanTarget } from "./ban.ts";
import { visitorIdSchema } from "./ids.ts";
import { addressRange, readAddress } from "./ip_address.ts";

const visitorId = visitorIdSchema.parse("01V00000000000000000000001");

Deno.test("[BN1] a ban is found by visitor, address or range, until it is over or lifted", () => {
  const bans = new BanList();
  bans.add({ banId: "a", target: { type: "visitor", visitorId }, until: 100 });
  bans.add({ banId: "b", target: { type: "address", address: "192.0.2.0/24" } });
  bans.add({ banId: "c", target: { type: "address", address: "192.0.2.9" } });
  assert.equal(bans.of({ visitorId }, 99)?.banId, "a");
  assert.equal(bans.of({ visitorId }, 100), undefined);
  assert.equal(bans.of({ visitorId: "x", address: "192.0.2.8" }, 0)?.banId, "b");
  bans.delete("b");
  assert.equal(bans.of({ visitorId: "x", address: "192.0.2.8" }, 0), undefined);
  assert.equal(bans.of({ visitorId: "x", address: "::ffff:192.0.2.9" }, 0)?.banId, "c");
  assert.equal(bans.size, 2);
});

Deno.test("[BN1] an address is found exactly when some range has it", () => {
  const part = fc.integer({ min: 0, max: 3 });
  const address = fc.tuple(part, part).map(([a, b]) => `10.0.${a}.${b}`);
  const range = fc.tuple(address, fc.integer({ min: 20, max: 32 })).map((one) => one.join("/"));
  fc.assert(fc.property(fc.array(range, { maxLength: 8 }), address, (ranges, one) => {
    const bans = new BanList();
    ranges.forEach((text, place) => {
      const target: BanTarget = { type: "address", address: text };
      bans.add({ banId: `${place}`, target });
      // Added twice, it stands once.
      bans.add({ banId: `${place}`, target });
    });
    const value = readAddress(one)?.value ?? 0n;
    const expected = ranges.some((text) => {
      const read = addressRange(text);
      return read !== undefined && value >> BigInt(32 - read.length) === read.prefix;
    });
    assert.equal(bans.of({ visitorId: "x", address: one }, 0) !== undefined, expected);
  }));
});

Deno.test("[BN1] ten thousand ranges cost one look per length, not one per range", () => {
  const bans = new BanList();
  for (let n = 0; n < 10_000; n++) {
    const address = `10.${n >> 8}.${n & 255}.0/24`;
    const ban: Ban = { banId: `${n}`, target: { type: "address", address } };
    bans.add(ban);
  }
  const started = performance.now();
  for (let n = 0; n < 10_000; n++) bans.of({ visitorId: "x", address: "172.16.0.1" }, 0);
  assert.ok(performance.now() - started < 2_000);
});
