import assert from "node:assert/strict";
import { durableStateOf, recoveredFrom } from "../tests/harness/durable_state.ts";
import { LaggingJournalStore } from "../tests/harness/lagging_journal_store.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { DiskJournalStore } from "./journal_store_disk.ts";
import { chatIdSchema } from "../core/ids.ts";
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
  // What goes to KV is one commit behind at most.
  assert.ok(Number(new TextDecoder().decode(noun?.value)) >= acked.length - 1);
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

Deno.test("[JR2] a crash that loses saved nouns and segments loses nothing, as the log has it", async () => {
  const config = benchConfig({ mode: "manual" });
  const store = new LaggingJournalStore();
  const bench = await NodeBench.startOn(store, { unsavedLogBytesMax: 500, configs: [config] });
  const page = bench.visitor();
  const commandId = bench.ids.command();
  page.send({ type: "request_chat", commandId });
  const chatId = chatIdSchema.parse(commandId);
  for (let i = 0; i < 40; i++) {
    page.send({ type: "post_message", chatId, messageId: bench.ids.message(), text: `hello ${i}` });
    await bench.idle();
  }
  const lost = durableStateOf(bench.slot().site.state);
  bench.stop();
  assert.ok(store.lagging.length > 10, "nouns were saved all the time");
  for (let kept = 0; kept <= store.lagging.length; kept++) {
    const crashed = await store.crashed(kept);
    assert.deepEqual(durableStateOf(await recoveredFrom(crashed, config)), lost, `${kept} kept`);
  }
});
