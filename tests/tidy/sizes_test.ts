import assert from "node:assert/strict";
import { checkSizes } from "./sizes.ts";

function found(text: string): string {
  return checkSizes([{ path: "core/chat.ts", text }]).map(({ message }) => message).join("\n");
}

Deno.test("a file of more than 400 lines is found", () => {
  assert.equal(found("const a = 1;\n".repeat(400)), "");
  assert.match(found("const a = 1;\n".repeat(401)), /401 lines, at most 400 \(250 is the soft/);
});

Deno.test("a function of more than 60 lines is found, wherever it stands", () => {
  const body = (lines: number) => `{\n${"  f();\n".repeat(lines - 2)}}`;
  assert.equal(found(`function f() ${body(60)}`), "");
  assert.match(found(`function f() ${body(61)}`), /a function of 61 lines/);
  assert.match(found(`const f = () => ${body(61)};`), /a function of 61 lines/);
  assert.match(found(`class A {\n  f() ${body(61)}\n}`), /a function of 61 lines/);
  assert.match(found(`Deno.test("a", async () => ${body(61)});`), /a function of 61 lines/);
});

Deno.test("a line of more than 100 columns is found, unless a string makes it long", () => {
  assert.match(found(`// ${"a".repeat(100)}`), /103 columns/);
  assert.equal(found(`// ${"a".repeat(97)}`), "");
  assert.equal(found(`const a = "${"a".repeat(120)}";`), "");
  assert.equal(found(`const a = \`${"a".repeat(60)}\${b}${"a".repeat(60)}\`;`), "");
  assert.match(found(`const ${"a".repeat(120)} = "b";`), /columns, at most 100/);
});
