/**
 * Makes the configuration of a data folder (argument 1) with that many sites (argument 2), all in
 * use: a few KB each, as those of a shop with ten agents.
 */
import { ulid } from "ulid";
import { KvConfigStore } from "../../cache/store_kv.ts";
import type { StoredSite } from "../../cache/config_store.ts";
import { type SiteId, siteIdSchema } from "../../core/ids.ts";
import { siteConfigSchema } from "../../core/site_config.ts";

const sitesPerNote = 10_000;

const [dataDir = "", count = "0"] = Deno.args;
await Deno.mkdir(dataDir, { recursive: true });
const store = await KvConfigStore.open(`${dataDir}/config.kv`);
const ids: SiteId[] = [];
let bytes = 0;
await store.replaceAll({ logId: ulid(), n: 0, changeId: "" }, sites());
for (let from = 0; from < ids.length; from += sitesPerNote) {
  await store.noteUse(ids.slice(from, from + sitesPerNote), Date.now());
}
store.close();
// deno-lint-ignore no-console -- what it prints is what it is for
console.log(JSON.stringify({ sites: ids.length, bytes }));

async function* sites(): AsyncGenerator<StoredSite> {
  for (let n = 0; n < Number(count); n++) {
    await Promise.resolve();
    const siteId = siteIdSchema.parse(`shop-${String(n).padStart(6, "0")}`);
    const json = JSON.stringify(siteConfigSchema.parse(configOf(siteId, n)));
    ids.push(siteId);
    bytes += json.length;
    yield { siteId, version: 1, json };
  }
}

function configOf(siteId: SiteId, n: number) {
  const departments = ["sales", "help"].map((departmentId) => ({
    departmentId,
    name: `The ${departmentId} of shop ${n}`,
  }));
  const agents = Array.from({ length: 5 + n % 11 }, (_, index) => ({
    agentId: `agent-${index}`,
    name: `Agent ${index} of shop ${n}`,
    passwordHash: `scrypt$16384$8$1$${String(n).padStart(22, "A")}$${"h".repeat(43)}`,
    role: index === 0 ? "admin" : "agent",
    departmentIds: [departments[index % 2]?.departmentId],
  }));
  const cannedMessages = Array.from({ length: 10 }, (_, index) => ({
    cannedId: `text-${index}`,
    title: `Text ${index}`,
    text: `Good morning, and welcome to shop ${n}! What may we do for you today? (${index})`,
  }));
  return {
    ...{ siteId, agents, departments, cannedMessages },
    name: `Shop ${n}`,
    routing: { mode: "load_balancing" },
    allowedDomains: [`shop-${n}.example`],
    campaigns: [{
      campaignId: "main",
      name: "Main",
      preChat: { fields: [{ fieldId: "order", label: "Your order" }] },
    }],
  };
}
