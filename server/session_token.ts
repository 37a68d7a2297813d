import { hkdfSync } from "node:crypto";
import { Buffer } from "node:buffer";
import { sign, verify } from "hono/jwt";
import { z } from "zod";
import type { Session } from "../core/event.ts";
import { agentIdSchema, siteIdSchema, visitorIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { KeyRing } from "./keys.ts";

/**
 * Who the site signed the visitor in as when the token was issued, until when the site's own token
 * vouches for it: a session lives longer than that, and must not carry the identity on. [SI3]
 */
const signedInSchema = z.object({
  userId: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  fields: z.record(z.string(), z.string()),
  exp: z.number(),
});

/** `madeAt` of the site that the session is of: another one may have its name by now. */
const madeSchema = z.number().optional();

/**
 * Who the bearer is; seconds since 1970 in `exp`. tokenVersion must equal the agent's configured
 * one.
 */
const claimsSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("visitor"),
    site: siteIdSchema,
    sub: visitorIdSchema,
    visit: z.string(),
    made: madeSchema,
    signedIn: signedInSchema.optional(),
    exp: z.number(),
  }),
  z.object({
    kind: z.literal("agent"),
    site: siteIdSchema,
    sub: agentIdSchema,
    tokenVersion: z.number(),
    made: madeSchema,
    exp: z.number(),
  }),
]);
export type Claims = z.infer<typeof claimsSchema>;

/** Why a token does not let its bearer in. */
export type TokenFault = "bad_token" | "token_expired";

/**
 * Session tokens: JWTs (HS256) under a key derived from each master key. The newest signs, all
 * verify, so any node with the same keys takes them without a database.
 */
export class SessionTokens {
  readonly #secrets: string[];

  readonly #now: () => number;

  /** `now` gives milliseconds since 1970. */
  constructor(ring: KeyRing, now: () => number = Date.now) {
    this.#now = now;
    this.#secrets = ring.keys.map(({ secret }) =>
      Buffer.from(hkdfSync("sha256", secret, "chatnode", "session-token", 32)).toString("base64url")
    );
  }

  async issue(claims: Claims): Promise<string> {
    return await sign(claims, this.#secrets[0] ?? "", "HS256");
  }

  /** The claims of a token that this deployment signed and that has not expired. */
  async read(token: string): Promise<Claims | TokenFault> {
    for (const secret of this.#secrets) {
      let payload;
      try {
        // Age is judged last: what is not ours has none.
        payload = await verify(token, secret, { alg: "HS256", exp: false });
      } catch {
        continue; // perhaps another key's
      }
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success) return "bad_token";
      return claims.data.exp * 1_000 <= this.#now() ? "token_expired" : claims.data;
    }
    return "bad_token";
  }
}

/** Whether the claims are of this site, and not of one that had its name before. [AM21] */
export function isOfSite({ site, made }: Claims, config: SiteConfig): boolean {
  return site === config.siteId && made === config.madeAt;
}

/**
 * The session of claims at this site at `now` (milliseconds since 1970); undefined when they are
 * for another one, or one that had its name, or of an agent that is disabled, not configured any
 * more, or whose sessions were ended by a new tokenVersion: any other one, as an agent may be made
 * anew under an old name. [SC4]
 */
export function sessionOf(
  claims: Claims,
  config: SiteConfig,
  now: number,
): Session | undefined {
  if (!isOfSite(claims, config)) return undefined;
  if (claims.kind === "visitor") {
    const session = { type: "visitor", visitorId: claims.sub, visitId: claims.visit } as const;
    if (claims.signedIn === undefined || claims.signedIn.exp * 1_000 <= now) return session;
    const { exp: _, ...signedIn } = claims.signedIn;
    return { ...session, signedIn };
  }
  const agent = config.agents.find(({ agentId }) => agentId === claims.sub);
  if (agent === undefined || agent.disabled || claims.tokenVersion !== agent.tokenVersion) {
    return undefined;
  }
  return { type: "agent", agentId: claims.sub, tokenVersion: claims.tokenVersion };
}
