/** A range of one family, as CIDR notation names it; IPv4 mapped into IPv6 counts as IPv4. */
export interface AddressRange {
  readonly bits: 32 | 128;
  /** How many leading bits the addresses share. */
  readonly length: number;
  /** Those bits. */
  readonly prefix: bigint;
}

/** The range that a text names: one address, or CIDR notation; undefined when it is neither. */
export function addressRange(text: string): AddressRange | undefined {
  const [host = "", length, more] = text.split("/");
  if (more !== undefined) return undefined;
  const address = readAddress(host);
  if (address === undefined) return undefined;
  const { bits, value } = address;
  if (length === undefined) return { bits, length: bits, prefix: value };
  if (!/^\d{1,3}$/.test(length)) return undefined;
  // A range written in mapped form counts the 96 bits in front of the IPv4 address, too.
  const isMapped = bits === 32 && host.includes(":");
  const shared = Number(length) - (isMapped ? 96 : 0);
  if (shared < 0 || shared > bits) return undefined;
  return { bits, length: shared, prefix: value >> BigInt(bits - shared) };
}

/** An address as a number of its family. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Reads an address; undefined for what is none. */
export function readAddress(text: string): Address | undefined {
  if (!text.includes(":")) return readFour(text);
  const address = readSix(text);
  // ::ffff:a.b.c.d is how a dual-stack socket names an IPv4 peer.
  if (address !== undefined && address.value >> 32n === 0xffffn) {
    return { bits: 32, value: address.value & 0xffffffffn };
  }
  return address;
}

function readFour(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { bits: 32, value };
}

function readSix(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? ""), groupsOf(halves[1] ?? "")];
  if (head === undefined || tail === undefined) return undefined;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  const groups = [...head, ...Array<number>(gap).fill(0), ...tail];
  let value = 0n;
  for (const group of groups) value = (value << 16n) | BigInt(group);
  return { bits: 128, value };
}

/** Sixteen-bit groups; an IPv4 address at the end counts as two. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place] ?? "";
    const four = place === parts.length - 1 && part.includes(".") ? readFour(part) : undefined;
    if (four !== undefined) groups.push(Number(four.value >> 16n), Number(four.value & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
