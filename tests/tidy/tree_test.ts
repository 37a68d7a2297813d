import assert from "node:assert/strict";
import { ignoreRules, readTree, report } from "./tree.ts";

Deno.test("the patterns of .gitignore", () => {
  const ignored = ignoreRules("# built\n/data/\n/web/dist/\ntmp/\n*.log\n.env\n");
  const rows: [path: string, is: boolean][] = [
    ["data/", true],
    ["bench/data/", false],
    ["web/dist/", true],
    ["bench/tmp/", true],
    ["server/a.log", true],
    ["server/log.ts", false],
    [".env", true],
  ];
  for (const [path, is] of rows) assert.equal(ignored(path), is, path);
  assert.throws(() => ignoreRules("!/keep/*"), /Cannot read the .gitignore pattern/);
});

Deno.test("a tree is read without what is ignored", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dir}/data`);
    await Deno.mkdir(`${dir}/.git`);
    for (const path of [".gitignore", "a.ts", "a.png", "data/b.ts", ".git/config"]) {
      await Deno.writeTextFile(`${dir}/${path}`, path === ".gitignore" ? "/data/\n" : path);
    }
    const files = await readTree(dir);
    assert.deepEqual(files.map(({ path }) => path), [".gitignore", "a.ts"]);
    assert.equal(files[1]?.text, "a.ts");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("findings are told with their place", () => {
  const text = report([{ path: "core/chat.ts", line: 7, message: "no any" }]);
  assert.equal(text, "1 findings\ncore/chat.ts:7: no any");
});
