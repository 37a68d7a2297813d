import assert from "node:assert/strict";
import { configLimits } from "../../cache/config_limits.ts";
import { agentOf } from "../harness/saved_agent.ts";
import {
  changesOf,
  copyAll,
  followAll,
  jsonOf,
  noon,
  site,
  type StoreBench,
  write,
} from "./config_store_driver.ts";

/** How a store keeps the agents that are still to be published. */
export const agentCases: readonly {
  readonly name: string;
  run(bench: StoreBench): Promise<void>;
}[] = [
  {
    name: "[CC12] agents that changes saved stay in their order, also over a restart",
    async run(bench) {
      let store = await bench.open();
      const start = await store.head();
      assert.deepEqual(await store.savedAgents(10), []);
      const [ana, ben, gone] = [agentOf("ana"), agentOf("ben"), agentOf("ana", { removed: true })];
      await write(store, "acme", { agents: [ana, ben] });
      await write(store, "shop", { agents: [] });
      await write(store, "shop");
      await write(store, "acme", { json: null, agents: [gone], at: noon + 1 });
      const stale = { siteId: site("acme"), from: 9, json: "{}", by: "b", what: "w", at: noon };
      assert.equal((await store.write({ ...stale, agents: [ana] })).type, "conflict");
      const [first, , , last] = (await changesOf(store, start)).changes;
      const rows = [[first, [ana, ben]], [last, [gone]]] as const;
      store = await bench.reopen(store);
      const kept = await store.savedAgents(10);
      assert.deepEqual(
        kept.map(({ place: _, ...row }) => row),
        rows.map(([change, agents]) => ({
          ...{ changeId: change?.changeId, siteId: "acme", version: change?.version },
          ...{ at: change?.at, agents },
        })),
      );
      assert.deepEqual(await store.savedAgents(1), kept.slice(0, 1));
    },
  },
  {
    name: "[CC12] agents that are published are forgotten, and no place is taken twice",
    async run(bench) {
      let store = await bench.open();
      for (const id of ["a", "b", "c"]) await write(store, id, { agents: [agentOf(id)] });
      const [a, b, c] = await store.savedAgents(10);
      assert.ok(a !== undefined && b !== undefined && c !== undefined);
      await store.forgetSavedAgents([a.place, b.place]);
      assert.deepEqual(await store.savedAgents(10), [c]);
      await store.forgetSavedAgents([a.place, c.place]);
      store = await bench.reopen(store);
      assert.deepEqual(await store.savedAgents(10), []);
      await write(store, "d", { agents: [agentOf("d")] });
      const [d] = await store.savedAgents(10);
      assert.ok(d !== undefined && d.place > c.place);
      assert.deepEqual(d.agents, [agentOf("d")]);
    },
  },
  {
    name: "[CC12] a thousand agents go for a thousand others in the longest configuration",
    async run(bench) {
      let store = await bench.open();
      const many = (letter: string, removed: boolean) =>
        Array.from(
          { length: 1_000 },
          (_, n) => agentOf(`${letter}-${n}`, { departments: n % 15, removed }),
        );
      const agents = [...many("new", false), ...many("old", true)];
      const json = jsonOf("long", configLimits.configBytesMax - 100);
      await write(store, "acme", { json });
      await write(store, "acme", { json, agents });
      await write(store, "shop", { agents: [agentOf("zoe")] });
      store = await bench.reopen(store);
      const rows = await store.savedAgents(1_000);
      assert.deepEqual(rows.flatMap((row) => row.agents), [...agents, agentOf("zoe")]);
      assert.deepEqual(rows.map(({ place }) => place), rows.map((_, n) => n + 1));
      await store.forgetSavedAgents(rows.map(({ place }) => place));
      assert.deepEqual(await store.savedAgents(10), []);
    },
  },
  {
    name: "[CC12] what is followed brings no agents and takes none away",
    async run({ open }) {
      const [source, follower] = [await open(), await open()];
      await write(follower, "mine", { agents: [agentOf("mo")] });
      const mine = await follower.savedAgents(10);
      await write(source, "acme", { agents: [agentOf("ana")] });
      await copyAll(follower, source);
      await write(source, "acme", { agents: [agentOf("ben")] });
      await followAll(follower, source);
      assert.deepEqual(await follower.savedAgents(10), mine);
      assert.equal((await source.savedAgents(10)).length, 2);
    },
  },
];
