import assert from "node:assert/strict";
import { isAllowedOrigin } from "./origin.ts";

const list = ["example.com", ".example.org", "localhost:3000"];
const rows: readonly [string | undefined, boolean][] = [
  [undefined, true],
  ["https://chat.acme.com", true],
  ["https://chat.acme.com:444", false],
  ["https://example.com", true],
  ["http://example.com:8080", true],
  ["https://EXAMPLE.com", true],
  ["https://www.example.com", false],
  ["https://example.com.evil.com", false],
  ["https://evilexample.com", false],
  ["https://example.org", true],
  ["https://a.b.example.org", true],
  ["https://evilexample.org", false],
  ["http://localhost:3000", true],
  ["http://localhost:3001", false],
  ["null", false],
  ["", false],
  ["no origin", false],
];
for (const [origin, allowed] of rows) {
  Deno.test(`[SE1] a page of ${origin ?? "no origin"} ${allowed ? "may" : "may not"} connect`, () => {
    assert.equal(isAllowedOrigin(origin, "chat.acme.com", list), allowed);
  });
}

Deno.test("[SE1] a domain is configured in any case", () => {
  assert.ok(isAllowedOrigin("https://example.com", "chat.acme.com", ["Example.com"]));
});
