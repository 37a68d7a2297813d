import assert from "node:assert/strict";
import { ConfigCache } from "../cache/config_cache.ts";
import { siteIdSchema } from "../core/ids.ts";
import { siteConfigSchema } from "../core/site_config.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { openDemoSite } from "./demo_site.ts";
import { verifyPassword } from "./password.ts";

const demo = siteIdSchema.parse("demo");

/** A data folder and its configurations. */
async function folder() {
  const dir = await Deno.makeTempDir({ prefix: "chatnode_demo_" });
  const configs = await ConfigCache.open(new MemoryConfigStore());
  return {
    ...{ dir, configs, path: `${dir}/demo_login.json` },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("[AM26] the demo site is made once, and its password told once and kept", async () => {
  await using at = await folder();
  const first = await openDemoSite(at.dir, at.configs);
  const made = await at.configs.load(demo);
  assert.ok(await verifyPassword(first?.password ?? "", made?.agents[0]?.passwordHash ?? ""));
  assert.deepEqual(JSON.parse(await Deno.readTextFile(at.path)), { password: first?.password });
  assert.equal((await Deno.stat(at.path)).mode, 0o100600);
  const { password: _, ...others } = first ?? { password: "" };
  assert.deepEqual(await openDemoSite(at.dir, at.configs), { ...others, password: undefined });
  assert.deepEqual(await at.configs.load(demo), made);
});

Deno.test("[AM26] a site of that name is nobody's demo: it stays as it is", async () => {
  await using at = await folder();
  await at.configs.put(siteConfigSchema.parse({ siteId: "demo", name: "Demonstrations Ltd" }));
  const told = await openDemoSite(at.dir, at.configs);
  assert.deepEqual([told?.path, told?.password], [undefined, undefined]);
  assert.equal((await at.configs.load(demo))?.name, "Demonstrations Ltd");
});

Deno.test("[AM26] a demo site that was removed stays away", async () => {
  await using at = await folder();
  await openDemoSite(at.dir, at.configs);
  await at.configs.change({ siteId: demo, by: "operator", what: "x", at: 1, edit: () => null });
  for (const isKept of [true, false]) {
    if (!isKept) await Deno.remove(at.path);
    assert.equal(await openDemoSite(at.dir, at.configs), undefined);
    assert.equal(await at.configs.load(demo), undefined);
  }
});

Deno.test("[AM26] a first start that was cut off goes on with the password that it kept", async () => {
  await using at = await folder();
  await Deno.writeTextFile(at.path, JSON.stringify({ password: "kept before the cut" }));
  const { password } = await openDemoSite(at.dir, at.configs) ?? {};
  assert.equal(password, "kept before the cut");
  const hash = (await at.configs.load(demo))?.agents[1]?.passwordHash ?? "";
  assert.ok(await verifyPassword("kept before the cut", hash));
});
