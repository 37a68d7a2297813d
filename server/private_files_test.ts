import assert from "node:assert/strict";
import { makeFilesPrivate, openPrivateFolder } from "./private_files.ts";

Deno.test("[AM25] a data folder is its owner's alone, new or not, and so is what is made in it", async () => {
  const root = await Deno.makeTempDir({ prefix: "chatnode_private_" });
  const before = makeFilesPrivate();
  try {
    await Deno.mkdir(`${root}/old`);
    await Deno.chmod(`${root}/old`, 0o755);
    for (const dir of [`${root}/old`, `${root}/new`]) {
      await openPrivateFolder(dir, { write: (_, event) => assert.fail(event) });
      const kv = await Deno.openKv(`${dir}/config.kv`);
      await kv.set(["key"], "secret");
      await Deno.writeTextFile(`${dir}/lock`, "");
      assert.equal((await Deno.stat(dir)).mode, 0o040700, dir);
      for await (const { name } of Deno.readDir(dir)) {
        assert.equal(((await Deno.stat(`${dir}/${name}`)).mode ?? 0) & 0o077, 0, `${dir}/${name}`);
      }
      kv.close();
    }
  } finally {
    Deno.umask(before);
    await Deno.remove(root, { recursive: true });
  }
});
