import assert from "node:assert/strict";
import fc from "fast-check";
import { benchConfig, type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, type SitePage } from "../tests/harness/site_page.ts";
import { allLists, ListWatcher } from "../tests/harness/list_watcher.ts";
import type { EngineFrame } from "./event.ts";
import { type ChatId, chatIdSchema, type DepartmentId, departmentIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { agentView, summaryFor, visitorView } from "./list_rows.ts";
import { waitingSnapshot } from "./subscribing.ts";
import { Turn } from "./turn.ts";

const byId = (rows: Iterable<unknown>) => [...rows].map((row) => JSON.stringify(row)).sort();

/** A watcher's lists are what its agent may see now. */
function assertLevel(bench: SiteBench, { console, lists, waiting }: ListWatcher): void {
  const { state } = bench.site;
  const agent = console.session.type === "agent"
    ? state.agentConfigs.get(console.session.agentId)
    : undefined;
  assert.ok(agent !== undefined);
  const turn = new Turn(state, bench.at);
  const visitors = [...state.trackedVisitors].map((id) => visitorView(state, id));
  assert.deepEqual(byId(lists.visitors.values()), byId(visitors), "visitors");
  assert.deepEqual([lists.listed, lists.total], [state.trackedVisitors.size, state.visitors.size]);
  const chats = [...state.chats.keys()].map((id) => summaryFor(state, agent, id));
  assert.deepEqual(byId(lists.chats.values()), byId(chats.filter(Boolean)), "chats");
  const agents = [...state.agentConfigs.keys()].map((id) => agentView(turn, id));
  assert.deepEqual(byId(lists.agents.values()), byId(agents), "agents");
  const { added, total } = waitingSnapshot(state, agent);
  assert.deepEqual(byId(waiting.snapshot().chats), byId(added), "waiting");
  assert.equal(waiting.snapshot().total, total);
}

const sales = departmentIdSchema.parse("sales");
const support = departmentIdSchema.parse("support");
const departments = [
  { departmentId: sales, name: "Sales" },
  { departmentId: support, name: "Support" },
];

function staffed(anasDepartments: DepartmentId[], role: "agent" | "supervisor"): BenchOptions {
  return {
    agents: { ana: 2, ben: 1, sue: 2 },
    staff: {
      ana: { role, departmentIds: anasDepartments },
      ben: { departmentIds: [sales] },
      sue: { role: "admin" },
    },
    config: { departments, trackedVisitorsMax: 2 },
  };
}

Deno.test("[SB1] whoever applies snapshot and changes ends with exactly the rows that it may see", () => {
  const act = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom(
      "come",
      "come",
      "come",
      "page",
      "ask",
      "ask",
      "end",
      "lose",
      "back",
      "status",
      "console",
      "role",
      "wait",
      "invite",
      "join",
      "transfer",
    ),
    arg: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (acts) => {
      const bench = new SiteBench(staffed([sales], "supervisor"));
      const watchers = ["ana", "ben", "sue"].map((name) => new ListWatcher(bench.agent(name)));
      const visitors: SitePage[] = [];
      for (const { who, what, arg } of acts) perform(bench, { watchers, visitors }, who, what, arg);
      for (const watcher of watchers) {
        if (watcher.console.connection === undefined) watcher.connect();
      }
      bench.advance(3 * limits.pushIntervalMs);
      for (const watcher of watchers) {
        watcher.catchUp();
        assertLevel(bench, watcher);
      }
    }),
    { numRuns: 150 },
  );
});

function perform(
  bench: SiteBench,
  { watchers, visitors }: { watchers: readonly ListWatcher[]; visitors: SitePage[] },
  who: number,
  what: string,
  arg: number,
): void {
  const watcher = watchers[who % watchers.length];
  const visitor = visitors[who % Math.max(1, visitors.length)];
  const chats = [...bench.site.state.chats.keys()];
  const chatId = chats[arg % Math.max(1, chats.length)];
  if (what === "come") visitors.push(bench.visitor());
  else if (what === "wait") bench.advance(arg * 15_000);
  else if (what === "back" && visitor?.connection === undefined) visitor?.connect();
  else if (what === "console" && watcher?.console.connection === undefined) watcher?.connect();
  else if (what === "console") watcher?.console.lose();
  else if (what === "role") {
    const role = arg % 2 === 0 ? "agent" : "supervisor";
    const mine = departments.map((one) => one.departmentId).filter((_, n) => arg & (1 << n));
    bench.handle({ type: "config_changed", config: benchConfig(staffed(mine, role)) });
  } else {
    if (visitor?.connection !== undefined) visitorActs(visitor, what, arg, chatId);
    if (watcher?.console.connection !== undefined) agentActs(watcher, what, arg, chatId, visitor);
  }
}

function visitorActs(visitor: SitePage, what: string, arg: number, chatId: ChatId | undefined) {
  const commandId = visitor.bench.ids.command();
  const departmentId = departments[arg % 3]?.departmentId;
  if (what === "lose") visitor.lose();
  if (what === "page") {
    visitor.send({ type: "view_page", url: `https://acme.com/${arg}`, title: "" });
  }
  if (what === "ask") {
    const to = departmentId === undefined ? {} : { departmentId };
    visitor.send({ type: "request_chat", commandId, ...to });
  }
  if (what === "end" && chatId !== undefined) visitor.endChat(chatId);
}

function agentActs(
  watcher: ListWatcher,
  what: string,
  arg: number,
  chatId: ChatId | undefined,
  visitor: SitePage | undefined,
) {
  const commandId = watcher.console.bench.ids.command();
  const departmentId = departments[arg % 3]?.departmentId;
  const send = (frame: EngineFrame) =>
    watcher.console.send(frame).forEach((one) => watcher.take(one));
  if (what === "status") {
    send({ type: "set_status", commandId, status: arg % 2 === 0 ? "online" : "away" });
  }
  if (what === "invite" && visitor?.session.type === "visitor") {
    send({ type: "invite_visitor", commandId, visitorId: visitor.session.visitorId, text: "?" });
  }
  if (chatId === undefined) return;
  if (what === "join") {
    send({ type: "join_chat", commandId, chatId, mode: arg % 2 === 0 ? "joined" : "monitoring" });
  }
  if (what === "transfer" && departmentId !== undefined) {
    send({ type: "transfer_chat", commandId, chatId, to: { type: "department", departmentId } });
  }
}

Deno.test("[SB3] a long list is shown in pages that the console asks for, while changes go on", () => {
  const bench = new SiteBench({ config: { trackedVisitorsMax: 10_000 } });
  const visitors = Array.from({ length: 3 * limits.listRowsPerPush - 5 }, () => bench.visitor());
  const ana = bench.agent("ana");
  bench.advance(10_000);
  ana.take();
  // ben's lists, emptied, are filled with what ana is shown.
  const { lists } = new ListWatcher(bench.agent("ben"));
  lists.reset(undefined);
  const sizes: number[] = [];
  let frames = ana.send({ type: "subscribe", lists: ["visitors"] });
  for (let more = true; more;) {
    // The page is the last of them; before it may come changes.
    const page = ofType(frames, "visitors").at(-1);
    assert.ok(page !== undefined);
    sizes.push(page.changed.length);
    for (const frame of ofType(frames, "visitors")) lists.take(frame);
    more = page.more === true;
    // Meanwhile one goes, one changes, one comes.
    visitors.pop()?.lose();
    visitors[sizes.length]?.send({ type: "view_page", url: "https://acme.com/", title: "" });
    if (sizes.length === 2) bench.visitor();
    if (more) frames = ana.send({ type: "get_rows", list: "visitors" });
  }
  assert.ok(sizes.every((size) => size <= limits.listRowsPerPush) && sizes.length >= 3);
  bench.advance(limits.presenceGraceMs + 5_000);
  for (const frame of ofType(ana.take(), "visitors")) lists.take(frame);
  const { state } = bench.site;
  const views = [...state.trackedVisitors].map((id) => visitorView(state, id));
  assert.deepEqual(byId(lists.visitors.values()), byId(views));
  const [page] = ofType(ana.send({ type: "get_rows", list: "visitors" }), "visitors");
  assert.deepEqual(
    [page?.changed, page?.more],
    [[], undefined],
    "a list that was shown is at its end",
  );
});

Deno.test("[SB2] changes of a list are told at most once a second, and nothing when nothing changed", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  ana.send({ type: "subscribe", lists: ["visitors"] });
  const vik = bench.visitor();
  bench.advance(5_000);
  ana.take();
  for (let n = 0; n < 30; n++) {
    vik.send({ type: "view_page", url: `https://acme.com/${n}`, title: "" });
    bench.advance(100);
  }
  const pushes = ofType(ana.take(), "visitors");
  assert.ok(pushes.length <= 4 && pushes.length >= 3, `${pushes.length} pushes in three seconds`);
  bench.advance(60_000);
  assert.deepEqual(ana.take(), []);
});

Deno.test("[SB4] one frame goes to all agents of an audience, however many they are", () => {
  const agents = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a${n}`, 3]));
  const bench = new SiteBench({ agents });
  for (const name of Object.keys(agents)) {
    bench.agent(name).send({ type: "subscribe", lists: ["visitors", "waiting"] });
  }
  const vik = bench.visitor();
  bench.advance(5_000);
  let sends = 0;
  bench.decided = (outcome) => {
    sends +=
      outcome.sends.filter((one) => one.type === "frame" && one.frame.type === "visitors").length;
  };
  vik.send({ type: "view_page", url: "https://acme.com/", title: "" });
  bench.advance(1_000);
  assert.equal(sends, 1);
});

Deno.test("[SB5] a role that is taken away takes its rows with it, at once", () => {
  const options = (role: "agent" | "supervisor"): BenchOptions => ({
    agents: { ana: 1, ben: 3 },
    staff: { ana: { role } },
  });
  const bench = new SiteBench(options("supervisor"));
  const [ana] = [bench.agent("ana", "away"), bench.agent("ben")];
  bench.visitor().requestChat();
  const [shown] = ofType(ana.send({ type: "subscribe", lists: ["chats"] }), "chats");
  assert.equal(shown?.changed.length, 1);
  bench.handle({ type: "config_changed", config: benchConfig(options("agent")) });
  const [anew] = ofType(ana.take(), "chats");
  assert.deepEqual([anew?.snapshot, anew?.changed], [true, []]);
});

Deno.test("[SB6] a console that comes again is told of no list but the queue before it asks", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  ana.send({ type: "subscribe", lists: [...allLists] });
  ana.lose();
  ana.connect();
  bench.visitor().requestChat();
  bench.advance(5_000);
  const types = new Set(ana.take().map((frame) => frame.type));
  assert.ok(!types.has("visitors") && !types.has("agents") && !types.has("chats"));
});

Deno.test("[SB7] nobody hears of a chat's end who could not see it", () => {
  const bench = new SiteBench({
    agents: { ana: 3, ben: 3, sue: 3 },
    staff: {
      ana: { departmentIds: [sales] },
      ben: { role: "supervisor", departmentIds: [support] },
      sue: { role: "supervisor", departmentIds: [sales] },
    },
    config: { departments },
  });
  const [ana, ben, sue] = ["ana", "ben", "sue"].map((name) =>
    bench.agent(name, name === "ana" ? "online" : "away")
  );
  assert.ok(ana && ben && sue);
  for (const console of [ana, ben, sue]) console.send({ type: "subscribe", lists: ["chats"] });
  const vik = bench.visitor();
  const commandId = bench.ids.command();
  vik.send({ type: "request_chat", commandId, departmentId: sales });
  bench.advance(limits.pushIntervalMs);
  vik.endChat(chatIdSchema.parse(commandId));
  bench.advance(limits.pushIntervalMs);
  const told = [ana, ben, sue].map((console) => console.takeOf("chats").length);
  assert.deepEqual(told, [0, 0, 2]);
});
