import { equal, ok } from "node:assert/strict";
import { build } from "./build.ts";

Deno.test("a build makes every page, and a second one has nothing to do", async () => {
  await build({ force: true });
  equal(await build({ force: false }), false);
  const dist = `${import.meta.dirname}/dist`;
  for (const page of ["home", "visitor", "agent"]) {
    const html = await Deno.readTextFile(`${dist}/${page}.html`);
    // The content security policy forbids whatever is written in the page itself.
    ok(!/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/.test(html), page);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      ok((await Deno.stat(`${dist}${path}`)).size > 0, path ?? "");
    }
  }
});
