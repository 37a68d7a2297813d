import type { SiteId } from "../core/ids.ts";
import { type SiteConfig, siteConfigSchema } from "../core/site_config.ts";
import { utf8Bytes } from "../core/utf8.ts";
import { configLimits } from "./config_limits.ts";

/** What is wrong with a configuration: where, and what is allowed there. */
export interface ConfigIssue {
  readonly path: string;
  readonly message: string;
}

/** A configuration that may be written, with its JSON; or why not. */
export type ValidConfig =
  | { readonly config: SiteConfig; readonly json: string }
  | { readonly issues: readonly ConfigIssue[] };

/**
 * What somebody wants a site's configuration to be, as it would be written under this version; or
 * all that is wrong with it. What it says of its version does not count.
 */
export function validConfig(siteId: SiteId, edited: unknown, version: number): ValidConfig {
  const input = typeof edited === "object" && edited !== null && !Array.isArray(edited)
    ? { ...edited, version }
    : edited;
  const result = siteConfigSchema.safeParse(input);
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => ({
      path: path.map(String).join("."),
      message,
    }));
    return { issues };
  }
  if (result.data.siteId !== siteId) {
    const message = `a site's id stays as it is: "${siteId}"`;
    return { issues: [{ path: "siteId", message }] };
  }
  const json = JSON.stringify(result.data);
  const bytes = utf8Bytes(json);
  if (bytes <= configLimits.configBytesMax) return { config: result.data, json };
  const message =
    `the configuration has ${bytes} bytes as JSON, at most ${configLimits.configBytesMax}`;
  return { issues: [{ path: "", message }] };
}
