import assert from "node:assert/strict";
import { checkFileNames } from "./file_names.ts";

function found(...paths: string[]): string {
  const files = paths.map((path) => ({ path, text: "const a = 1;" }));
  return checkFileNames(files).map(({ message }) => message).join("\n");
}

Deno.test("vague, camel-case and index names are found", () => {
  assert.equal(found("core/waiting_queue.ts", "web/sdk/ids.ts", "main.ts"), "");
  for (const name of ["utils", "helpers", "common", "types"]) {
    assert.match(found(`server/${name}.ts`), /names no noun/);
  }
  assert.match(found("web/index.tsx"), /no index files/);
  assert.match(found("core/waitingQueue.ts"), /snake_case: waiting_queue/);
  assert.match(found("web/chat-window.tsx"), /snake_case/);
});

Deno.test("a test has its file beside it, except in tests/", () => {
  assert.equal(found("core/chat.ts", "core/chat_test.ts"), "");
  assert.equal(found("web/chat.tsx", "web/chat_test.ts"), "");
  assert.equal(found("tests/tidy_test.ts"), "");
  assert.match(found("core/chat_test.ts"), /no core\/chat\.ts beside this test/);
});

Deno.test("a barrel is found, except the door of a folder", () => {
  const text = 'export { a } from "./a.ts";\nexport * from "./b.ts";\n';
  assert.match(checkFileNames([{ path: "core/all.ts", text }])[0]?.message ?? "", /barrel/);
  assert.deepEqual(checkFileNames([{ path: "mq/mod.ts", text }]), []);
});
