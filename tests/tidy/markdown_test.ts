import assert from "node:assert/strict";
import { anchorOf, checkMarkdown } from "./markdown.ts";

function found(text: string): string {
  const files = [{ path: "docs/A.md", text }, {
    path: "docs/B.md",
    text: "# B\n\n## The `end`, too\n",
  }];
  const paths = new Set(["docs", "docs/A.md", "docs/B.md", "core/chat.ts"]);
  return checkMarkdown(files, (path) => paths.has(path)).map(({ message }) => message).join("\n");
}

Deno.test("a document has one title", () => {
  assert.equal(found("# A\n\n## Part\n"), "");
  assert.match(found("## Part\n"), /0 H1/);
  assert.match(found("# A\n\n# B\n"), /2 H1/);
  assert.equal(found("# A\n\n```sh\n# a comment\n```\n"), "");
});

Deno.test("a dead link or anchor is found", () => {
  assert.equal(found("# A\n[b](B.md) [c](../core/chat.ts) [d](https://example.org) [e](#a)\n"), "");
  assert.equal(found("# A\n[b](B.md#the-end-too)\n"), "");
  assert.match(found("# A\n[b](C.md)\n"), /there is no docs\/C\.md/);
  assert.match(found("# A\n[b](B.md#nowhere)\n"), /makes the anchor #nowhere/);
  assert.match(found("# A\n[b](/docs/B.md)\n"), /make it relative/);
  assert.equal(found("# A\n`[b](C.md)`\n<!-- [b](C.md) -->\n"), "");
});

Deno.test("anchors are made as GitHub makes them", () => {
  assert.equal(anchorOf("`post_message`: a text"), "post_message-a-text");
});
