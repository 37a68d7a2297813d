/** Our own mistake. The site stops and is rebuilt from its journal; also in production. */
export class AssertionFailed extends Error {
  override name = "AssertionFailed";
}

/** States what must hold here whatever the outside world does. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionFailed(why);
}

/**
 * Ends a switch over a union: the compiler refuses a missing case, and so does the running program.
 */
export function unreachable(value: never): never {
  throw new AssertionFailed(`Unexpected value ${JSON.stringify(value)}`);
}
