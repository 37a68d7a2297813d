import type { z } from "zod";

/** Where something stands in a configuration. */
export type Path = (string | number)[];

/** Refuses what stands in a list for the second time, at its place. [SC2] */
export function refuseTwice(
  names: readonly (string | undefined)[],
  pathOf: (index: number) => Path,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name === undefined) return;
    if (seen.has(name)) {
      context.addIssue({ code: "custom", path: pathOf(index), message: `"${name}" stands twice` });
    }
    seen.add(name);
  });
}
