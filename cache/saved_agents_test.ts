import assert from "node:assert/strict";
import { type SiteConfigInput, siteConfigSchema } from "../core/site_config.ts";
import { siteIdSchema } from "../core/ids.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { ConfigCache } from "./config_cache.ts";
import { savedAgents } from "./saved_agents.ts";

type AgentInput = NonNullable<SiteConfigInput["agents"]>[number];

const acme = siteIdSchema.parse("acme");
const passwordHash = "scrypt$16$8$1$c2FsdA$aGFzaA";
const agent = (agentId: string, more: Partial<AgentInput> = {}): AgentInput => ({
  ...{ agentId, name: agentId, passwordHash, ...more },
});
const siteOf = (...agents: AgentInput[]) =>
  siteConfigSchema.parse({
    ...{ siteId: acme, name: "Acme", agents },
    departments: ["sales", "help"].map((departmentId) => ({ departmentId, name: departmentId })),
  });

/** Whether a change of an agent's field concerns others. */
const changes: readonly (readonly [Partial<AgentInput>, "saved" | "nothing"])[] = [
  [{ name: "Ana B." }, "saved"],
  [{ role: "supervisor" }, "saved"],
  [{ departmentIds: ["sales"] }, "saved"],
  [{ disabled: true }, "saved"],
  [{ chatLimit: 7 }, "nothing"],
  [{ tokenVersion: 2 }, "nothing"],
  [{ passwordHash: "scrypt$16$8$1$c2FsdA$b3RoZXI" }, "nothing"],
  [{}, "nothing"],
];

Deno.test("[CC12] an agent is saved when what others may know of it has changed, and no secret with it", () => {
  for (const [change, expected] of changes) {
    const saved = savedAgents(
      siteOf(agent("ana"), agent("ben")),
      siteOf(agent("ana", change), agent("ben")),
    );
    const { passwordHash: _, chatLimit: __, tokenVersion: ___, ...told } = change;
    const ana = { agentId: "ana", name: "ana", role: "agent", departmentIds: [], disabled: false };
    const wanted = [{ ...ana, removed: false, ...told }];
    assert.deepEqual(saved, expected === "saved" ? wanted : [], JSON.stringify(change));
  }
  const every = Object.keys(siteOf(agent("ana")).agents[0] ?? {}).filter((key) =>
    key !== "agentId"
  );
  const named = new Set(changes.flatMap(([change]) => Object.keys(change)));
  assert.deepEqual([...named].toSorted(), every.toSorted(), "every field is in the table");
});

Deno.test("[CC12] agents that are made and removed are saved, with their site or without", () => {
  const brief = (...sites: Parameters<typeof savedAgents>) =>
    savedAgents(...sites).map(({ agentId, name, removed }) => [agentId, name, removed]);
  const both = siteOf(agent("ana"), agent("ben", { name: "Ben" }));
  assert.deepEqual(brief(undefined, both), [["ana", "ana", false], ["ben", "Ben", false]]);
  assert.deepEqual(brief(both, undefined), [["ana", "ana", true], ["ben", "Ben", true]]);
  assert.deepEqual(brief(both, siteOf(agent("zoe"), agent("ana"))), [
    ["zoe", "zoe", false],
    ["ben", "Ben", true],
  ]);
  assert.deepEqual(brief(both, siteOf(agent("ben", { name: "Ben" }), agent("ana"))), []);
});

Deno.test("[CC12] whoever writes a configuration, its agents are saved with that change", async () => {
  const store = new MemoryConfigStore();
  const cache = await ConfigCache.open(store);
  const saved = async () => {
    const rows = await store.savedAgents(100);
    await store.forgetSavedAgents(rows.map(({ place }) => place));
    return rows.flatMap(({ version, agents }) =>
      agents.map(({ agentId, removed }) => `${version} ${removed ? "-" : "+"}${agentId}`)
    );
  };
  const change = (edit: (config: unknown) => unknown) =>
    cache.change({ siteId: acme, by: "operator", what: "test", at: 1, edit });
  await cache.put(siteOf(agent("ana")));
  await cache.put(siteOf(agent("ana")));
  assert.deepEqual(await saved(), ["1 +ana"]);
  await cache.put(siteOf(agent("ana"), agent("ben")));
  await change(() => siteOf(agent("ben"), agent("cat")));
  await change(() => ({ ...siteOf(agent("ben"), agent("cat")), name: "Acme Ltd" }));
  await change((config) => ({ ...Object(config), agents: [{ agentId: "no name" }] }));
  assert.deepEqual(await saved(), ["2 +ben", "3 +cat", "3 -ana"]);
  await change(() => null);
  assert.deepEqual(await saved(), ["5 -ben", "5 -cat"]);
  await cache.close();
});

Deno.test("[CC12] a configuration in place of a damaged one has all its agents saved", async () => {
  const store = new MemoryConfigStore();
  await store.write({ siteId: acme, from: 0, json: "{", by: "b", what: "w", at: 1 });
  const cache = await ConfigCache.open(store);
  await cache.put(siteOf(agent("ana")));
  const [row] = await store.savedAgents(10);
  assert.deepEqual(row?.agents.map(({ agentId }) => agentId), ["ana"]);
  assert.equal(row?.version, 2);
  await cache.close();
});
