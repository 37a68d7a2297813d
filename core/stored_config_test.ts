import assert from "node:assert/strict";
import { fullSite } from "../tests/harness/full_site.ts";
import { siteConfigSchema } from "./site_config.ts";
import { readStoredConfig } from "./stored_config.ts";

const stored = JSON.stringify(siteConfigSchema.parse(fullSite));

Deno.test("[SC7] what was stored is read as it was taken", () => {
  assert.deepEqual(readStoredConfig(JSON.parse(stored)), siteConfigSchema.parse(fullSite));
});

Deno.test("[SC7] fields that a newer release has written are left out, wherever they stand", () => {
  const newer = JSON.parse(stored);
  newer.mood = "good";
  newer.agents[1].hat = { size: 3 };
  newer.campaigns[0].invitations[0].conditions.moon = "full";
  const before = structuredClone(newer);
  assert.deepEqual(readStoredConfig(newer), siteConfigSchema.parse(fullSite));
  assert.deepEqual(newer, before, "what was handed in is left alone");
});

Deno.test("[SC7] a contradiction that was taken once is read, another form is not", () => {
  const odd = JSON.parse(stored);
  odd.departments[2].backupDepartmentId = "sales";
  assert.equal(siteConfigSchema.safeParse(odd).success, false);
  assert.equal(readStoredConfig(odd).departments[2]?.backupDepartmentId, "sales");
  odd.mood = "good";
  odd.agents[0].chatLimit = "many";
  assert.throws(() => readStoredConfig(odd), /chatLimit/);
});

Deno.test("[SC7] [SC8] ids and texts from before their form was asked for are still read", () => {
  const bans = [{ banId: "..", target: { type: "address", address: "192.0.2.1" }, comment: "\0" }];
  const json = { siteId: "acme", name: "Ac\ud800me", bans };
  assert.equal(readStoredConfig(json).bans[0]?.banId, "..");
  const paths = siteConfigSchema.safeParse(json).error?.issues.map(({ path }) => path.join("."));
  assert.deepEqual(paths, ["name", "bans.0.comment", "bans.0.banId"]);
});
