/**
 * Whether every store takes the text and gives it back as it was: half a surrogate pair is no
 * character in UTF-8, and Postgres takes no NUL.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The text without what no store would take: NUL is left out, half a pair becomes U+FFFD. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
