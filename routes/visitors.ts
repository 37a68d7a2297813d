import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ulid } from "ulid";
import { z } from "zod";
import type { SignedIn } from "../core/fact.ts";
import { siteIdSchema, type VisitorId, visitorIdSchema } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { availabilitySchema } from "../core/views.ts";
import { viewPageSchema } from "../core/visitor_frames.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { SiteUnavailable } from "../server/node.ts";
import { isOfSite } from "../server/session_token.ts";
import { readSignIn } from "../server/sign_in.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { isAllowedOrigin } from "./origin.ts";
import { type Operation, serve } from "./operation.ts";
import { addressOf, peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";
import { KeyedLimit } from "./rate_limit.ts";

/** A visitor's session: a year, as its browser keeps it. */
const visitorSessionSeconds = 365 * 24 * 3600;

/** The load of a page; each field may be left out, and so may the body. */
const arrivalSchema = z.strictObject({
  /** The token of an earlier answer: a visitor that comes again keeps its id. */
  visitorToken: z.string().min(1).max(limits.sessionTokenCharsMax).optional(),
  /** The site's own token of its user; see sign_in. */
  signIn: z.string().min(1).max(limits.signInTokenCharsMax).optional(),
  url: viewPageSchema.shape.url.optional(),
  title: viewPageSchema.shape.title.optional(),
  referrer: viewPageSchema.shape.referrer,
  visits: viewPageSchema.shape.visits,
});
type PageLoad = z.infer<typeof arrivalSchema>;

const arrivalAnswerSchema = z.object({
  visitorId: visitorIdSchema,
  token: z.string(),
  expiresAt: z.int(),
  tracked: z.boolean(),
  availability: availabilitySchema,
  hasChat: z.boolean(),
});

const arriveAt: Operation = {
  method: "post",
  path: "/v1/sites/:siteId/visitors",
  id: "loadPage",
  tag: "visitors",
  summary: "A visitor's page is loaded: who the visitor is, and what it may do",
  who: "anyone",
  body: { schema: arrivalSchema, optional: true },
  answer: { status: 201, description: "The visitor and its session", schema: arrivalAnswerSchema },
  refusals: [400, 401, 403, 404, 429, 503],
};

/** The operations of visitors. */
export const visitorOperations: readonly Operation[] = [arriveAt];

/** Tokens, addresses and a title, each at its limit. */
const bodyBytesMax = 32 * 1024;

/** Who loads the page, as far as its tokens say. */
interface Bearer {
  readonly visitorId: VisitorId;
  readonly signedIn?: (SignedIn & { readonly exp: number }) | undefined;
}

/** Why a page load is turned away. */
interface Fault {
  readonly status: 400 | 401;
  readonly field: string;
  readonly detail: string;
}

/**
 * POST /v1/sites/:siteId/visitors, at every load of a page: who the visitor is and may do. The
 * answer's `tracked` tells whether the page may hold a WebSocket before its window is opened.
 * [VL2, EN5, DB1]
 */
export function visitorRoutes(deps: AppDeps): Hono<AppEnv> {
  const { visitorsPerMinute } = deps.limits;
  const perAddress = new KeyedLimit({ rate: visitorsPerMinute / 60, burst: visitorsPerMinute });
  const app = new Hono<AppEnv>();
  const limited = bodyLimit({
    maxSize: bodyBytesMax,
    onError: (c) =>
      problem(c, 413, "Body too big", `at most ${bodyBytesMax} bytes`, { code: "too_big" }),
  });
  serve(app, deps, arriveAt, limited, async (c) => {
    const waitMs = perAddress.take(addressOf(c.env), deps.clock.monotonic());
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
      const detail = "Too many page loads from this address";
      return problem(c, 429, "Too many visitors", detail, { code: "too_many" });
    }
    const body = arrivalSchema.safeParse(await bodyOf(c));
    if (!body.success) {
      const issue = body.error.issues[0];
      const field = issue?.path.join(".") || "body";
      const detail = `${field}: ${issue?.message}`;
      return problem(c, 400, "Bad request", detail, { code: "bad_field", field });
    }
    // The site as it is now that the body is here. [AM19]
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
    if (config === undefined) {
      return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
    }
    const origin = c.req.header("origin");
    if (!isAllowedOrigin(origin, c.req.header("host"), config.allowedDomains)) {
      const detail = `"${origin}" is not on the site's list`;
      return problem(c, 403, "Origin not allowed", detail, { code: "origin" });
    }
    const bearer = await bearerOf(deps, config, body.data);
    if ("status" in bearer) {
      const { status, field, detail } = bearer;
      return problem(c, status, "Bad token", `${field}: ${detail}`, { code: "bad_token", field });
    }
    return await arrive(deps, c, { config, bearer, page: body.data });
  });
  return app;
}

/** The body as JSON; none is an empty one. */
async function bodyOf(c: Context<AppEnv>): Promise<unknown> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The visitor and the user that the page's tokens name, or what is wrong with them. [SI3] */
async function bearerOf(
  deps: AppDeps,
  config: SiteConfig,
  { visitorToken, signIn }: PageLoad,
): Promise<Bearer | Fault> {
  let visitorId = visitorIdSchema.parse(ulid());
  if (visitorToken !== undefined) {
    const field = "visitorToken";
    const claims = await deps.tokens.read(visitorToken);
    if (typeof claims === "string") return { status: 401, field, detail: claims };
    if (claims.kind !== "visitor") return { status: 401, field, detail: "not a visitor's" };
    if (!isOfSite(claims, config)) return { status: 401, field, detail: "for another site" };
    visitorId = claims.sub;
  }
  if (signIn === undefined) return { visitorId };
  const answer = await readSignIn(signIn, config, deps.clock.now());
  if ("fault" in answer) return { status: 401, field: "signIn", detail: answer.fault };
  return { visitorId, signedIn: { ...answer.signedIn, exp: answer.exp } };
}

async function arrive(
  deps: AppDeps,
  c: Context<AppEnv>,
  { config, bearer, page }: { config: SiteConfig; bearer: Bearer; page: PageLoad },
): Promise<Response> {
  const { visitorId, signedIn } = bearer;
  const slot = deps.isReady() ? deps.node.slot(config.siteId) : undefined;
  if (slot === undefined || !slot.acceptsMore) return unavailable(c, 5);
  const { url, title, referrer, visits } = page;
  const { exp: _, ...user } = signedIn ?? { exp: 0 };
  try {
    const arrival = await deps.node.visitorArrived(slot, {
      visitorId,
      visitId: ulid(),
      address: peerAddress(c.env),
      url,
      title,
      referrer,
      visits,
      signedIn: "userId" in user ? user : undefined,
    });
    if (arrival.banned) {
      return problem(c, 403, "Banned", "The site has banned this visitor", { code: "banned" });
    }
    const { visitId, tracked, availability, hasChat } = arrival;
    const exp = Math.floor(deps.clock.now() / 1_000) + visitorSessionSeconds;
    const token = await deps.tokens.issue({
      kind: "visitor",
      site: config.siteId,
      made: config.madeAt,
      sub: visitorId,
      visit: visitId,
      exp,
      ...(signedIn === undefined ? {} : { signedIn }),
    });
    const expiresAt = exp * 1_000;
    return c.json({ visitorId, token, expiresAt, tracked, availability, hasChat }, 201);
  } catch (error) {
    if (error instanceof SiteUnavailable) return unavailable(c, 30);
    throw error;
  }
}

function unavailable(c: Context<AppEnv>, seconds: number): Response {
  c.header("Retry-After", String(seconds));
  const detail = "The site cannot be served here just now";
  return problem(c, 503, "Site unavailable", detail, { code: "site_unavailable" });
}
