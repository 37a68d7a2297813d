import { z } from "zod";
import { refuseContradictions } from "./contradictions.ts";
import { type SiteConfig as Config, siteShape } from "./site_shape.ts";

/** Everything that a site is configured with. One schema, read by all roles. [SC1, SC2] */
export const siteConfigSchema = siteShape.superRefine(refuseContradictions);
/** Everything that a site is configured with. */
export type SiteConfig = Config;
/** A site's configuration as somebody writes it. */
export type SiteConfigInput = z.input<typeof siteConfigSchema>;

/**
 * The form of a configuration as somebody writes it, as JSON Schema (2020-12), for descriptions of
 * the API. Secrets are marked writeOnly. Contradictions are beyond it. [SC3]
 */
export function siteJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(siteConfigSchema, { io: "input" });
}
