import { verify } from "hono/jwt";
import { z } from "zod";
import { compact } from "../core/audience.ts";
import type { SignedIn } from "../core/fact.ts";
import { answersSchema } from "../core/client_frames.ts";
import { limits } from "../core/limits.ts";
import type { SiteConfig } from "../core/site_config.ts";

/** What a site's JWT must say, and may. Times in seconds since 1970. */
const signInClaimsSchema = z.object({
  sub: z.string().min(1).max(128),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  name: z.string().max(limits.nameCharsMax).optional(),
  email: z.string().max(limits.emailCharsMax).optional(),
  fields: answersSchema.default({}),
});

/** Who the token names and until when, in seconds since 1970; or what is wrong with it. */
export type SignInAnswer =
  | { readonly signedIn: SignedIn; readonly exp: number }
  | { readonly fault: string };

/**
 * Who a site's own pages say the visitor is: a JWT (HS256) under one of the site's keys, for its
 * audience, not expired at `now` (milliseconds since 1970). A fault says what is wrong. [SI1]
 */
export async function readSignIn(
  token: string,
  config: SiteConfig,
  now: number,
): Promise<SignInAnswer> {
  const { signIn } = config;
  if (signIn === undefined) return { fault: "The site has no sign-in" };
  for (const key of signIn.keys) {
    let payload;
    try {
      payload = await verify(token, key, { alg: "HS256", exp: false });
    } catch {
      continue; // perhaps another key's
    }
    const claims = signInClaimsSchema.safeParse(payload);
    if (!claims.success) {
      const issue = claims.error.issues[0];
      return { fault: `${issue?.path.join(".") || "claims"}: ${issue?.message}` };
    }
    const { sub, aud, exp, name, email, fields } = claims.data;
    if (![aud].flat().includes(signIn.audience)) return { fault: "aud: for somebody else" };
    if (exp * 1_000 <= now) return { fault: "exp: the token has expired" };
    return { signedIn: compact({ userId: sub, name, email, fields }), exp };
  }
  return { fault: "The token is not signed with a key of the site" };
}
