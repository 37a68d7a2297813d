/** Words of one text, at most: a long name does not fill the index. */
const wordsMax = 12;
const wordCharsMax = 32;

/**
 * The words of a name or an e-mail address, as they are searched for: without case and accents, cut
 * at whatever is no letter or digit.
 */
export function wordsOf(...texts: readonly (string | null | undefined)[]): string[] {
  const words = new Set<string>();
  for (const text of texts) {
    const folded = (text ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (const word of folded.split(/[^\p{L}\p{N}]+/u)) {
      if (word !== "") words.add(word.slice(0, wordCharsMax));
    }
  }
  return [...words].slice(0, wordsMax);
}

/** Whether each wanted word begins one of the words. */
export function hasWords(words: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((prefix) => words.some((word) => word.startsWith(prefix)));
}
