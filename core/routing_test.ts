import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import type { SitePage } from "../tests/harness/site_page.ts";
import { estimatedWaitMs } from "./assignment.ts";
import { type AgentId, type ChatId, departmentIdSchema } from "./ids.ts";
import type { SiteConfig } from "./site_config.ts";

// The published examples. Each step comes a second after the one before:
//   ana     the agent comes online (again)      -ana    it goes away
//   ask     a new visitor asks for a chat       ask:b   it asks department b
//   end2    the second chat ends                again1  the visitor of the first chat asks again
//   no1     who is offered the first chat refuses it; yes1: accepts it
// `given` says who got each chat, in the order of asking; "-" waits.
interface Example {
  readonly rule: string;
  readonly mode: SiteConfig["routing"]["mode"];
  readonly agents: Readonly<Record<string, number>>;
  readonly steps: string;
  readonly given: string;
  readonly options?: BenchOptions;
}
const three = { ana: 3, ben: 3, cid: 3 };
const ones = { ana: 1, ben: 1, cid: 1 };
const twoDepartments: BenchOptions = {
  staff: {
    ana: { departmentIds: ["a"] },
    ben: { departmentIds: ["b"] },
    cid: { departmentIds: ["a", "b"] },
  },
  config: {
    departments: [
      { departmentId: "a", name: "A" },
      { departmentId: "b", name: "B", backupDepartmentId: "a" },
    ],
  },
};
const balanced = "load_balancing";
const inTurn = "round_robin";
const byShare = "capability_weighted";
const lastFirst = { config: { routing: { lastChattedFirst: true } } };
const offering = { config: { routing: { acceptWithinMs: 30_000 } } };

const examples: readonly Example[] = [
  // Load balancing: fewest ongoing, earliest last allocation, longest idle.
  ["the longest idle since coming online", balanced, three, "ben ana cid ask", "ben"],
  ["idle ones in turn", balanced, three, "ana ben cid ask ask ask", "ana ben cid"],
  ["the fewest ongoing", balanced, three, "ana ask ask ben ask ask", "ana ana ben ben"],
  ["the earliest last allocation", balanced, three, "ana ben ask ask ask ask", "ana ben ana ben"],
  [
    "the longest idle since its end",
    balanced,
    three,
    "ana ben ask ask end2 end1 ask",
    "ana ben ben",
  ],
  ["idle anew after away", balanced, three, "ana ben -ana ana ask", "ben"],
  ["never above the limit", balanced, ones, "ana ben ask ask ask", "ana ben -"],
  ["never away", balanced, three, "ana ben -ana ask ask", "ben ben"],
  ["a freed agent pulls at once", balanced, ones, "ana ask ask ask end1", "ana ana -"],
  // Round robin: in the order of coming online, whatever they have.
  ["the order of coming online", inTurn, three, "ben cid ana ask ask ask ask", "ben cid ana ben"],
  ["in turn, whoever is idle", inTurn, three, "ana ben cid ask ask end1 end2 ask", "ana ben cid"],
  [
    "a newcomer is last",
    inTurn,
    three,
    "ana ben ask ask ask cid ask ask ask",
    "ana ben ana ben cid ana",
  ],
  [
    "who was full gets no turns back",
    inTurn,
    { ana: 9, ben: 1, cid: 9 },
    "ana ben cid ask ask ask ask ask end2 ask ask ask",
    "ana ben cid ana cid ana ben cid",
  ],
  [
    "who was away gets no turns back",
    inTurn,
    { ana: 9, ben: 9, cid: 9 },
    "ana ben cid -ana ask ask ask ask ana ask ask ask ask",
    "ben cid ben cid ana ben cid ana",
  ],
  [
    "coming again is no second turn",
    inTurn,
    three,
    "ana ben ask ask -ben ben ask ask",
    "ana ben ana ben",
  ],
  [
    "one pointer for all departments",
    inTurn,
    { ana: 9, ben: 9, cid: 9 },
    "ana ben cid ask:a ask:b ask:a ask:b ask:a",
    "ana ben cid ben ana",
    twoDepartments,
  ],
  [
    "an accepted offer is one turn",
    inTurn,
    three,
    "ana ben ask yes1 ask yes2 ask yes3",
    "ana ben ana",
    offering,
  ],
  // Capability weighted: the lowest share of the limit, ties as load balancing.
  ["the lowest share", byShare, { ana: 2, ben: 4 }, "ana ben ask ask ask ask", "ana ben ben ana"],
  [
    "a tie to the fewest ongoing",
    byShare,
    { ana: 2, ben: 4 },
    "ana ask ben ask ask ask",
    "ana ben ben ana",
  ],
  ["a tie of idle ones to the longest idle", byShare, { ana: 2, ben: 4 }, "ben ana ask", "ben"],
  [
    "a tie to the earliest last allocation",
    byShare,
    { ana: 2, ben: 2 },
    "ana ben ask ask ask",
    "ana ben ana",
  ],
  // Departments and their backup.
  [
    "the department's own agents",
    balanced,
    three,
    "ana ben ask:b ask:b",
    "ben ben",
    twoDepartments,
  ],
  [
    "the backup while nobody is online",
    balanced,
    three,
    "ana ask:b ben ask:b",
    "ana ben",
    twoDepartments,
  ],
  [
    "no backup for agents at their limit",
    balanced,
    ones,
    "ana ben ask:b ask:b",
    "ben -",
    twoDepartments,
  ],
  ["no backup without one", balanced, three, "ben ask:a", "-", twoDepartments],
  [
    "the backup when the last one goes",
    balanced,
    ones,
    "ana ben ask:b ask:b -ben",
    "ben ana",
    twoDepartments,
  ],
  [
    "the longest-waiting over all queues",
    balanced,
    { ana: 1, ben: 1, cid: 1 },
    "cid ask ask:b ask:a end1 end2",
    "cid cid cid",
    twoDepartments,
  ],
  // The agent of the last chat.
  [
    "who had the last chat",
    balanced,
    three,
    "ana ben ask end1 ask again1",
    "ana ben ana",
    lastFirst,
  ],
  [
    "another when that one is full",
    balanced,
    ones,
    "ana ben ask end1 ask ask again1",
    "ana ben ana -",
    lastFirst,
  ],
  ["not who is away", balanced, three, "ana ben ask end1 -ana again1", "ana ben", lastFirst],
  // Refused chats.
  ["the next when refused", balanced, three, "ana ben ask no1 yes1", "ben", offering],
  ["nobody when all refused", balanced, three, "ana ben ask no1 no1", "-", offering],
  ["who comes when all refused", balanced, three, "ana ben ask no1 no1 cid yes1", "cid", offering],
  ["manual: nobody", "manual", three, "ana ben ask", "-"],
].map(([rule, mode, agents, steps, given, options]) =>
  // Each row stands in the order of the fields.
  ({ rule, mode, agents, steps, given, options }) as Example
);

for (const { rule, mode, agents, steps, given, options } of examples) {
  Deno.test(`[${ruleOf(mode)}] routing: ${rule}: ${steps} gives ${given}`, () => {
    const bench = new SiteBench({ ...options, mode, agents });
    const play = new Play(bench);
    for (const step of steps.split(" ")) {
      bench.advance(1_000);
      play.step(step);
    }
    assert.equal(play.given(), given);
  });
}

function ruleOf(mode: Example["mode"]): string {
  if (mode === "manual") return "RT3";
  return mode === inTurn ? "RT5" : mode === byShare ? "RT6" : "RT2";
}

Deno.test("[RT5] [RT6] [RT7] [RT8] [RT10] the published examples cover all modes", () => {
  assert.ok(examples.length >= 15);
  assert.equal(new Set(examples.map(({ mode }) => mode)).size, 4);
});

class Play {
  readonly #bench: SiteBench;
  readonly #consoles = new Map<string, SitePage>();
  readonly #chats: { visitor: SitePage; chatId: ChatId }[] = [];

  constructor(bench: SiteBench) {
    this.#bench = bench;
  }

  step(step: string): void {
    const [, verb = "", number] = /^([a-z]+)(\d+)$/.exec(step) ?? [];
    const chat = this.#chats[Number(number) - 1];
    if (step.startsWith("ask")) this.#ask(this.#bench.visitor(), step.split(":")[1]);
    else if (chat === undefined) this.#agent(step);
    else if (verb === "end") chat.visitor.endChat(chat.chatId);
    else if (verb === "again") this.#ask(chat.visitor, undefined);
    else this.#answer(chat.chatId, verb === "yes" ? "accept_chat" : "refuse_chat");
  }

  #ask(visitor: SitePage, department: string | undefined): void {
    const commandId = this.#bench.ids.command();
    const departmentId = department === undefined
      ? {}
      : { departmentId: departmentIdSchema.parse(department) };
    visitor.send({ type: "request_chat", commandId, ...departmentId });
    // The command's id names its chat.
    this.#chats.push({ visitor, chatId: commandId as string as ChatId });
  }

  #agent(step: string): void {
    const name = step.replace("-", "");
    const console = this.#consoles.get(name) ?? this.#bench.agent(name, "away");
    this.#consoles.set(name, console);
    console.setStatus(step.startsWith("-") ? "away" : "online");
  }

  #answer(chatId: ChatId, type: "accept_chat" | "refuse_chat"): void {
    const agentId = this.#bench.site.state.offers.get(chatId)?.agentId;
    assert.ok(agentId !== undefined, "the chat is offered to somebody");
    this.#consoles.get(agentId)?.send({ type, commandId: this.#bench.ids.command(), chatId });
  }

  given(): string {
    const agents = this.#chats.map(({ chatId }) => {
      const { agentIds } = this.#bench.chat(chatId);
      const last: AgentId | undefined = agentIds.at(-1);
      return last ?? "-";
    });
    return agents.join(" ");
  }
}

// position, limits in scope, mean duration in minutes: estimated wait in minutes.
const estimates: readonly (readonly [number, number, number | undefined, number | undefined])[] = [
  [1, 1, 5, 5],
  [2, 1, 5, 10],
  [3, 1, 5, 15],
  [1, 3, 5, 5],
  [3, 3, 5, 5],
  [4, 3, 5, 10],
  [6, 3, 5, 10],
  [7, 3, 5, 15],
  [10, 3, 8, 32],
  [1, 100, 12, 12],
  [101, 100, 12, 24],
  [1, 1, 0, 0],
  [1, 0, 5, undefined],
  [5, 0, 5, undefined],
  [1, 3, undefined, undefined],
  [1, 0, undefined, undefined],
];
for (const [position, capacity, mean, expected] of estimates) {
  const minutes = (value: number | undefined) => value === undefined ? undefined : value * 60_000;
  Deno.test(`[QU2] estimate: place ${position}, room for ${capacity}, mean ${mean}: ${expected}`, () => {
    assert.equal(estimatedWaitMs(position, capacity, minutes(mean)), minutes(expected));
  });
}
