import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import type { ChatId } from "./ids.ts";

const acceptWithinMs = 30_000;
const config = { routing: { acceptWithinMs } };

function refuse(console: SitePage, chatId: ChatId, commandId = console.bench.ids.command()) {
  return console.send({ type: "refuse_chat", commandId, chatId });
}

const offeredTo = (bench: SiteBench, chatId: ChatId) =>
  bench.site.state.offers.get(chatId)?.agentId;

Deno.test("[RT9] a chat is offered, counts to the limit, and is the agent's when it accepts", () => {
  const bench = new SiteBench({ agents: { ana: 1 }, config });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const offer = onlyOf(ana.take(), "offer");
  assert.equal(offer.chat.chatId, chatId);
  assert.equal(offer.until, bench.at + acceptWithinMs);
  const second = bench.visitor().requestChat();
  assert.equal(offeredTo(bench, second), undefined);
  assert.equal(refusal(ana.accept(second)), "agent_at_limit");
  assert.equal(onlyOf(ana.accept(chatId), "done").chatId, chatId);
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[RT9] who does not answer in time has missed the chat, and the next is offered it", () => {
  const bench = new SiteBench({ config });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const chatId = bench.visitor().requestChat();
  assert.equal(offeredTo(bench, chatId), "ana");
  bench.advance(acceptWithinMs);
  assert.equal(offeredTo(bench, chatId), "ben");
  assert.equal(
    onlyOf(ana.take().filter(({ type }) => type !== "offer"), "offer_ended").chatId,
    chatId,
  );
  assert.equal(onlyOf(ben.take(), "offer").chat.chatId, chatId);
  bench.advance(acceptWithinMs);
  assert.equal(offeredTo(bench, chatId), undefined);
  assert.deepEqual([...bench.chat(chatId).declined], [["ana", "missed"], ["ben", "missed"]]);
  assert.equal(onlyOf(ana.accept(chatId), "done").type, "done", "it may change its mind");
  assert.deepEqual([...bench.chat(chatId).declined], [["ben", "missed"]]);
});

Deno.test("[RT9] an offer outlives its agent's connection and is shown again after welcome", () => {
  const bench = new SiteBench({ agents: { ana: 3 }, config });
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  ana.lose();
  ana.take();
  bench.advance(10_000);
  const types = ana.connect().map(({ type }) => type);
  assert.ok(types.indexOf("offer") > types.indexOf("welcome"));
  assert.equal(onlyOf(ana.accept(chatId), "done").chatId, chatId);
});

Deno.test("[RT9] nobody misses a chat over a stall of ours", () => {
  const bench = new SiteBench({ agents: { ana: 3 }, config });
  bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  bench.at += acceptWithinMs;
  bench.site.handle({ type: "stalled", at: bench.at });
  bench.advance(acceptWithinMs - 1);
  assert.equal(offeredTo(bench, chatId), "ana");
  bench.advance(1);
  assert.deepEqual([...bench.chat(chatId).declined], [["ana", "missed"]]);
});

const takenBack: readonly { how: string; make: (bench: SiteBench, ana: SitePage) => void }[] = [
  { how: "goes away", make: (_, ana) => void ana.setStatus("away") },
  {
    how: "logs out",
    make: (bench, ana) => void ana.send({ type: "log_out", commandId: bench.ids.command() }),
  },
  {
    how: "is disabled",
    make: (bench) => {
      const { config: now } = bench.site.state;
      const agents = now.agents.map((one) => ({ ...one, disabled: one.agentId === "ana" }));
      bench.handle({ type: "config_changed", config: { ...now, agents } });
    },
  },
];
for (const { how, make } of takenBack) {
  Deno.test(`[RT9] an offer goes to somebody else at once when its agent ${how}, not missed`, () => {
    const bench = new SiteBench({ config });
    const ana = bench.agent("ana");
    bench.agent("ben");
    const chatId = bench.visitor().requestChat();
    make(bench, ana);
    assert.equal(offeredTo(bench, chatId), "ben");
    assert.equal(bench.chat(chatId).declined.size, 0);
  });
}

Deno.test("[RT9] the end of an offered chat ends the offer, and its agent gets the next", () => {
  const bench = new SiteBench({ agents: { ana: 1 }, config });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const next = bench.visitor().requestChat();
  ana.take();
  visitor.endChat(chatId);
  const frames = ana.take();
  assert.equal(onlyOf(frames, "offer_ended").chatId, chatId);
  assert.equal(onlyOf(frames, "offer").chat.chatId, next);
  assert.equal(refusal(ana.accept(chatId)), "chat_ended chatId");
});

Deno.test("[RT4] accepting what was just taken, or is offered to another, is refused chat_taken", () => {
  const bench = new SiteBench({ mode: "manual" });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const chatId = bench.visitor().requestChat();
  ana.accept(chatId);
  assert.equal(refusal(ben.accept(chatId)), "chat_taken chatId");
  const offers = new SiteBench({ config });
  offers.agent("ana");
  const other = offers.agent("ben");
  assert.equal(refusal(other.accept(offers.visitor().requestChat())), "chat_taken chatId");
});

Deno.test("[RT10] a refused chat goes to the next and never again to who refused", () => {
  const bench = new SiteBench();
  bench.agent("ben", "away");
  const ana = bench.agent("ana", "away");
  const chatId = bench.visitor().requestChat();
  const commandId = bench.ids.command();
  assert.equal(onlyOf(refuse(ana, chatId, commandId), "done").commandId, commandId);
  const decided = bench.facts.length;
  assert.equal(onlyOf(refuse(ana, chatId, commandId), "done").commandId, commandId);
  assert.equal(bench.facts.length, decided, "its repeat changes nothing");
  ana.setStatus("online");
  assert.equal(bench.chat(chatId).agentId, undefined);
  bench.agent("ben");
  assert.equal(bench.chat(chatId).agentId, "ben");
});

Deno.test("[RT10] when everybody online has refused it waits, shown as refused by all", () => {
  for (const mode of ["manual", "load_balancing"] as const) {
    const bench = new SiteBench({
      mode,
      config: { queue: { waitMsMax: 120_000 }, ...(mode === "manual" ? {} : config) },
    });
    const consoles = [bench.agent("ana"), bench.agent("ben")];
    const chatId = bench.visitor().requestChat();
    const row = () => {
      bench.advance(1_000);
      const frames = consoles.flatMap((one) => one.takeOf("waiting"));
      return frames.flatMap(({ added }) => added).at(-1)?.refusedByAll;
    };
    if (consoles[0] !== undefined) refuse(consoles[0], chatId);
    assert.equal(row(), undefined);
    if (consoles[1] !== undefined) refuse(consoles[1], chatId);
    assert.equal(row(), true);
    assert.equal(bench.chat(chatId).state.state, "waiting");
    bench.advance(120_000);
    const { state } = bench.chat(chatId);
    assert.equal(state.state === "ended" ? state.reason : state.state, "wait_too_long");
  }
});

Deno.test("[RT10] chats that an agent refused are not looked at when it is free again", () => {
  const bench = new SiteBench({ agents: { ana: 2 } });
  const ana = bench.agent("ana", "away");
  const refused = Array.from({ length: 50 }, () => bench.visitor().requestChat());
  for (const chatId of refused) refuse(ana, chatId);
  ana.setStatus("online");
  const wanted = Array.from({ length: 5 }, () => bench.visitor().requestChat());
  for (const chatId of wanted) {
    assert.equal(bench.chat(chatId).agentId, "ana");
    ana.endChat(chatId);
  }
  assert.ok(refused.every((chatId) => bench.chat(chatId).agentId === undefined));
});

Deno.test("[RT10] refusing a chat that ended, that somebody has or that is another's is refused", () => {
  const bench = new SiteBench({
    mode: "manual",
    staff: { ana: { departmentIds: ["sales"] } },
    config: {
      departments: [{ departmentId: "sales", name: "Sales" }, {
        departmentId: "help",
        name: "Help",
      }],
      campaigns: [{ campaignId: "c1", name: "C", departmentId: "sales" }],
    },
  });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  assert.equal(refusal(refuse(ben, chatId)), "forbidden chatId");
  assert.equal(refusal(ben.accept(chatId)), "forbidden chatId");
  ana.setStatus("away");
  ana.take();
  assert.equal(refusal(ana.accept(chatId)), "agent_not_online");
  ana.setStatus("online");
  ana.take();
  ana.accept(chatId);
  assert.equal(refusal(refuse(ana, chatId)), "chat_not_waiting chatId");
  visitor.endChat(chatId);
  ana.take();
  assert.equal(refusal(refuse(ana, chatId)), "chat_ended chatId");
  assert.deepEqual(ofType(ana.take(), "refused"), []);
});

Deno.test("[RT10] who refuses a chat again is answered alike, and nothing more is logged", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  refuse(ana, chatId);
  const before = bench.jobs.length;
  assert.equal(onlyOf(refuse(ana, chatId), "done").chatId, chatId);
  assert.equal(bench.jobs.length, before);
});
