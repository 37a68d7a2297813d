import assert from "node:assert/strict";
import { ConfigCache } from "../cache/config_cache.ts";
import { siteIdSchema } from "../core/ids.ts";
import { siteConfigSchema } from "../core/site_config.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { siteRetention } from "./site_retention.ts";

Deno.test("[AR12] a site keeps what it is configured with, a removed one the defaults, a damaged one all", async () => {
  const store = new MemoryConfigStore();
  const [acme, gone, broken] = ["acme", "gone", "broken"].map((id) => siteIdSchema.parse(id));
  assert.ok(acme !== undefined && gone !== undefined && broken !== undefined);
  store.kept.set(broken, { version: 1, json: "{", usedAt: 0 });
  const configs = await ConfigCache.open(store);
  await configs.put(
    siteConfigSchema.parse({ siteId: acme, name: "Acme", retention: { chats: 7, visits: 3 } }),
  );
  let isBehind = false;
  const retentionOf = siteRetention(configs, () => isBehind);
  assert.deepEqual(await retentionOf(acme), {
    ...{ chats: 7, offlineMessages: 365, logs: 90, visits: 3 },
  });
  assert.equal((await retentionOf(gone))?.chats, 365);
  assert.equal(await retentionOf(broken), undefined);
  isBehind = true;
  assert.equal(await retentionOf(gone), undefined, "it may be a site that is not known here yet");
  assert.equal((await retentionOf(acme))?.chats, 7);
  await configs.close();
});
