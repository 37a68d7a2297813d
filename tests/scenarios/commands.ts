import { assert } from "../../core/assert.ts";
import { agentIdSchema, chatIdSchema } from "../../core/ids.ts";
import { benchConfig, type BenchOptions } from "../harness/site_bench.ts";
import { SitePage } from "../harness/site_page.ts";
import { tookCare, withCare } from "./care_acts.ts";
import type { Person } from "./person.ts";
import { routingActs, routingOptionsOf } from "./routing_commands.ts";
import { staffActs, visitorActs } from "./visitor_acts.ts";
import { visitorOptions } from "./visitor_site.ts";
import { World } from "./world.ts";

type Act = (world: World, person: Person, argument: string) => void;

/** What people do: the words of a scenario. */
const acts: Readonly<Record<string, Act>> = {
  ...visitorActs,
  ...staffActs,
  resumes: (_, person) => person.connect(),
  offline: (_, person) => person.page.lose(),
  asks: (world, person) => {
    const commandId = world.bench.ids.command();
    person.chatId = chatIdSchema.parse(commandId);
    person.send("asks", { type: "request_chat", commandId });
  },
  says: (world, person, text) => {
    const messageId = world.bench.ids.message();
    person.send("says", { type: "post_message", chatId: chatOf(person), messageId, text });
  },
  notes: (world, person, text) => {
    const messageId = world.bench.ids.message();
    person.send("notes", { type: "post_note", chatId: chatOf(person), messageId, text });
  },
  types: (_, person) => person.send("types", { type: "typing", chatId: chatOf(person), on: true }),
  reads: (world, person) => {
    const commandId = world.bench.ids.command();
    const order = person.lastOrder();
    person.send("reads", { type: "mark_read", commandId, chatId: chatOf(person), order });
  },
  ends: (world, person) => {
    const commandId = world.bench.ids.command();
    person.send("ends", { type: "end_chat", commandId, chatId: chatOf(person) });
  },
  accepts: (world, person, visitor) => {
    const commandId = world.bench.ids.command();
    const chatId = visitor === ""
      ? [...world.bench.site.state.waiting.of(undefined)][0]
      : world.chatOf(visitor);
    assert(chatId !== undefined, `There is a chat that ${person.name} can accept`);
    person.chatId = chatId;
    person.send("accepts", { type: "accept_chat", commandId, chatId });
  },
  sets: (world, person, argument) => {
    const status = argument === "online" || argument === "away" ? argument : "offline";
    const commandId = world.bench.ids.command();
    person.send(`sets ${status}`, { type: "set_status", commandId, status });
  },
  ...routingActs,
  beats: (_, person) => person.heartbeat(),
  repeats: (_, person) => person.repeat(),
};

function chatOf(person: Person) {
  assert(person.chatId !== undefined, `${person.name} has a chat`);
  return person.chatId;
}

/** Does the commands of a scenario in a new world and returns what was observed. */
export async function runScenario(commands: readonly string[]): Promise<string[]> {
  const [first, ...others] = commands;
  const world = new World(withCare(first ?? "", siteOf(first ?? "")));
  for (const { agentId } of world.bench.site.state.config.agents) {
    const session = { type: "agent", agentId: agentIdSchema.parse(agentId) } as const;
    const agent = world.join(agentId, new SitePage(world.bench, session));
    agent.connect();
    acts["sets"]?.(world, agent, "online");
  }
  await world.settle();
  world.bench.advance(1_000);
  world.forget();
  for (const command of others) {
    await perform(world, command);
    await world.settle();
  }
  return world.report();
}

async function perform(world: World, command: string): Promise<void> {
  if (command === "node restarts") return await world.restart();
  if (command.startsWith("site ")) {
    world.bench.handle({ type: "config_changed", config: benchConfig(siteOf(command)) });
    return;
  }
  if (command.startsWith("configuration ")) return changeBans(world, command);
  if (tookCare(world, command)) return;
  const [, amount, unit] = /^advance (\d+)(ms|s|m|h)$/.exec(command) ?? [];
  if (amount !== undefined && unit !== undefined) return await advance(world, amount, unit);
  const match = /^(visitor )?([a-z0-9/]+) ([a-z]+)(?: "(.*)"| ([a-z@]+))?$/.exec(command);
  const [, isVisitor, name = "", verb = "", text, word] = match ?? [];
  const act = isVisitor === undefined ? acts[verb] : visitorActs[verb] ?? acts[verb];
  if (act === undefined) throw new Error(`Cannot read the command: ${command}`);
  const person = personOf(world, name, isVisitor !== undefined);
  if (isVisitor !== undefined && Object.hasOwn(visitorActs, verb)) {
    if (verb !== "visits" && person.page.connection === undefined) person.connect();
    await world.settle();
  } else if (isVisitor !== undefined && !name.includes("/")) await arrive(world, person, verb);
  act(world, person, text ?? word ?? "");
}

/** What the consumer of agent.ban, or an administrator, writes into the configuration. */
function changeBans({ bench }: World, command: string): void {
  const { config, bans } = bench.site.state;
  const all = command === "configuration takes the bans over" ? [...bans.all()] : [];
  assert(
    all.length > 0 || command === "configuration has no bans",
    `The command is known and there are bans: ${command}`,
  );
  bench.handle({ type: "config_changed", config: { ...config, bans: all } });
}

/** A visitor that was never here comes, and asks for a chat before it says something. */
async function arrive(world: World, person: Person, verb: string): Promise<void> {
  if (person.chatId !== undefined || verb === "resumes") return;
  if (person.page.connection === undefined) person.connect();
  await world.settle();
  if (verb === "asks" || person.chatId !== undefined) return;
  acts["asks"]?.(world, person, "");
  await world.settle();
}

function personOf(world: World, name: string, isVisitor: boolean): Person {
  const known = world.people.get(name);
  if (known !== undefined) return known;
  const [session] = name.split("/");
  const first = world.people.get(session ?? "");
  if (name.includes("/") && first !== undefined) {
    return world.join(name, new SitePage(world.bench, first.page.session));
  }
  if (!isVisitor) throw new Error(`There is no agent ${name}; write "visitor ${name}"?`);
  return world.visitor(name);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Lets time pass; people react on the way. */
async function advance(world: World, amount: string, unit: string): Promise<void> {
  const until = world.bench.at + Number(amount) * (unitMs[unit] ?? 0);
  while (world.bench.at < until) {
    const { wakeAt } = world.bench.site;
    const next = Math.min(until, Math.max(wakeAt ?? until, world.bench.at + 1));
    world.bench.advance(next - world.bench.at);
    await world.settle();
  }
}

/** `site acme agents=ana(limit 2),ben routing=load_balancing warn=10m end=5m` */
function siteOf(line: string): BenchOptions {
  const [, siteId, agentList] = /^site ([a-z0-9-]+) agents=((?:[a-z]+(?:\(limit \d+\))?,?)+)/
    .exec(line) ?? [];
  if (siteId === undefined || agentList === undefined) {
    throw new Error(`A scenario begins with "site <name> agents=…", not with: ${line}`);
  }
  const agents: Record<string, number> = {};
  for (const [, agentId, limit] of agentList.matchAll(/([a-z]+)(?:\(limit (\d+)\))?/g)) {
    if (agentId !== undefined) agents[agentId] = Number(limit ?? 3);
  }
  const minutes = (word: string) => Number(new RegExp(`${word}=(\\d+)m`).exec(line)?.[1] ?? 0);
  const [warn, end] = [minutes("warn"), minutes("end")];
  const visitors = visitorOptions(line);
  const routing = routingOptionsOf(line, Object.keys(agents));
  return {
    siteId,
    agents,
    ...routing,
    staff: { ...visitors.staff, ...routing.staff },
    config: { ...visitors.config, ...routing.config },
    ...(warn === 0 ? {} : { inactivity: { warnAfterMs: warn * 60_000, endAfterMs: end * 60_000 } }),
  };
}
