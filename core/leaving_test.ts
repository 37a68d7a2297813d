import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, refusal, type SitePage, welcomedChats } from "../tests/harness/site_page.ts";
import { agentIdSchema, type ChatId, visitorIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { SiteConfig } from "./site_config.ts";

type Policy = SiteConfig["absence"]["afterGrace"];
type Going = "logs out" | "is disabled" | "is removed" | "is lost" | "is lost over a restart";

const departments = [{ departmentId: "sales", name: "Sales" }, { departmentId: "help", name: "H" }];

function optionsOf(afterGrace: Policy, atLogout: Policy): BenchOptions {
  return {
    agents: { ana: 100, ben: 100, sue: 3 },
    staff: { ben: { departmentIds: ["help"] }, sue: { role: "supervisor" } },
    config: { departments, absence: { afterGrace, atLogout, departmentId: "help" } },
  };
}

function change(bench: SiteBench, agentId: string, to: Partial<AgentConfig> | undefined): void {
  const { config } = bench.site.state;
  const agents = config.agents.flatMap((agent) =>
    agent.agentId !== agentId ? [agent] : to === undefined ? [] : [{ ...agent, ...to }]
  );
  bench.handle({ type: "config_changed", config: { ...config, agents } });
  bench.advance(0);
}

function go(bench: SiteBench, ana: SitePage, how: Going): void {
  if (how === "logs out") ana.send({ type: "log_out", commandId: bench.ids.command() });
  else if (how === "is disabled") change(bench, "ana", { disabled: true });
  else if (how === "is removed") change(bench, "ana", undefined);
  else if (how === "is lost") ana.lose();
  else bench.restart();
  bench.advance(0);
}

const outcomes = ["kept", "requeued", "help", "ended"] as const;

/** Where ana's chat is now. */
function fateOf(bench: SiteBench, chatId: ChatId): typeof outcomes[number] {
  const chat = bench.chat(chatId);
  if (chat.state.state === "ended") return "ended";
  if (chat.departmentId !== undefined) return "help";
  return chat.state.state === "active" && chat.agentId === "ana" ? "kept" : "requeued";
}

// How it goes | afterGrace | atLogout | at once | when the grace is over.
const table = `
logs out               | keep     | keep     | kept     | kept
logs out               | requeue  | keep     | kept     | requeued
logs out               | keep     | requeue  | requeued | requeued
logs out               | keep     | transfer | help     | help
logs out               | keep     | end      | ended    | ended
logs out               | end      | keep     | kept     | ended
is disabled            | keep     | keep     | kept     | requeued
is disabled            | transfer | keep     | kept     | help
is disabled            | keep     | requeue  | requeued | requeued
is disabled            | keep     | end      | ended    | ended
is removed             | keep     | keep     | kept     | requeued
is removed             | keep     | transfer | help     | help
is lost                | keep     | end      | kept     | kept
is lost                | requeue  | keep     | kept     | requeued
is lost                | transfer | keep     | kept     | help
is lost                | end      | requeue  | kept     | ended
is lost over a restart | keep     | end      | kept     | kept
is lost over a restart | requeue  | keep     | kept     | requeued
is lost over a restart | end      | keep     | kept     | ended
`.trim().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));

for (const [how, afterGrace, atLogout, atOnce, later] of table) {
  const name = `[LO1] [LO2] an agent ${how}: ${atLogout} at log-out, ${afterGrace} after the grace`;
  Deno.test(`${name}: ${atOnce}, then ${later}`, () => {
    // The cells are those of the table above.
    const bench = new SiteBench(optionsOf(afterGrace as Policy, atLogout as Policy));
    const ana = bench.agent("ana");
    const visitor = bench.visitor();
    const chatId = visitor.requestChat();
    go(bench, ana, how as Going); // as said above
    if (visitor.connection === undefined) visitor.connect();
    assert.equal(fateOf(bench, chatId), atOnce);
    bench.advance(limits.presenceGraceMs);
    assert.equal(fateOf(bench, chatId), later);
  });
}

Deno.test("[LO2] the chats of a gone agent go a bounded number at once, and all of them", () => {
  for (const policy of ["requeue", "end", "transfer"] as const) {
    const bench = new SiteBench(optionsOf(policy, policy));
    const ana = bench.agent("ana");
    const chats = Array.from({ length: 90 }, () => bench.visitor().requestChat());
    let most = 0;
    bench.decided = ({ facts }) => most = Math.max(most, facts.length);
    go(bench, ana, "logs out");
    bench.advance(0);
    assert.ok(chats.every((chatId) => fateOf(bench, chatId) !== "kept"));
    assert.ok(most <= limits.factsPerEvent + 4, `${most} facts in one event`);
  }
});

Deno.test("[LO2] chats that an absent agent joined are left, also by one that never had a status", () => {
  const bench = new SiteBench(optionsOf("keep", "keep"));
  const ana = bench.agent("ana");
  const sue = bench.agent("sue", "offline");
  const chats = Array.from({ length: 40 }, () => bench.visitor().requestChat());
  for (const chatId of chats) {
    sue.send({ type: "join_chat", commandId: bench.ids.command(), chatId, mode: "joined" });
  }
  bench.restart();
  ana.connect();
  let most = 0;
  bench.decided = ({ facts }) => most = Math.max(most, facts.length);
  bench.advance(limits.presenceGraceMs);
  assert.ok(chats.every((chatId) => bench.chat(chatId).participants.size === 0));
  assert.ok(most <= limits.factsPerEvent + 4);
});

Deno.test("[LO2] who joined goes on with the chat of an agent that is gone", () => {
  const bench = new SiteBench(optionsOf("end", "end"));
  const ana = bench.agent("ana");
  const sue = bench.agent("sue", "away");
  const chatId = bench.visitor().requestChat();
  sue.send({ type: "join_chat", commandId: bench.ids.command(), chatId, mode: "joined" });
  go(bench, ana, "logs out");
  assert.equal(bench.chat(chatId).agentId, "sue");
  assert.equal(ana.closedWith, "logged_out");
});

Deno.test("[LO1] who logs out is offline; the repeat of its log-out puts nobody's chats out", () => {
  const bench = new SiteBench(optionsOf("keep", "end"));
  const ana = bench.agent("ana");
  const commandId = bench.ids.command();
  ana.send({ type: "log_out", commandId });
  assert.equal(bench.site.state.registersOf(agentIdSchema.parse("ana")).status, "offline");
  ana.connect();
  ana.setStatus("online");
  const chatId = bench.visitor().requestChat();
  ana.take();
  assert.equal(onlyOf(ana.send({ type: "log_out", commandId }), "done").commandId, commandId);
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[LO3] a supervisor that becomes an agent leaves chats it joined, and keeps its own", () => {
  const bench = new SiteBench(optionsOf("keep", "end"));
  bench.agent("ana");
  const chats = [bench.visitor().requestChat(), bench.visitor().requestChat()];
  const sue = bench.agent("sue");
  const own = bench.visitor().requestChat();
  assert.equal(bench.chat(own).agentId, "sue");
  for (const [place, chatId] of chats.entries()) {
    const mode = place === 0 ? "joined" : "monitoring";
    sue.send({ type: "join_chat", commandId: bench.ids.command(), chatId, mode });
  }
  change(bench, "sue", { role: "agent" });
  assert.equal(bench.site.state.attendingOf(agentIdSchema.parse("sue")).size, 0);
  assert.deepEqual(welcomedChats(sue.connect()).map(({ chatId }) => chatId), [own]);
});

Deno.test("[LO3] a disabled agent is put out and cannot come back", () => {
  const bench = new SiteBench(optionsOf("keep", "keep"));
  const ana = bench.agent("ana");
  change(bench, "ana", { disabled: true });
  assert.equal(ana.closedWith, "logged_out");
  ana.connect();
  assert.equal(ana.closedWith, "bad_token");
});

Deno.test("[SC4] a raised tokenVersion ends the session at once: offline, closed, chats as at a log-out", () => {
  const bench = new SiteBench(optionsOf("keep", "requeue"));
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben", "away")];
  const chatId = bench.visitor().requestChat();
  assert.equal(bench.chat(chatId).agentId, "ana");
  const session = { type: "agent", agentId: agentIdSchema.parse("ana"), tokenVersion: 1 } as const;
  change(bench, "ana", { tokenVersion: 2 });
  assert.deepEqual([ana.closedWith, ben.closedWith], ["logged_out", undefined]);
  assert.equal(fateOf(bench, chatId), "requeued");
  assert.equal(bench.chat(chatId).state.state, "waiting", "nobody is there to have it");
  const log = bench.jobsOf("agentStatus.log").at(-1);
  assert.deepEqual([log?.payload["agentId"], log?.payload["status"]], ["ana", "offline"]);
  ana.session = session;
  ana.connect();
  assert.equal(ana.closedWith, "bad_token");
  ana.session = { ...session, tokenVersion: 2 };
  onlyOf(ana.connect(), "welcome");
  ana.setStatus("online");
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[SC4] a session ahead of the configuration goes on when that comes, else it ends", () => {
  for (const [tokenVersion, closed] of [[2, undefined], [1, "logged_out"]] as const) {
    const bench = new SiteBench(optionsOf("keep", "end"));
    const ana = bench.agent("ana");
    ana.lose();
    ana.session = { type: "agent", agentId: agentIdSchema.parse("ana"), tokenVersion: 2 };
    onlyOf(ana.connect(), "welcome");
    change(bench, "ana", { tokenVersion });
    assert.equal(ana.closedWith, closed);
    const chatId = bench.visitor().requestChat();
    assert.equal(bench.chat(chatId).agentId, closed === undefined ? "ana" : undefined);
  }
});

Deno.test("[SC4] whose session ended within the grace of a lost connection is given nothing", () => {
  const bench = new SiteBench(optionsOf("keep", "keep"));
  const ana = bench.agent("ana");
  ana.lose();
  change(bench, "ana", { tokenVersion: 2 });
  const chatId = bench.visitor().requestChat();
  assert.equal(bench.chat(chatId).state.state, "waiting");
  assert.equal(bench.site.state.registersOf(agentIdSchema.parse("ana")).status, "offline");
});

Deno.test("[SC4] disabled, removed: offline with one row of its status log, also when that was while the node was down", () => {
  for (const to of [{ disabled: true }, undefined]) {
    for (const isDown of [false, true]) {
      const bench = new SiteBench(optionsOf("keep", "keep"));
      const ana = bench.agent("ana");
      const before = bench.jobsOf("agentStatus.log").length;
      if (!isDown) change(bench, "ana", to);
      else {
        const { config } = bench.site.state;
        const others = config.agents.filter(({ agentId }) => agentId !== "ana");
        const own = config.agents.filter(({ agentId }) => agentId === "ana");
        const agents = [
          ...others,
          ...own.flatMap((one) => to === undefined ? [] : [{ ...one, ...to }]),
        ];
        bench.site.state.configure({ ...config, agents });
        bench.restart();
        bench.advance(limits.presenceGraceMs);
      }
      ana.connect();
      assert.equal(ana.closedWith, "bad_token");
      assert.equal(bench.site.state.registersOf(agentIdSchema.parse("ana")).status, "offline");
      const rows = bench.jobsOf("agentStatus.log").slice(before);
      assert.deepEqual(rows.map(({ payload }) => payload["status"]), ["offline"]);
    }
  }
});

Deno.test("[SC5] another role or department holds at once for lists, for what is allowed and offered", () => {
  const bench = new SiteBench({
    agents: { ana: 1, sue: 3 },
    staff: { sue: { role: "supervisor", departmentIds: ["help" as never] } }, // configured below
    config: { departments, routing: { acceptWithinMs: 20_000 } },
  });
  const sue = bench.agent("sue");
  sue.send({ type: "subscribe", lists: ["visitors", "chats"] });
  const commandId = bench.ids.command();
  const departmentId = "help" as never; // configured above
  bench.visitor().send({ type: "request_chat", commandId, departmentId });
  const chatId = commandId as string as ChatId; // names its chat
  assert.equal(bench.site.state.offers.get(chatId)?.agentId, "sue");
  sue.take();
  change(bench, "sue", { departmentIds: [], role: "agent" });
  const told = sue.take();
  assert.equal(bench.site.state.offers.get(chatId), undefined);
  assert.equal(onlyOf(told, "offer_ended").chatId, chatId);
  assert.deepEqual(told.flatMap((one) => one.type === "chats" ? [one.snapshot] : []), [true]);
  const [target, ban] = [bench.visitor(), bench.ids.command()];
  const { session } = target;
  const visitorId = visitorIdSchema.parse(session.type === "visitor" ? session.visitorId : "");
  sue.send({ type: "ban", commandId: ban, target: { type: "visitor", visitorId } });
  const lift = { type: "lift_ban", commandId: bench.ids.command(), banId: ban } as const;
  assert.equal(refusal(sue.send(lift)), "forbidden");
  change(bench, "sue", { role: "supervisor" });
  onlyOf(sue.send(lift), "done");
});

Deno.test("[RT12] chats that wait in a department that is removed wait for anybody", () => {
  const bench = new SiteBench(optionsOf("keep", "keep"));
  bench.agent("ana");
  const visitor = bench.visitor();
  const commandId = bench.ids.command();
  visitor.send({ type: "request_chat", commandId, departmentId: "help" as never }); // configured
  const chatId = commandId as string as ChatId; // names its chat
  assert.equal(bench.chat(chatId).agentId, undefined);
  const { config } = bench.site.state;
  const agents = config.agents.map((agent) => ({ ...agent, departmentIds: [] }));
  const absence = { afterGrace: "keep", atLogout: "keep" } as const;
  bench.handle({ type: "config_changed", config: { ...config, agents, departments: [], absence } });
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[AG1] a reason to be away is one of the site's; its repeat needs none any more", () => {
  const bench = new SiteBench({ config: { awayReasons: ["lunch"] } });
  const ana = bench.agent("ana");
  const set = (reason: string, status: "away" | "online", commandId = bench.ids.command()) =>
    ana.send({ type: "set_status", commandId, status, reason });
  assert.equal(refusal(set("golf", "away")), "bad_answer reason");
  assert.equal(refusal(set("lunch", "online")), "bad_answer reason");
  const commandId = bench.ids.command();
  assert.equal(onlyOf(set("lunch", "away", commandId), "status").reason, "lunch");
  bench.handle({ type: "config_changed", config: { ...bench.site.state.config, awayReasons: [] } });
  assert.equal(onlyOf(set("lunch", "away", commandId), "status").reason, "lunch");
});

Deno.test("[AG1] after a restart the order of coming online is that of before", () => {
  const bench = new SiteBench({ mode: "round_robin" });
  const consoles = ["ben", "ana"].map((agentId) => {
    bench.advance(1_000);
    return bench.agent(agentId);
  });
  bench.restart();
  consoles.reverse().forEach((page) => page.connect());
  const given = [1, 2, 3].map(() => bench.chat(bench.visitor().requestChat()).agentId);
  assert.deepEqual(given, ["ben", "ana", "ben"]);
});
