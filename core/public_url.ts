import { type AddressRange, addressRange, readAddress } from "./ip_address.ts";

/** Addresses that are of one machine, one network or nobody (RFC 6890), not of the public net. */
const innerRanges: readonly AddressRange[] = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"],
  ...["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"],
  // Within 2000::/3: Teredo, documentation, and 6to4, which holds an IPv4 address.
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
].map(rangeOf);
/** All of IPv6 that is given out to the public net. */
const outerSix = rangeOf("2000::/3");

/** Ends of names that lead nowhere, or to one's own machine or network. */
const innerNames = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * What keeps a server from sending to this URL; undefined: nothing that can be seen from it. A name
 * may still lead to an address of ours, which whoever connects has to look at. [SC9]
 */
export function faultOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return "a URL";
  if (url.protocol !== "https:") return "https only";
  // URL has read every notation of an IPv4 address: 2130706433, 0x7f.1, [::ffff:127.0.0.1].
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (readAddress(host) !== undefined) {
    return isPublicAddress(host) ? undefined : "no address of a private network or this machine";
  }
  if (!host.includes(".")) return "a host of the public net, with a dot in its name";
  return innerNames.test(host) ? "no name of a private network or this machine" : undefined;
}

/** Whether an address is one of the public net. */
export function isPublicAddress(text: string): boolean {
  const address = readAddress(text);
  if (address === undefined) return false;
  const isIn = ({ bits, length, prefix }: AddressRange) =>
    bits === address.bits && address.value >> BigInt(bits - length) === prefix;
  return (address.bits === 32 || isIn(outerSix)) && !innerRanges.some(isIn);
}

function rangeOf(text: string): AddressRange {
  const range = addressRange(text);
  if (range === undefined) throw new Error(`No range: ${text}`);
  return range;
}
