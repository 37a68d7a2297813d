import assert from "node:assert/strict";
import { checkCycles, checkLayering } from "./layering.ts";

function whyNot(path: string, text: string): string {
  return checkLayering([{ path, text }]).map(({ message }) => message).join("\n");
}

Deno.test("an import upwards or sideways is found, one downwards is not", () => {
  const rows: [path: string, text: string, found: RegExp | undefined][] = [
    [
      "core/chat.ts",
      'import { b } from "../server/log.ts";',
      /core must not import server\/log.ts/,
    ],
    ["core/chat.ts", 'import { b } from "./entry.ts";', undefined],
    ["core/chat_test.ts", 'import { b } from "../tests/harness/world.ts";', undefined],
    [
      "core/chat.ts",
      'import { b } from "../tests/harness/world.ts";',
      /core must not import tests/,
    ],
    ["server/hub.ts", 'export { b } from "../routes/app.ts";', /server must not import routes/],
    ["server/hub.ts", 'import { b } from "../mq/mod.ts";', undefined],
    [
      "routes/app.ts",
      'import { b } from "../adapters/email.ts";',
      /routes must not import adapters/,
    ],
    ["routes/app.ts", 'const b = await import("../main.ts");', /routes must not import main.ts/],
    ["mq/mod.ts", 'import { b } from "../cache/mod.ts";', /mq must not import cache/],
    ["adapters/email.ts", 'import { b } from "../mq/payloads.ts";', undefined],
    [
      "adapters/email.ts",
      'import { b } from "../server/log.ts";',
      /adapters must not import server/,
    ],
    ["web/sdk/frame.ts", 'import type { b } from "../../core/entry.ts";', undefined],
    ["web/sdk/frame.ts", 'import { type b } from "../../core/entry.ts";', undefined],
    ["web/sdk/frame.ts", 'import { b } from "../../core/entry.ts";', /write `import type`/],
    ["web/sdk/frame.ts", 'import type { b } from "../../server/log.ts";', /must not import server/],
    ["bench/side.ts", 'import type { b } from "../core/entry.ts";', /bench must not import core/],
    [
      "tests/chaos/chaos.ts",
      'import { b } from "../../core/ids.ts";',
      /tests\/chaos takes only types from core/,
    ],
    ["tests/chaos/chaos.ts", 'import { b } from "../../web/sdk/ids.ts";', undefined],
    ["main.ts", 'import { b } from "./routes/app.ts";', undefined],
    ["lib/thing.ts", 'import { b } from "../core/ids.ts";', /no layer for this folder/],
  ];
  for (const [path, text, found] of rows) {
    if (found === undefined) assert.equal(whyNot(path, text), "", `${path}: ${text}`);
    else assert.match(whyNot(path, text), found, `${path}: ${text}`);
  }
});

Deno.test("core imports no package but zod, and that only where schemas are", () => {
  assert.equal(whyNot("core/protocol.ts", 'import { z } from "zod";'), "");
  assert.match(whyNot("core/chat.ts", 'import { z } from "zod";'), /zod only in/);
  assert.match(whyNot("core/chat.ts", 'import { ulid } from "ulid";'), /core and zod only/);
  assert.equal(whyNot("core/chat_test.ts", 'import assert from "node:assert/strict";'), "");
});

Deno.test("a package for tests does not get into the binary", () => {
  assert.match(whyNot("server/hub.ts", 'import ts from "typescript";'), /tests and tools only/);
  assert.equal(whyNot("server/hub_test.ts", 'import fc from "fast-check";'), "");
});

Deno.test("a cycle is found, also one of types", () => {
  const cycle = checkCycles([
    { path: "core/a.ts", text: 'import { b } from "./b.ts";' },
    { path: "core/b.ts", text: 'import type { c } from "./c.ts";' },
    { path: "core/c.ts", text: 'import { a } from "./a.ts";' },
  ]);
  assert.match(
    cycle.map(({ message }) => message).join(),
    /a\.ts → core\/b\.ts → core\/c\.ts → core\/a/,
  );
  const tree = checkCycles([
    { path: "core/a.ts", text: 'import { b } from "./b.ts"; import { c } from "./c.ts";' },
    { path: "core/b.ts", text: 'import { c } from "./c.ts";' },
  ]);
  assert.deepEqual(tree, []);
});
