import assert from "node:assert/strict";
import { addressRange, readAddress } from "./ip_address.ts";

const contains = (range: string, address: string): boolean | undefined => {
  const read = addressRange(range);
  const one = readAddress(address);
  if (read === undefined || one === undefined) return undefined;
  return read.bits === one.bits && one.value >> BigInt(read.bits - read.length) === read.prefix;
};

Deno.test("[BN1] addresses and ranges of both families, and IPv4 mapped into IPv6", () => {
  const table: readonly (readonly [string, string, boolean | undefined])[] = [
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.77/24", "192.0.2.1", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["192.0.2.0/24", "::ffff:192.0.2.5", true],
    ["::ffff:192.0.2.5", "192.0.2.5", true],
    ["::ffff:192.0.2.0/120", "192.0.2.9", true],
    ["::ffff:192.0.2.0/120", "192.0.3.9", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1", true],
    ["::/0", "2001:db8::1", true],
    ["192.0.2.0/33", "192.0.2.0", undefined],
    ["192.0.2/24", "192.0.2.0", undefined],
    ["192.0.2.0/24/8", "192.0.2.0", undefined],
    ["192.0.2.256", "192.0.2.0", undefined],
    ["1::2::3", "1::3", undefined],
    ["2001:db8::/129", "2001:db8::", undefined],
    ["fe80::1%eth0", "fe80::1", undefined],
    ["::ffff:192.0.2.0/90", "192.0.2.0", undefined],
    ["", "192.0.2.0", undefined],
    ["192.0.2.0/24", "unknown", undefined],
  ];
  for (const [range, address, expected] of table) {
    assert.equal(contains(range, address), expected, `${address} in ${range}`);
  }
});
