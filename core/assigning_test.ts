import assert from "node:assert/strict";
import fc from "fast-check";
import { durableStateOf } from "../tests/harness/durable_state.ts";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import type { SitePage } from "../tests/harness/site_page.ts";
import { isPresent } from "./absence.ts";
import type { Chat } from "./chat.ts";
import { type AgentId, agentIdSchema, type ChatId, departmentIdSchema } from "./ids.ts";
import { SiteState } from "./site_state.ts";

const limitsOf: Readonly<Record<string, number>> = { ana: 1, ben: 2, cid: 1, dan: 3 };
const [sales, help] = ["sales", "help"].map((id) => departmentIdSchema.parse(id));
const staff: NonNullable<BenchOptions["staff"]> = {
  ana: { departmentIds: ["sales"], role: "supervisor" },
  ben: { departmentIds: ["sales", "help"] },
  cid: { departmentIds: ["help"] },
};
const departments = [
  { departmentId: "sales", name: "Sales", backupDepartmentId: "help" },
  { departmentId: "help", name: "Help" },
];

const act = fc.record({
  does: fc.constantFrom(
    "visit",
    "visit",
    "visit",
    "accept",
    "refuse",
    "end",
    "online",
    "online",
    "away",
    "log_out",
    "lose",
    "connect",
    "connect",
    "transfer",
    "hand_over",
    "join",
    "leave",
    "take_over",
    "leave_site",
    "pass",
    "stall",
  ),
  who: fc.nat(11),
  what: fc.nat(11),
});
const site = fc.record({
  mode: fc.constantFrom("load_balancing", "round_robin", "capability_weighted"),
  acceptWithinMs: fc.option(fc.constant(15_000), { nil: undefined }),
  lastChattedFirst: fc.boolean(),
  afterGrace: fc.constantFrom("keep", "requeue", "transfer", "end"),
  atLogout: fc.constantFrom("keep", "requeue", "transfer", "end"),
});
type Site = typeof site extends fc.Arbitrary<infer One> ? One : never;
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

function benchOf({ mode, acceptWithinMs, lastChattedFirst, afterGrace, atLogout }: Site) {
  return new SiteBench({
    mode,
    agents: limitsOf,
    staff,
    inactivity: { warnAfterMs: 600_000, endAfterMs: 300_000, agentSilentMs: 90_000 },
    config: {
      departments,
      routing: { lastChattedFirst, ...(acceptWithinMs === undefined ? {} : { acceptWithinMs }) },
      absence: { afterGrace, atLogout, departmentId: "help" },
    },
  });
}

class Crowd {
  readonly bench: SiteBench;
  readonly #consoles: SitePage[];
  readonly #visitors: SitePage[] = [];
  readonly #chats: ChatId[] = [];

  constructor(bench: SiteBench) {
    this.bench = bench;
    this.#consoles = Object.keys(limitsOf).map((agentId) => bench.agent(agentId));
  }

  perform({ does, who, what }: Act): void {
    const console = this.#consoles[who % this.#consoles.length];
    const visitor = this.#visitors[who % Math.max(1, this.#visitors.length)];
    const chatId = this.#chatFor(console, does, what);
    const commandId = this.bench.ids.command();
    if (does === "visit") return this.#visit(what);
    if (does === "pass") return this.bench.advance(who * 7_000);
    if (does === "stall") return void this.bench.handle({ type: "stalled" });
    if (does === "leave_site") {
      return visitor?.connection === undefined ? undefined : visitor.lose();
    }
    if (console === undefined) return;
    if (does === "connect") return void console.connect();
    if (console.connection === undefined) return;
    if (does === "lose") return console.lose();
    if (does === "online" || does === "away") return void console.setStatus(does);
    if (does === "log_out") return void console.send({ type: does, commandId });
    if (chatId === undefined) return;
    const types = {
      accept: { type: "accept_chat" },
      refuse: { type: "refuse_chat" },
      end: { type: "end_chat" },
      leave: { type: "leave_chat" },
      take_over: { type: "take_over_chat" },
      join: { type: "join_chat", mode: "joined" },
      transfer: { type: "transfer_chat", to: { type: "agent", agentId: this.#other(who) } },
      hand_over: {
        type: "transfer_chat",
        to: { type: "department", departmentId: departmentIdSchema.parse("help") },
      },
    } as const;
    console.send({ ...types[does], commandId, chatId });
  }

  /** Mostly one with which the act can succeed, sometimes any. */
  #chatFor(console: SitePage | undefined, does: Act["does"], what: number): ChatId | undefined {
    const { state } = this.bench.site;
    const agentId = console?.session.type === "agent" ? console.session.agentId : undefined;
    const any = this.#chats[what % Math.max(1, this.#chats.length)];
    if (agentId === undefined || what % 4 === 0) return any;
    const offers = [...state.consoles.get(agentId)?.offers ?? []];
    const waiting = [...state.waiting].flatMap(([, queue]) => [...queue]);
    const active = [...state.ongoing.values()].flatMap((chatIds) => [...chatIds]);
    const likely = does === "accept"
      ? what % 2 === 0 && offers.length > 0 ? offers : waiting
      : does === "refuse"
      ? offers
      : does === "join" || does === "take_over"
      ? active
      : [...state.ongoingOf(agentId)];
    return likely[what % Math.max(1, likely.length)] ?? any;
  }

  #other(who: number): AgentId {
    return agentIdSchema.parse(Object.keys(limitsOf)[(who + 1 + (who >> 2)) % 4]);
  }

  #visit(what: number): void {
    const departmentId = [undefined, sales, help][what % 3];
    const commandId = this.bench.ids.command();
    const again = this.#visitors[what];
    const visitor = again?.connection === undefined ? this.bench.visitor() : again;
    visitor.send({
      type: "request_chat",
      commandId,
      ...(departmentId === undefined ? {} : { departmentId }),
    });
    this.#visitors.push(visitor);
    this.#chats.push(commandId as string as ChatId); // the command's id names its chat
  }

  check(): void {
    const { state } = this.bench.site;
    const running = [...state.chats.values()].filter(({ state: { state: now } }) =>
      now !== "ended"
    );
    for (const [name, limit] of Object.entries(limitsOf)) {
      const agentId = agentIdSchema.parse(name);
      const has = running.filter((chat) => chat.agentId === agentId).map(({ chatId }) => chatId);
      assert.deepEqual([...state.ongoingOf(agentId)].sort(), has.sort(), "one agent has a chat");
      const offers = state.consoles.get(agentId)?.offers.size ?? 0;
      assert.ok(has.length + offers <= limit, `${name} is above its limit`);
      const attends = running.filter((chat) => chat.participants.has(agentId));
      assert.deepEqual([...state.attendingOf(agentId)].sort(), attends.map((c) => c.chatId).sort());
    }
    for (const chat of running) if (chat.state.state === "waiting") this.#checkWaiting(chat);
    for (const [chatId, { agentId }] of state.offers) {
      assert.equal(this.bench.chat(chatId).state.state, "waiting");
      assert.ok(this.#isOnline(agentId), "nothing is offered to who is not online");
    }
  }

  #isOnline(agentId: AgentId): boolean {
    const { state } = this.bench.site;
    const console = state.consoles.get(agentId);
    return console !== undefined && state.registersOf(agentId).status === "online" &&
      isPresent(state, console, this.bench.at);
  }

  /** Nobody waits while a fit agent is free that has not declined. Reckoned without the pools. */
  #checkWaiting(chat: Chat): void {
    const { state } = this.bench.site;
    if (state.offers.has(chat.chatId)) return;
    const online = [...state.agentConfigs.values()].filter((one) => this.#isOnline(one.agentId));
    const own = online.filter(({ departmentIds }) =>
      chat.departmentId === undefined || departmentIds.includes(chat.departmentId)
    );
    const fit = own.length === 0 && chat.departmentId === sales
      ? online.filter(({ departmentIds }) => help !== undefined && departmentIds.includes(help))
      : own;
    for (const { agentId, chatLimit } of fit) {
      const load = state.ongoingOf(agentId).size + (state.consoles.get(agentId)?.offers.size ?? 0);
      assert.ok(load >= chatLimit || chat.declined.has(agentId), `${agentId} is free for a chat`);
    }
  }
}

Deno.test(
  "[RT1] [RT3] [RT11] whatever people do: limits, one agent a chat, nobody waits needlessly",
  () => {
    fc.assert(
      fc.property(site, fc.array(act, { maxLength: 120, size: "max" }), (options, acts) => {
        const crowd = new Crowd(benchOf(options));
        for (const one of acts) {
          crowd.perform(one);
          crowd.check();
        }
        const { bench } = crowd;
        const replayed = new SiteState(bench.site.state.config);
        for (const fact of bench.facts) replayed.apply(structuredClone(fact));
        assert.deepEqual(durableStateOf(replayed), durableStateOf(bench.site.state));
        const restored = new SiteState(bench.site.state.config);
        for (const chat of bench.site.state.chats.values()) {
          const saved = bench.site.state.snapshot("chat", chat.chatId);
          if (saved !== undefined) restored.restore(structuredClone(saved));
        }
        for (const chat of restored.chats.values()) {
          assert.deepEqual(chat.snapshot(), bench.chat(chat.chatId).snapshot());
        }
        assert.deepEqual(
          [...restored.waiting].map(([key, queue]) => [key, [...queue]]).filter(([, all]) =>
            all?.length !== 0
          ).sort(),
          [...bench.site.state.waiting].map(([key, queue]) => [key, [...queue]]).filter(([, all]) =>
            all?.length !== 0
          ).sort(),
        );
      }),
      { numRuns: 300 },
    );
  },
);
