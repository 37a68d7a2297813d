import assert from "node:assert/strict";
import { checkDocComments } from "./doc_comments.ts";

function found(text: string, path = "core/chat.ts"): string {
  return checkDocComments([{ path, text }]).map(({ message }) => message).join("\n");
}

Deno.test("an export without a doc comment is found", () => {
  const rows = [
    "export function f() {}",
    "export class A {}",
    "export interface A {}",
    "export type A = string;",
    "export const a = 1;",
    "// A plain comment.\nexport const a = 1;",
    "/** Of something else. */\n\nexport const a = 1;",
  ];
  for (const text of rows) assert.match(found(text), /has no doc comment/, text);
  for (const text of rows.slice(0, 5)) assert.equal(found(`/** Says it. */\n${text}`), "", text);
});

Deno.test("what is not exported, a re-export, a test and other folders need none", () => {
  assert.equal(found("function f() {}"), "");
  assert.equal(found('export { a } from "./a.ts";'), "");
  assert.equal(found("export const a = 1;", "core/chat_test.ts"), "");
  assert.equal(found("export const a = 1;", "web/console/app.ts"), "");
});

Deno.test("an inferred type directly behind its documented schema needs none", () => {
  const schema = "/** A. */\nexport const aSchema = z.string();\n";
  const alias = "export type A = z.infer<typeof aSchema>;\n";
  assert.equal(found(schema + alias), "");
  assert.match(found(`${schema}const b = 1;\n${alias}`), /export A has no doc/);
  assert.match(found("export const aSchema = z.string();\n" + alias), /export A has no doc/);
  assert.match(found(schema + "export type A = typeof aSchema;"), /export A has no doc/);
});
