import assert from "node:assert/strict";
import { factVersion, nounOf } from "../core/fact.ts";
import type { Fact } from "../core/fact.ts";
import { agentIdSchema, tenureIdSchema, visitorIdSchema } from "../core/ids.ts";
import { commandIdSchema } from "../core/ids.ts";
import { SiteState } from "../core/site_state.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { Journal, nameOf } from "./journal.ts";

const config = benchConfig({ mode: "manual" });
const { siteId } = config;
const visitorId = visitorIdSchema.parse(fixedUlid(1));
const agentId = agentIdSchema.parse("ana");
const acted = (no: number): Fact => ({
  type: "visitor_acted",
  visitorId,
  commandId: commandIdSchema.parse(fixedUlid(100 + no)),
  command: "capture_conversion",
  at: no,
});
const away = (at: number): Fact => ({ type: "agent_status_set", agentId, status: "away", at });

/** Commits facts one by one and reads the journal back. */
async function readBack(facts: readonly Fact[], unsavedLogBytes: number): Promise<SiteState> {
  const store = new MemoryJournalStore();
  const options = { unsavedLogBytes, unsavedLogBytesMax: unsavedLogBytes };
  const journal = new Journal(store, options);
  await journal.readEnds();
  const state = new SiteState(config);
  await journal.recover(() => state);
  const tenure = tenureIdSchema.parse(fixedUlid(9));
  for (const fact of [{ type: "tenure_started", tenure, at: 1 } as const, ...facts]) {
    state.apply(fact);
    const record = JSON.stringify({ v: factVersion, site: siteId, facts: [fact] });
    const touched = new Set([nameOf(siteId, nounOf(fact))]);
    await journal.commit([new TextEncoder().encode(record)], touched, () => state);
  }
  const again = new SiteState(config);
  await new Journal(store, options).recover((site) => site === siteId ? again : undefined);
  return again;
}

Deno.test("[JR2] a noun that was gone and comes back stays, whenever nouns are saved", async () => {
  const forgotten: Fact = { type: "visitor_forgotten", visitorId };
  for (const unsavedLogBytes of [0, 100, 200, 300, 400, 600, 1_000]) {
    for (let between = 0; between < 8; between++) {
      const others = (count: number, at: number) =>
        Array.from({ length: count }, (_, index) => away(at + index));
      const facts = [acted(1), ...others(4, 10), forgotten, ...others(between, 20)];
      const state = await readBack([...facts, acted(2), ...others(9, 40)], unsavedLogBytes);
      assert.deepEqual(
        state.visitorRegisters.get(visitorId),
        { commands: [[fixedUlid(102), "capture_conversion"]], at: 2 },
        `${between} commits between, nouns saved after ${unsavedLogBytes} bytes`,
      );
    }
  }
});
