import assert from "node:assert/strict";
import { DiskJournalStore } from "./journal_store_disk.ts";
import type { JournalKey } from "./journal_store.ts";

const moduleUrl = new URL("./journal_store_disk.ts", import.meta.url).href;
const value = (text: string) => new TextEncoder().encode(text);

Deno.test("[JR1] every commit that returned before a SIGKILL is there afterwards", async () => {
  const dir = await Deno.makeTempDir();
  const code = `import { DiskJournalStore } from "${moduleUrl}";
    const store = await DiskJournalStore.open(Deno.args[0] + "/data");
    for (let seq = 1; ; seq++) {
      const puts = [{ key: ["log", seq], value: new Uint8Array(1000) },
        { key: ["noun", "acme", "chat", "c"], value: new TextEncoder().encode(String(seq)) }];
      await store.commit({ puts, deletes: [], absent: ["log", seq] });
      Deno.stdout.writeSync(new TextEncoder().encode(seq + "\\n"));
    }`;
  await Deno.writeTextFile(`${dir}/writer.ts`, code);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", "--no-check", "--no-lock", `${dir}/writer.ts`, dir],
    stdout: "piped",
  }).spawn();
  let told = "";
  let isKilled = false;
  for await (const chunk of child.stdout) {
    told += new TextDecoder().decode(chunk);
    if (isKilled || told.split("\n").length <= 50) continue;
    isKilled = true;
    child.kill("SIGKILL");
  }
  await child.status;
  const acked = told.split("\n").slice(0, -1).map(Number);
  const store = await DiskJournalStore.open(`${dir}/data`);
  const [, last] = await store.last(["log"]) ?? [];
  assert.ok(acked.length >= 50 && Number(last) >= acked.length, `${last} of ${acked.length}`);
  const [noun] = await Array.fromAsync(store.list(["noun"]));
  assert.ok(Number(new TextDecoder().decode(noun?.value)) >= acked.length);
  assert.ok(Number(new TextDecoder().decode(noun?.value)) <= Number(last), "no noun is ahead");
  store.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[JR2] keys come back in order, by prefix and from behind a key, after a reopening", async () => {
  const dir = await Deno.makeTempDir();
  const first = await DiskJournalStore.open(dir);
  const keys: JournalKey[] = [
    ["log", 1],
    ["log", 2],
    ["noun", "acme", "chat", "b"],
    ["noun", "acme", "chat", "a"],
    ["segment", "acme", "a", 10],
    ["segment", "acme", "a", 9],
  ];
  const puts = keys.map((key) => ({ key, value: value(key.join("/")) }));
  await first.commit({ puts, deletes: [], absent: ["log", 1] });
  await first.commit({ puts: [], deletes: [["noun", "acme", "chat", "b"]], absent: undefined });
  first.close();
  const store = await DiskJournalStore.open(dir);
  const listed = async (prefix: JournalKey, after?: JournalKey) =>
    (await Array.fromAsync(store.list(prefix, after))).map((one) => {
      assert.equal(new TextDecoder().decode(one.value), one.key.join("/"));
      return one.key.join("/");
    });
  assert.deepEqual(await listed(["log"]), ["log/1", "log/2"]);
  assert.deepEqual(await listed(["log"], ["log", 1]), ["log/2"]);
  assert.deepEqual(await listed(["noun"]), ["noun/acme/chat/a"]);
  assert.deepEqual(await listed(["segment"]), ["segment/acme/a/9", "segment/acme/a/10"]);
  assert.deepEqual(await store.last(["log"]), ["log", 2]);
  const again = store.commit({ puts: puts.slice(0, 1), deletes: [], absent: ["log", 1] });
  await assert.rejects(again, { name: "CommitFailed" });
  store.close();
  await Deno.remove(dir, { recursive: true });
});
