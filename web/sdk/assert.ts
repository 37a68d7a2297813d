/** Our own mistake in the SDK; never thrown for what a server or a person sends. */
export class AssertionFailed extends Error {
  override name = "AssertionFailed";
}

/** States what must hold here whatever the outside world does. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionFailed(why);
}

/**
 * Ends a switch over a union: the compiler refuses a missing case, and so does the running page.
 */
export function unreachable(value: never): never {
  throw new AssertionFailed(`Unexpected value ${JSON.stringify(value)}`);
}
