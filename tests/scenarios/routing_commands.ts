import { assert } from "../../core/assert.ts";
import { agentIdSchema, type ChatId, departmentIdSchema } from "../../core/ids.ts";
import type { BenchOptions } from "../harness/site_bench.ts";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

type Act = (world: World, person: Person, argument: string) => void;

/** What agents do with chats besides writing in them, and visitors that choose a department. */
export const routingActs: Readonly<Record<string, Act>> = {
  refuses: (world, person, visitor) => {
    const commandId = world.bench.ids.command();
    const chatId = chatOf(world, visitor);
    person.send("refuses", { type: "refuse_chat", commandId, chatId });
  },
  transfers: (world, person, target) => {
    const commandId = world.bench.ids.command();
    const chatId = person.chatId;
    assert(chatId !== undefined, `${person.name} has a chat`);
    const to = target.startsWith("@")
      ? { type: "department", departmentId: departmentIdSchema.parse(target.slice(1)) } as const
      : { type: "agent", agentId: agentIdSchema.parse(target) } as const;
    person.send(`transfers to ${target}`, { type: "transfer_chat", commandId, chatId, to });
  },
  joins: (world, person, visitor) => enter(world, person, { visitor, mode: "joined" }),
  monitors: (world, person, visitor) => enter(world, person, { visitor, mode: "monitoring" }),
  leaves: (world, person) => {
    const commandId = world.bench.ids.command();
    const chatId = person.chatId;
    assert(chatId !== undefined, `${person.name} is in a chat`);
    person.send("leaves", { type: "leave_chat", commandId, chatId });
  },
  takes: (world, person, visitor) => {
    const commandId = world.bench.ids.command();
    const chatId = chatOf(world, visitor);
    person.chatId = chatId;
    person.send("takes over", { type: "take_over_chat", commandId, chatId });
  },
  logs: (world, person) => {
    person.send("logs out", { type: "log_out", commandId: world.bench.ids.command() });
  },
};

function chatOf(world: World, visitor: string): ChatId {
  const chatId = world.chatOf(visitor);
  assert(chatId !== undefined, `${visitor} has a chat`);
  return chatId;
}

function enter(
  world: World,
  person: Person,
  how: { readonly visitor: string; readonly mode: "joined" | "monitoring" },
): void {
  const commandId = world.bench.ids.command();
  const chatId = chatOf(world, how.visitor);
  person.chatId = chatId;
  const label = how.mode === "joined" ? "joins" : "monitors";
  person.send(label, { type: "join_chat", commandId, chatId, mode: how.mode });
}

const modes = ["load_balancing", "round_robin", "capability_weighted"] as const;

/**
 * `routing=round_robin offer=30s departments=sales(ana,ben),help(cid) supervisors=sue gone=requeue
 * queue=1 silent=2m`, each as wanted.
 */
export function routingOptionsOf(line: string, agentIds: readonly string[]): BenchOptions {
  const word = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];
  const groups = [...(word("departments") ?? "").matchAll(/([a-z]+)\(([a-z,]*)\)/g)];
  const supervisors = word("supervisors")?.split(",") ?? [];
  const gone = (["requeue", "transfer", "end"] as const).find((one) => one === word("gone"));
  const offerMs = Number.parseInt(word("offer") ?? "0") * 1_000;
  const lengthMax = word("queue");
  const silentMs = Number.parseInt(word("silent") ?? "0") * 60_000;
  const members = (agentId: string) =>
    groups.filter(([, , list = ""]) => list.split(",").includes(agentId));
  return {
    mode: modes.find((mode) => mode === word("routing")) ?? "manual",
    staff: Object.fromEntries(agentIds.map((agentId) => [agentId, {
      departmentIds: members(agentId).map(([, id = ""]) => id),
      role: supervisors.includes(agentId) ? "supervisor" as const : "agent" as const,
      disabled: word("disabled")?.split(",").includes(agentId) === true,
      tokenVersion: word("sessions-ended")?.split(",").includes(agentId) === true ? 2 : 1,
    }])),
    ...(silentMs === 0 ? {} : {
      inactivity: { warnAfterMs: 600_000, endAfterMs: 300_000, agentSilentMs: silentMs },
    }),
    config: {
      departments: groups.map(([, id = ""]) => ({ departmentId: id, name: id })),
      ...(offerMs === 0 ? {} : { routing: { acceptWithinMs: offerMs } }),
      ...(gone === undefined ? {} : { absence: { afterGrace: gone, atLogout: gone } }),
      ...(lengthMax === undefined ? {} : { queue: { lengthMax: Number(lengthMax) } }),
    },
  };
}
