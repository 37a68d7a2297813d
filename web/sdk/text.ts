import { limits } from "./limits.ts";

/** Why a text cannot be posted. */
export type TextProblem = "empty" | "too_long";

/**
 * Judges a text before it is posted, so that a person learns it while typing and not from a
 * refusal.
 */
export function textProblem(text: string): TextProblem | undefined {
  if (text.trim() === "") return "empty";
  if (text.length * 3 > limits.textBytesMax && utf8Bytes(text) > limits.textBytesMax) {
    return "too_long";
  }
  // Control characters grow sixfold in JSON; such a text would burst the frame although it is
  // short.
  if (text.length * 6 > limits.pageBytesMax) {
    if (utf8Bytes(JSON.stringify(text)) > limits.pageBytesMax) return "too_long";
  }
  return undefined;
}

/** Length in bytes once encoded as UTF-8; a lone surrogate counts as the three bytes it becomes. */
export function utf8Bytes(value: string): number {
  let bytes = value.length;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 0x7ff) bytes += 2;
    else if (unit > 0x7f) bytes += 1;
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = value.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) i += 1;
  }
  return bytes;
}
