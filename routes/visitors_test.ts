import assert from "node:assert/strict";
import { sign } from "hono/jwt";
import { sessionOf } from "../server/session_token.ts";
import { type EdgeBench, startEdge } from "../tests/harness/edge_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";

const post = (headers: Record<string, string> = {}) => ({ method: "POST", headers });

/** A page load; the node's time goes on until it is answered. */
async function load(
  { app, bench }: EdgeBench,
  body?: unknown,
  { site = "acme", address }: { site?: string; address?: string } = {},
): Promise<{ status: number; json: Record<string, unknown> }> {
  const init = {
    method: "POST",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
  const env = address === undefined
    ? {}
    : { remoteAddr: { transport: "tcp", hostname: address, port: 1 } };
  const asked = app.request(`/v1/sites/${site}/visitors`, init, env);
  let response: Response | undefined;
  void Promise.resolve(asked).then((one) => response = one);
  while (response === undefined) await bench.idle();
  return { status: response.status, json: await response.json() };
}

Deno.test("[SE1] [VL2] a new visitor gets a token of its site, and is told what it may do", async () => {
  const edge = await startEdge();
  const { status, json } = await load(edge);
  assert.equal(status, 201);
  const { visitorId, token, expiresAt: _, ...more } = json;
  assert.deepEqual(more, { tracked: true, availability: "offline", hasChat: false });
  const claims = await edge.deps.tokens.read(String(token));
  assert.ok(typeof claims !== "string" && claims.kind === "visitor");
  assert.deepEqual([claims.site, claims.sub], ["acme", visitorId]);
  edge.bench.stop();
});

Deno.test("[VL2] a visitor that comes again keeps its id; the visit goes on while it is here", async () => {
  const edge = await startEdge();
  const first = (await load(edge)).json;
  const second =
    (await load(edge, { visitorToken: first["token"], url: "https://acme.com/" })).json;
  await edge.bench.clock.advance(120_000);
  await edge.bench.idle();
  const third = (await load(edge, { visitorToken: second["token"] })).json;
  const visits: string[] = [];
  for (const { token, visitorId } of [first, second, third]) {
    assert.equal(visitorId, first["visitorId"]);
    const claims = await edge.deps.tokens.read(String(token));
    assert.ok(typeof claims !== "string" && claims.kind === "visitor");
    visits.push(claims.visit);
  }
  assert.deepEqual([visits[0] === visits[1], visits[1] === visits[2]], [true, false]);
  edge.bench.stop();
});

Deno.test("[SE1] [BI4] a visitor's token that is forged, an agent's or another site's is turned away", async () => {
  const configs = ["acme", "other"].map((siteId) => benchConfig({ siteId }));
  const edge = await startEdge({ configs });
  const { json } = await load(edge, undefined, { site: "other" });
  const bad = [
    [json["token"], /for another site/],
    [`${json["token"]}x`, /bad_token/],
    ["nonsense", /bad_token/],
    [await edge.token({ kind: "agent", sub: "ana" }), /not a visitor/],
    [await edge.token({ kind: "visitor", sub: "", lives: -1 }), /token_expired/],
  ] as const;
  for (const [visitorToken, why] of bad) {
    const answer = await load(edge, { visitorToken });
    assert.equal(answer.status, 401);
    assert.match(String(answer.json["detail"]), why);
  }
  edge.bench.stop();
});

Deno.test("[BI1] a body that is no JSON, with wrong, extra or too long fields names the field", async () => {
  const edge = await startEdge();
  const bad = [
    ["{", "body"],
    ["[]", "body"],
    [{ colour: 1 }, "body"],
    [{ url: 7 }, "url"],
    [{ url: "x".repeat(2_049) }, "url"],
    [{ title: "x".repeat(257) }, "title"],
    [{ visits: 0 }, "visits"],
    [{ visits: 1.5 }, "visits"],
    [{ signIn: "" }, "signIn"],
    [{ visitorToken: "x".repeat(8_193) }, "visitorToken"],
  ] as const;
  for (const [body, field] of bad) {
    const { status, json } = await load(edge, body);
    assert.deepEqual([status, json["field"]], [400, field], JSON.stringify(body).slice(0, 60));
  }
  assert.equal((await load(edge, { url: "x".repeat(40_000) })).status, 413);
  edge.bench.stop();
});

const key = "k".repeat(32);
const signIn = { keys: [key], audience: "acme" };

Deno.test("[SI1] [SI3] a site's token signs the session in, for as long as it vouches for it", async () => {
  const config = benchConfig({ config: { signIn } });
  const edge = await startEdge({ configs: [config] });
  const now = edge.bench.clock.now();
  const exp = Math.floor(now / 1_000) + 60;
  const jwt = await sign({ sub: "u-7", aud: "acme", exp, name: "Vik" }, key);
  const { json } = await load(edge, { signIn: jwt });
  const claims = await edge.deps.tokens.read(String(json["token"]));
  assert.ok(typeof claims !== "string");
  const during = sessionOf(claims, config, now);
  assert.deepEqual(during?.type === "visitor" && during.signedIn, {
    userId: "u-7",
    name: "Vik",
    fields: {},
  });
  const after = sessionOf(claims, config, exp * 1_000);
  assert.equal(after?.type === "visitor" && after.signedIn, undefined);
  edge.bench.stop();
});

Deno.test("[SI3] a sign-in token unsigned, expired, of another key or audience is turned away with the reason", async () => {
  const edge = await startEdge({ configs: [benchConfig({ config: { signIn } })] });
  const exp = Math.floor(edge.bench.clock.now() / 1_000) + 60;
  const claims = { sub: "u-7", aud: "acme", exp };
  const bad = [
    ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", /not signed/],
    [await sign(claims, "x".repeat(32)), /not signed/],
    [await sign({ ...claims, exp: exp - 60 }, key), /expired/],
    [await sign({ ...claims, aud: "other" }, key), /somebody else/],
  ] as const;
  for (const [jwt, why] of bad) {
    const { status, json } = await load(edge, { signIn: jwt });
    assert.deepEqual([status, json["field"]], [401, "signIn"]);
    assert.match(String(json["detail"]), why);
  }
  edge.bench.stop();
});

Deno.test("[VL2] [BN1] the page of a banned address is turned away, whatever it says of itself", async () => {
  const bans = [{ banId: "b", target: { type: "address", address: "192.0.2.0/24" } } as const];
  const edge = await startEdge({ configs: [benchConfig({ config: { bans } })] });
  assert.equal((await load(edge, {}, { address: "192.0.2.7" })).status, 403);
  assert.equal((await load(edge, {}, { address: "::ffff:192.0.2.7" })).status, 403);
  assert.equal((await load(edge, {}, { address: "198.51.100.7" })).status, 201);
  const init = { method: "POST", headers: { "x-forwarded-for": "198.51.100.7" } };
  const env = { remoteAddr: { transport: "tcp", hostname: "192.0.2.7", port: 1 } };
  const asked = Promise.resolve(edge.app.request("/v1/sites/acme/visitors", init, env));
  let status: number | undefined;
  void asked.then((response) => status = response.status);
  while (status === undefined) await edge.bench.idle();
  assert.equal(status, 403, "forwarded headers do not count");
  edge.bench.stop();
});

Deno.test("[SE1] an unknown site, or a page of a foreign origin, gets no visitor", async () => {
  const { app, bench } = await startEdge();
  for (
    const [path, headers, status] of [
      ["/v1/sites/nobody/visitors", {}, 404],
      ["/v1/sites/NOT%20A%20NAME/visitors", {}, 404],
      ["/v1/sites/acme/visitors", { origin: "https://evil.com" }, 403],
    ] as const
  ) {
    const response = await app.request(path, post(headers));
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal((await response.json()).status, status);
  }
  bench.stop();
});

Deno.test("[BI3] too many new visitors of one address are told when to come back", async () => {
  const edge = await startEdge({ rates: { visitorsPerMinute: 2 } });
  const { app, bench } = edge;
  assert.deepEqual([(await load(edge)).status, (await load(edge)).status], [201, 201]);
  const third = await app.request("/v1/sites/acme/visitors", post());
  assert.deepEqual([third.status, third.headers.get("retry-after")], [429, "30"]);
  bench.stop();
});
