import assert from "node:assert/strict";
import { checkCorePurity } from "./core_purity.ts";

function found(path: string, text: string): number {
  return checkCorePurity([{ path, text }]).length;
}

Deno.test("core without time, chance and surroundings", () => {
  const impure = [
    "async () => {}",
    "const f = async function () { await g(); }",
    "const at = Date.now();",
    "const at = new Date(0);",
    "const at = performance.now();",
    "const id = Math.random();",
    "const id = crypto.randomUUID();",
    "setTimeout(f, 1);",
    "setInterval(f, 1);",
    "queueMicrotask(f);",
    "console.log(1);",
    "Deno.exit(1);",
    'fetch("http://a");',
  ];
  for (const text of impure) assert.ok(found("core/chat.ts", text) > 0, text);
  const pure = [
    "const at = event.at;",
    "// await Date.now() and console.log()",
    'const s = "await Date.now()";',
    "const console = state.consoles.get(id); console.tab = 1;",
    "function f(console: AgentPresence) { return console.tab; }",
    "for (const console of state.consoles.values()) use(console.tab);",
    "interface A { readonly crypto: string }",
    "const p = site.performance;",
  ];
  for (const text of pure) assert.equal(found("core/chat.ts", text), 0, text);
  assert.equal(found("server/hub.ts", "Date.now()"), 0, "only core is pure");
});

Deno.test("core's tests may await, but have no clock and no chance", () => {
  assert.equal(found("core/chat_test.ts", "Deno.test(async () => { await f(); })"), 0);
  assert.equal(found("core/chat_test.ts", "const at = Date.now();"), 1);
  assert.equal(found("core/chat_test.ts", "const id = Math.random();"), 1);
});
