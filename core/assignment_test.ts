import assert from "node:assert/strict";
import fc from "fast-check";
import { SiteBench } from "../tests/harness/site_bench.ts";
import type { SitePage } from "../tests/harness/site_page.ts";
import { AgentPool } from "./assignment.ts";
import { agentIdSchema, type ChatId } from "./ids.ts";
import { limits } from "./limits.ts";

const [ana, ben, cid] = ["ana", "ben", "cid"].map((id) => agentIdSchema.parse(id));
assert.ok(ana && ben && cid);

const offers: readonly {
  rule: string;
  loads: readonly [number, number, number][];
  best: string;
}[] = [
  // ongoing, lastAllocatedAt, idleSince of ana, ben and cid
  { rule: "fewest ongoing", loads: [[2, 10, 0], [1, 99, 0], [3, 1, 0]], best: "ben" },
  { rule: "idle before busy", loads: [[1, 1, 1], [1, 2, 2], [0, 99, 99]], best: "cid" },
  { rule: "the longest idle", loads: [[0, 1, 30], [0, 2, 20], [0, 3, 25]], best: "ben" },
  { rule: "the earliest last allocation", loads: [[1, 9, 1], [1, 8, 2], [1, 7, 3]], best: "cid" },
  { rule: "the same every time on a tie", loads: [[1, 5, 5], [1, 5, 5], [1, 5, 5]], best: "ana" },
];
for (const { rule, loads, best } of offers) {
  Deno.test(`[RT2] the next chat goes to ${rule}`, () => {
    const pool = new AgentPool();
    [ana, ben, cid].forEach((agentId, place) => {
      const [ongoing = 0, lastAllocatedAt = 0, idleSince = 0] = loads[place] ?? [];
      pool.offer(agentId, [ongoing, ongoing === 0 ? idleSince : lastAllocatedAt]);
    });
    assert.equal(pool.best(new Set()), best);
    pool.withdraw(agentIdSchema.parse(best));
    assert.notEqual(pool.best(new Set()), best);
  });
}

const agentOf = (bench: SiteBench, chatId: ChatId) => bench.chat(chatId).agentId;

Deno.test("[RT2] chats are spread: idle agents in turn, then the fewest ongoing", () => {
  const bench = new SiteBench();
  bench.agent("ana");
  bench.advance(1_000);
  bench.agent("ben");
  const given = Array.from({ length: 4 }, () => {
    bench.advance(1_000);
    return agentOf(bench, bench.visitor().requestChat());
  });
  assert.deepEqual(given, ["ana", "ben", "ana", "ben"]);
});

Deno.test("[RT2] an agent is idle since its last chat ended", () => {
  const bench = new SiteBench();
  const [first, second] = [bench.agent("ana"), bench.agent("ben")];
  const chats = [bench.visitor().requestChat(), bench.visitor().requestChat()];
  for (const [place, page] of [second, first].entries()) {
    bench.advance(1_000);
    const chatId = chats.find((id) => agentOf(bench, id) === (place === 0 ? "ben" : "ana"));
    if (chatId !== undefined) page.endChat(chatId);
  }
  assert.equal(agentOf(bench, bench.visitor().requestChat()), "ben");
});

Deno.test("[RT2] an agent that was away longer than the grace is idle since it came back", () => {
  const bench = new SiteBench();
  const console = bench.agent("ana");
  bench.advance(1_000);
  bench.agent("ben");
  console.lose();
  bench.advance(limits.presenceGraceMs * 10);
  console.connect();
  bench.advance(1_000);
  assert.equal(agentOf(bench, bench.visitor().requestChat()), "ben");
});

const unfit: readonly { why: string; make: (bench: SiteBench) => void }[] = [
  { why: "away", make: (bench) => void bench.agent("ana", "away") },
  { why: "offline", make: (bench) => void bench.agent("ana", "offline") },
  { why: "not there at all", make: () => {} },
  {
    why: "absent for longer than the grace",
    make: (bench) => {
      bench.agent("ana").lose();
      bench.advance(limits.presenceGraceMs);
    },
  },
  {
    why: "at its limit",
    make: (bench) => {
      bench.agent("ana");
      bench.visitor().requestChat();
    },
  },
];
for (const { why, make } of unfit) {
  Deno.test(`[RT3] no chat is given to an agent that is ${why}`, () => {
    const bench = new SiteBench({ agents: { ana: 1 } });
    make(bench);
    assert.equal(agentOf(bench, bench.visitor().requestChat()), undefined);
  });
}

Deno.test("[RT3] with manual routing nobody is given a chat", () => {
  const bench = new SiteBench({ mode: "manual" });
  bench.agent("ana");
  assert.equal(agentOf(bench, bench.visitor().requestChat()), undefined);
});

Deno.test("[AG2] an agent that lost its connection is given chats for 60 seconds more", () => {
  const bench = new SiteBench();
  bench.agent("ana").lose();
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(agentOf(bench, bench.visitor().requestChat()), "ana");
  bench.advance(1);
  assert.equal(agentOf(bench, bench.visitor().requestChat()), undefined);
});

Deno.test("[AG2] an agent that is back within the grace was never absent", () => {
  const bench = new SiteBench();
  const console = bench.agent("ana");
  console.lose();
  bench.advance(limits.presenceGraceMs - 1);
  console.connect();
  bench.advance(limits.presenceGraceMs * 2);
  assert.equal(agentOf(bench, bench.visitor().requestChat()), "ana");
});

const freeing: readonly { how: string; make: (bench: SiteBench, console: SitePage) => void }[] = [
  { how: "comes online", make: (_, console) => void console.setStatus("online") },
  {
    how: "is given a higher limit",
    make: (bench, console) => {
      const { config } = bench.site.state;
      console.setStatus("online");
      const agents = config.agents.map((agent) => ({ ...agent, chatLimit: 5 }));
      bench.handle({ type: "config_changed", config: { ...config, agents } });
    },
  },
  {
    how: "comes back after an absence",
    make: (bench, console) => {
      console.setStatus("online");
      console.lose();
      bench.advance(limits.presenceGraceMs + 1);
      console.connect();
    },
  },
];
for (const { how, make } of freeing) {
  Deno.test(`[RT1] an agent that ${how} takes the longest-waiting visitor at once`, () => {
    const bench = new SiteBench({ agents: { ana: 2 } });
    const console = bench.agent("ana", "away");
    const chats = Array.from({ length: 3 }, () => bench.visitor().requestChat());
    make(bench, console);
    assert.equal(agentOf(bench, chats[0] ?? bench.visitor().requestChat()), "ana");
    assertNobodyWaits(bench);
  });
}

Deno.test("[RT1] the end of a chat lets its agent take the next one at once", () => {
  const bench = new SiteBench({ agents: { ana: 1 } });
  const console = bench.agent("ana");
  const [first, second] = [bench.visitor().requestChat(), bench.visitor().requestChat()];
  assert.equal(agentOf(bench, second), undefined);
  console.endChat(first);
  assert.equal(agentOf(bench, second), "ana");
});

/** Whether there is both a waiting chat and an agent that could take it. */
function assertNobodyWaits(bench: SiteBench): void {
  const { state } = bench.site;
  const fit = [...state.agentConfigs.values()].filter(({ agentId, chatLimit }) => {
    const console = state.consoles.get(agentId);
    const present = console !== undefined && (console.tab !== undefined ||
      bench.at < Math.max(console.lostAt ?? 0, state.seatedSince) + limits.presenceGraceMs);
    const online = state.agents.get(agentId)?.status === "online";
    return present && online && state.ongoingOf(agentId).size < chatLimit;
  });
  assert.ok(state.waiting.size === 0 || fit.length === 0, "somebody waits while an agent is free");
}

const act = fc.record({
  does: fc.constantFrom("visit", "end", "online", "away", "lose", "connect", "pass", "restart"),
  who: fc.nat(7),
});

Deno.test("[RT1] [RT3] after any acts nobody waits while a fit agent is free, limits hold", () => {
  fc.assert(fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
    const agents = { ana: 1, ben: 2, cid: 3 };
    const bench = new SiteBench({ agents });
    const consoles = Object.keys(agents).map((agentId) => bench.agent(agentId));
    const chats: { page: SitePage; chatId: ChatId }[] = [];
    for (const { does, who } of acts) {
      const console = consoles[who % consoles.length];
      const chat = chats[who % Math.max(1, chats.length)];
      if (console === undefined) continue;
      if (does === "visit") {
        const page = bench.visitor();
        chats.push({ page, chatId: page.requestChat() });
      } else if (does === "end") {
        if (chat?.page.connection !== undefined) chat.page.endChat(chat.chatId);
      } else if (does === "connect") console.connect();
      else if (does === "pass") bench.advance(who * 10_000);
      else if (does === "restart") {
        bench.restart();
        for (const { page } of chats) page.connect();
        for (const one of consoles) one.connection = undefined;
      } else if (console.connection !== undefined) {
        if (does === "lose") console.lose();
        else console.setStatus(does);
      }
      assertNobodyWaits(bench);
      for (const [agentId, limit] of Object.entries(agents)) {
        assert.ok(bench.site.state.ongoingOf(agentIdSchema.parse(agentId)).size <= limit);
      }
    }
  }));
});
