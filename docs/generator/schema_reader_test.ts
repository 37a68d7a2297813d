import assert from "node:assert/strict";
import { readDeclarations } from "./declarations.ts";
import { form } from "./field_table.ts";
import { SchemaReader } from "./schema_reader.ts";
import { firstSentence } from "./wire_type.ts";

const source = `
/** A chat's name. [CH${1}] */
export const chatIdSchema = z.string().regex(/^c/, "begins with c").brand("ChatId");
const text = z.string().min(1).refine((value) => value.length < 9, \`at most \${limits.textMax} bytes\`);
export const frameSchema = z.strictObject({
  type: z.literal("frame"),
  /** Of which chat. */
  chatId: chatIdSchema,
  text,
  codes: z.array(z.enum(["a", "b"])).max(limits.textMax).optional(),
  n: z.int().min(1),
  more: z.literal(true).optional(),
  language: z.string().nullable(),
  code: z.enum(Object.keys(refusalCodes) as [string]),
});
export const wideSchema = frameSchema.extend({ more: z.record(chatIdSchema, z.boolean()) });
const list = [frameSchema] as const;
export const unionSchema = z.discriminatedUnion("type", [...list, wideSchema]);
`;

const declarations = readDeclarations({ "core/protocol.ts": source });
const reader = new SchemaReader(declarations, { limits: { textMax: 5_000 } });

function fieldsOf(name: string): string[] {
  const type = reader.read(reader.find(name).value);
  if (type.type !== "object") return [];
  return type.fields.map(({ name, optional, type }) =>
    `${name}${optional ? "?" : ""}: ${form(type)}`
  );
}

Deno.test("schemas are read with names, limits and comments", () => {
  assert.deepEqual(fieldsOf("frameSchema"), [
    'type: `"frame"`',
    "chatId: [ChatId](#chatid)",
    "text: string, at least 1 character, at most 5,000 bytes",
    'codes?: array of `"a"` or `"b"`, at most 5,000 items',
    "n: integer, at least 1",
    "more?: boolean, only `true`",
    "language: string, or `null`",
    "code: [RefusalCode](#refusalcode)",
  ]);
  assert.equal(fieldsOf("wideSchema").at(-1), "more: map from [ChatId](#chatid) to boolean");
  assert.equal(reader.find("chatIdSchema").doc, "A chat's name.");
});

Deno.test("the members of a union are found through its spreads", () => {
  const { value } = reader.find("unionSchema");
  assert.deepEqual(reader.memberNames(value), ["frameSchema", "wideSchema"]);
});

Deno.test("a schema that is not understood is told with its place", () => {
  const [unknown] = readDeclarations({ "core/protocol.ts": "\nconst a = z.date();" });
  assert.throws(
    () => unknown !== undefined && reader.read(unknown.value),
    /core\/protocol\.ts:2: cannot read `z\.date\(\)`: teach/,
  );
});

Deno.test("the first sentence of a comment", () => {
  assert.equal(firstSentence("Every 25 s: alive. Answered."), "Every 25 s: alive.");
  assert.equal(firstSentence("About core/protocol.ts and v1.2"), "About core/protocol.ts and v1.2");
});
