import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sign } from "hono/jwt";
import { limits } from "../core/limits.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { readSignIn } from "./sign_in.ts";

const key = "n".repeat(32);
const older = "o".repeat(32);
const config = benchConfig({ config: { signIn: { keys: [key, older], audience: "acme-chat" } } });
const now = 1_800_000_000_000;
const claims = { sub: "u-7", aud: "acme-chat", exp: now / 1_000 + 60 };

Deno.test("[SI1] a token under any key of the site, for its audience and not expired, says who it is", async () => {
  const good: [string, string | string[]][] = [[key, "acme-chat"], [older, ["x", "acme-chat"]]];
  for (const [secret, aud] of good) {
    const token = await sign({ ...claims, aud, name: "Vik", fields: { tier: "gold" } }, secret);
    assert.deepEqual(await readSignIn(token, config, now), {
      signedIn: { userId: "u-7", name: "Vik", fields: { tier: "gold" } },
      exp: claims.exp,
    });
  }
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;

Deno.test("[SI3] a token that is unsigned, forged, expired or for somebody else says what is wrong", async () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
  const good = await sign(claims, key);
  const [head, body, signature = ""] = good.split(".");
  const faults: readonly (readonly [string, RegExp])[] = [
    ["nonsense", /not signed/],
    [unsigned, /not signed/],
    [`${unsigned}${signature}`, /not signed/],
    [`${head}.${part({ ...claims, sub: "admin" })}.${signature}`, /not signed/],
    [`${head}.${body}.`, /not signed/],
    [await sign(claims, "another key of thirty-two bytes.."), /not signed/],
    [await sign(claims, key, "HS512"), /not signed/],
    [await sign({ ...claims, exp: now / 1_000 }, key), /^exp/],
    [await sign({ ...claims, aud: "other-site" }, key), /^aud/],
    [await sign({ ...claims, aud: [] }, key), /^aud/],
    [await sign(without("exp"), key), /^exp/],
    [await sign(without("aud"), key), /^aud/],
    [await sign(without("sub"), key), /^sub/],
    [await sign({ ...claims, name: "x".repeat(limits.nameCharsMax + 1) }, key), /^name/],
    [await sign({ ...claims, fields: { a: 1 } }, key), /^fields/],
  ];
  for (const [token, fault] of faults) {
    const answer = await readSignIn(token, config, now);
    assert.match("fault" in answer ? answer.fault : "none", fault, token);
  }
});

Deno.test("[SI3] a site without sign-in takes no token", async () => {
  const answer = await readSignIn(await sign(claims, key), benchConfig(), now);
  assert.ok("fault" in answer);
});
