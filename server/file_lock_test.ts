import assert from "node:assert/strict";
import { lockDataFolder } from "./file_lock.ts";

const moduleUrl = new URL("./file_lock.ts", import.meta.url).href;

/** A second process that tries to take the folder, and says how it went. */
async function tryElsewhere(dir: string): Promise<{ said: string; pid: number }> {
  const code = `import { lockDataFolder } from "${moduleUrl}";
    try { await lockDataFolder(Deno.args[0]); console.log("took it"); }
    catch (error) { console.log(error.name + ": " + error.message); }`;
  const path = `${dir}/try.ts`;
  await Deno.writeTextFile(path, code);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-lock", path, dir],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { stdout } = await child.output();
  return { said: new TextDecoder().decode(stdout).trim(), pid: child.pid };
}

Deno.test("[JR4] a second process on the same data folder is refused and told who has it", async () => {
  const dir = await Deno.makeTempDir();
  const lock = await lockDataFolder(dir);
  assert.equal(
    (await tryElsewhere(dir)).said,
    `DataFolderInUse: Cannot use data folder "${dir}" as process ${Deno.pid} already has it`,
  );
  lock.release();
  const { said, pid } = await tryElsewhere(dir);
  assert.equal(said, "took it");
  assert.equal((await Deno.readTextFile(`${dir}/lock`)).trim(), String(pid));
  const again = await lockDataFolder(dir);
  assert.equal((await Deno.readTextFile(`${dir}/lock`)).trim(), String(Deno.pid));
  again.release();
  await Deno.remove(dir, { recursive: true });
});
