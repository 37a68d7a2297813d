/** JSON objects nested deeper are taken as they are: no configuration is, so its schema refuses. */
const depthMax = 32;

/** Whether it is an object of JSON: no array, not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The target with the patch merged in (RFC 7396): null removes a member, objects are merged, and
 * everything else takes the place of what was there. Neither argument is changed.
 */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isObject(patch) || depth > depthMax) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value, depth + 1));
  }
  return Object.fromEntries(merged);
}
