/** ULIDs that are cheap to make by the hundred thousand: all but the last six characters stay. */

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const digits = new TextEncoder().encode(alphabet);
const valueOf = new Int32Array(256);
for (let i = 0; i < 32; i++) valueOf[digits[i] ?? 0] = i;

/** Characters of a ULID that hold the counter: 32^6, a thousand million messages of one sender. */
export const counterChars = 6;
export const prefixChars = 26 - counterChars;

/** The constant part of one sender's ids: the time, and enough chance to be the only one. */
export function messageIdPrefix(): string {
  let time = Date.now();
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = alphabet.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(prefixChars - 10))) {
    text += alphabet.charAt(byte & 31);
  }
  return text;
}

/** A whole ULID, for a chat, a connection or a command. */
export function newUlid(): string {
  return messageIdPrefix() + messageIdPrefix().slice(-counterChars);
}

export function writeCounter(bytes: Uint8Array, at: number, counter: number): void {
  for (let i = counterChars - 1; i >= 0; i--) {
    bytes[at + i] = digits[counter & 31] ?? 0;
    counter >>= 5;
  }
}

export function readCounter(bytes: Uint8Array, at: number): number {
  let counter = 0;
  for (let i = 0; i < counterChars; i++) {
    counter = (counter << 5) | (valueOf[bytes[at + i] ?? 0] ?? 0);
  }
  return counter;
}
