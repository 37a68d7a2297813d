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
