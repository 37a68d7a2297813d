import { type SiteConfig, siteShape } from "./site_shape.ts";

/**
 * A configuration that was taken when it was stored, for those who only read it. Fields that a
 * newer release has written are left out, so that nodes of both releases serve the site, and what
 * a newer release would refuse as contradictory goes on as it was taken. Whoever writes takes
 * siteConfigSchema. Throws a ZodError when the form is another one. [SC7]
 */
export function readStoredConfig(json: unknown): SiteConfig {
  const parsed = siteShape.safeParse(json);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.filter((issue) => issue.code === "unrecognized_keys");
  if (unknown.length === 0) throw parsed.error;
  const known = structuredClone(json);
  for (const { path, keys } of unknown) {
    const holder = path.reduce(
      (value, key) => (value as Record<PropertyKey, unknown>)[key], // zod has been there
      known,
    ) as Record<string, unknown>; // an object, as it has such keys
    for (const key of keys) delete holder[key];
  }
  return siteShape.parse(known);
}
