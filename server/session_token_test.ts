import assert from "node:assert/strict";
import { sign } from "hono/jwt";
import { agentIdSchema, siteIdSchema, visitorIdSchema } from "../core/ids.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { KeyRing } from "./keys.ts";
import { type Claims, sessionOf, SessionTokens } from "./session_token.ts";

const older = { keyId: "k1", secret: new Uint8Array(32).fill(1) };
const newer = { keyId: "k2", secret: new Uint8Array(32).fill(2) };
const later = Math.floor(Date.now() / 1_000) + 3_600;
const visitor: Claims = {
  kind: "visitor",
  site: siteIdSchema.parse("acme"),
  sub: visitorIdSchema.parse(fixedUlid(1)),
  visit: "visit-1",
  exp: later,
};
const ana: Claims = {
  kind: "agent",
  site: siteIdSchema.parse("acme"),
  sub: agentIdSchema.parse("ana"),
  tokenVersion: 1,
  exp: later,
};

Deno.test("[BI4] a token gives back its claims at every node with the key, also behind a newer one", async () => {
  for (const claims of [visitor, ana]) {
    const token = await new SessionTokens(new KeyRing([older])).issue(claims);
    assert.deepEqual(await new SessionTokens(new KeyRing([older])).read(token), claims);
    assert.deepEqual(await new SessionTokens(new KeyRing([newer, older])).read(token), claims);
  }
});

Deno.test("[BI4] a forged, foreign or altered token is bad_token, an old one token_expired", async () => {
  const tokens = new SessionTokens(new KeyRing([newer, older]));
  const token = await tokens.issue(visitor);
  const [head, body, signature] = token.split(".");
  const altered = btoa(JSON.stringify({ ...visitor, sub: fixedUlid(2) })).replaceAll("=", "");
  const none = btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "");
  const foreign = await sign(visitor, "another secret", "HS256");
  const past = { ...visitor, exp: Math.floor(Date.now() / 1_000) - 10 };
  const faults: readonly [string, string][] = [
    ["", "bad_token"],
    ["no token", "bad_token"],
    [`${head}.${altered}.${signature}`, "bad_token"],
    [`${none}.${body}.`, "bad_token"],
    [foreign, "bad_token"],
    [await tokens.issue(past), "token_expired"],
    [await new SessionTokens(new KeyRing([older])).issue(past), "token_expired"],
    [await sign(past, "another secret", "HS256"), "bad_token"],
  ];
  for (const [given, fault] of faults) assert.equal(await tokens.read(given), fault, given);
});

const sessions: readonly [string, Claims, unknown][] = [
  ["a visitor of the site", visitor, {
    type: "visitor",
    visitorId: visitor.sub,
    visitId: "visit-1",
  }],
  ["an agent of the site", ana, { type: "agent", agentId: "ana", tokenVersion: 1 }],
  ["a visitor of another site", { ...visitor, site: siteIdSchema.parse("other") }, undefined],
  ["an agent of another site", { ...ana, site: siteIdSchema.parse("other") }, undefined],
  ["an agent that is not configured", { ...ana, sub: agentIdSchema.parse("zoe") }, undefined],
  ["an agent whose sessions were ended", { ...ana, tokenVersion: 0 }, undefined],
];

Deno.test("[SC4] a disabled agent's token gives no session, nor does that of an agent of an old name", () => {
  const disabled = benchConfig({ staff: { ana: { disabled: true } } });
  assert.equal(sessionOf(ana, disabled, 0), undefined);
  assert.equal(sessionOf({ ...ana, tokenVersion: 2 }, benchConfig(), 0), undefined);
});

for (const [who, claims, session] of sessions) {
  Deno.test(`[SE1] the token of ${who} gives ${session === undefined ? "no" : "its"} session`, () => {
    assert.deepEqual(sessionOf(claims, benchConfig(), 0), session);
  });
}
