import assert from "node:assert/strict";
import { checkCasts, checkConstructs, checkLeftovers } from "./constructs.ts";

function found(path: string, text: string): string {
  return checkConstructs([{ path, text }]).map(({ message }) => message).join("\n");
}

Deno.test("each banned construct is found with its replacement", () => {
  const rows: [text: string, message: RegExp][] = [
    ["let a: any;", /no any/],
    ["const a = <any>b;", /no any/],
    ["const a = b as any;", /no any/],
    ["const a: Map<string, any> = b;", /no any/],
    ["enum Color { Red }", /no enum/],
    ["const a = b!;", /no `!`/],
    ["const a = b!.c;", /no `!`/],
    ["let a!: string;", /no `!`/],
    ['Deno.test.only("a", () => {});', /`only`/],
    ['Deno.test({ name: "a", only: true, fn });', /`only`/],
    ["element.innerHTML = text;", /textContent/],
    ["console.log(1);", /no console\.log/],
    ['const a = Deno.env.get("A");', /no Deno\.env/],
    ["class ChatManager {}", /ending in Manager/],
    ["interface AgentInfo {}", /ending in Info/],
    ["type ChatData = string;", /ending in Data/],
    ["const room = 1;", /not `room`.*`chat`/],
    ["function f(conn: Socket) {}", /not `conn`.*`connection`/],
  ];
  for (const [text, message] of rows) assert.match(found("server/hub.ts", text), message, text);
});

Deno.test("what only looks like a banned construct is left alone", () => {
  const fine = [
    "const a = !b;",
    "const a = b !== c;",
    'const a = "any enum room innerHTML console.log()";',
    "const connection = 1; const roomy = many;",
    "class Site {}",
    "import { serveHandler } from './a.ts';",
    "declare const console: unknown;",
  ];
  for (const text of fine) assert.equal(found("server/hub.ts", text), "", text);
});

Deno.test("the environment and the console belong to the outermost files", () => {
  const text = 'console.log(Deno.env.get("A"));';
  assert.equal(found("main.ts", text), "");
  assert.equal(found("bench/side.ts", text), "");
  assert.match(found("server/log.ts", text), /no Deno\.env/);
});

Deno.test("a sleep in a test is found", () => {
  const sleep = "await new Promise((resolve) => setTimeout(resolve, 50));";
  assert.match(found("server/hub_test.ts", sleep), /no sleep/);
  assert.equal(found("server/hub.ts", sleep), "");
  assert.equal(found("server/hub_test.ts", "await new Promise((resolve) => on(resolve));"), "");
});

Deno.test("a comment that postpones work is found, a string is not", () => {
  const check = (text: string) => checkLeftovers([{ path: "core/chat.ts", text }]).length;
  assert.equal(check("const a = 1; // TO" + "DO: b"), 1);
  assert.equal(check("/** FIX" + "ME */ const a = 1;"), 1);
  assert.equal(check("// Good enough for " + "now.\nconst a = 1;"), 1);
  assert.equal(check('const a = "// TO' + 'DO";'), 0);
  assert.equal(check("// Stands for nowhere.\nconst a = 1;"), 0);
});

Deno.test("a cast without a reason is found", () => {
  const check = (text: string) => checkCasts([{ path: "core/chat.ts", text }]).length;
  assert.equal(check("const a = b as C;"), 1);
  assert.equal(check("const a = <C>b;"), 1);
  assert.equal(check("const a = b as C; // the schema has checked it"), 0);
  assert.equal(check("// The schema has checked it.\nconst a = b as C;"), 0);
  assert.equal(check("// Too far away.\n\nconst a = b as C;"), 1);
  assert.equal(check("const a = [1] as const;"), 0);
  assert.equal(check("const a = b satisfies C;"), 0);
  assert.equal(check('import { a as b } from "./a.ts";'), 0);
});
