import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { KvConfigStore } from "./store_kv.ts";

Deno.test("[SE1] configurations come back as stored, also those longer than one value", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/config.kv`;
  const agents = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`agent-${n}`, 3]));
  const long = JSON.stringify({ ...benchConfig({ agents }), name: "\u8a9e".repeat(40_000) });
  const stored = new Map([["acme", JSON.stringify(benchConfig())], ["long", long]]);
  const first = await KvConfigStore.open(path);
  for (const [id, json] of stored) await first.put(siteIdSchema.parse(id), json);
  await first.put(siteIdSchema.parse("shrinks"), long);
  await first.put(siteIdSchema.parse("shrinks"), "{}");
  first.close();
  const again = await KvConfigStore.open(path);
  const loaded = await Array.fromAsync(again.load());
  again.close();
  const expected = [...stored, ["shrinks", "{}"]];
  assert.deepEqual(loaded.map(({ siteId, json }) => [siteId, json]), expected);
  await Deno.remove(dir, { recursive: true });
});
