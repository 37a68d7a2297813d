import { print } from "./print.ts";
import { checkAll, checkDisk, Findings } from "./checker.ts";
import { Gate } from "./client_log.ts";
import { NodeProcess, pause } from "./node_process.ts";
import { type Chat, openChats, peopleOf, type Person, settle } from "./people.ts";
import type { Sabotage } from "./sabotage.ts";

const chatCount = 50;
const agentCount = 10;
const unackedMin = 20;
const messagesPerSecondMin = 200;

/** How long to run and what must have been done by then. */
interface Plan {
  readonly kills: number;
  readonly ackedMin: number;
  /** Posting between kills. */
  readonly betweenMs: number;
  readonly pace: number;
}

const full: Plan = { kills: 10, ackedMin: 20_000, betweenMs: 6_000, pace: 350 };
const short: Plan = { kills: 3, ackedMin: 2_500, betweenMs: 3_000, pace: 300 };

/** The people's talk: who posted what where, and how fast. */
class Talk {
  /** messageId -> chatId, in the order in which they were written. */
  readonly chatOf = new Map<string, string>();
  readonly #chats: readonly Chat[];
  #turn = 0;

  constructor(chats: readonly Chat[]) {
    this.#chats = chats;
  }

  /** One message from the next person. */
  post(): void {
    const chat = this.#chats[this.#turn % this.#chats.length];
    const person = Math.floor(this.#turn / this.#chats.length) % 2 === 0 ? "visitor" : "agent";
    this.#turn += 1;
    if (chat === undefined) return;
    const posted = chat[person].session.post(
      chat.chatId,
      `Message ${this.#turn} — ${textOf(this.#turn)}`,
    );
    if (posted.type === "posted") this.chatOf.set(posted.id, chat.chatId);
  }

  /** Posts at a steady pace for a while. */
  async run(ms: number, perSecond: number): Promise<void> {
    const started = performance.now();
    let posted = 0;
    while (performance.now() - started < ms) {
      const due = (performance.now() - started) * perSecond / 1_000;
      while (posted < due) {
        this.post();
        posted += 1;
      }
      await pause(5);
    }
  }
}

function textOf(turn: number): string {
  return "all work and no play ".repeat(turn % 12);
}

/**
 * Kills the node again and again under load. Returns whether every promise held and enough was
 * done.
 */
export async function chaosNode(
  options: { readonly short: boolean; readonly sabotage: Sabotage | undefined },
): Promise<boolean> {
  const plan = options.short ? short : full;
  const node = await NodeProcess.create({
    agents: agentCount,
    chatLimit: chatCount / agentCount,
    sabotage: options.sabotage,
  });
  const findings = new Findings();
  const gate = new Gate();
  try {
    await node.start();
    const chats = await openChats(node.url, gate, { count: chatCount, agents: agentCount });
    const people = peopleOf(chats);
    const talk = new Talk(chats);
    const kills: Kill[] = [];
    let talkedMs = 0;
    for (let i = 0; i < plan.kills; i++) {
      await talk.run(plan.betweenMs, plan.pace);
      talkedMs += plan.betweenMs;
      kills.push(await killOnce(node, gate, chats, talk, findings, i));
      print(killLine(i, kills.at(-1)));
    }
    await talk.run(plan.betweenMs, plan.pace);
    talkedMs += plan.betweenMs;
    await settle(people).catch((error) => findings.note("lost", String(error)));
    await checkAll(node.url, chats, talk.chatOf, findings);
    for (const { session } of people) session.stop();
    return report(plan, kills, findings, talkedMs);
  } finally {
    await node.remove();
  }
}

interface Kill {
  readonly unacked: number;
  readonly startMs: number;
  readonly gapsMs: readonly number[];
}

/** Everybody posts at once, and in the middle of that the node dies. */
async function killOnce(
  node: NodeProcess,
  gate: Gate,
  chats: readonly Chat[],
  talk: Talk,
  findings: Findings,
  index: number,
): Promise<Kill> {
  const people = peopleOf(chats);
  for (let i = 0; i < chats.length * 2; i++) talk.post();
  await pause(index % 4);
  const unacked = people.reduce((sum, { log }) => sum + log.underWay.size, 0);
  const checksDisk = index % 2 === 0;
  gate.open = !checksDisk;
  const killedAt = performance.now();
  await node.kill();
  const startMs = await node.start();
  if (checksDisk) {
    await checkDisk(node.url, chats, talk.chatOf, findings);
    gate.open = true;
    return { unacked, startMs, gapsMs: [] };
  }
  const gapsMs = await Promise.all(people.map((person) => ackAfter(person, killedAt)));
  return { unacked, startMs, gapsMs };
}

/** How long after the kill this person's messages were acknowledged again. */
async function ackAfter({ log, session }: Person, killedAt: number): Promise<number> {
  const until = killedAt + 30_000;
  let firstAt = 0;
  while (performance.now() < until) {
    if (log.lastAckAt > killedAt) {
      firstAt ||= log.lastAckAt;
      return firstAt - killedAt;
    }
    // Nothing of this person's was waiting: connected again is as much as can be seen.
    if (session.snapshot().unacked === 0 && session.snapshot().connection.state === "open") {
      return performance.now() - killedAt;
    }
    await pause(5);
  }
  return Infinity;
}

function killLine(index: number, kill: Kill | undefined): string {
  const how = (kill?.gapsMs.length ?? 0) > 0 ? "clients at once" : "disk read first";
  return `kill ${index + 1}: ${kill?.unacked} messages un-acked, ` +
    `ready again after ${kill?.startMs.toFixed(0)} ms, ${how}`;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return Math.round(value ?? Infinity);
}

function report(
  plan: Plan,
  kills: readonly Kill[],
  findings: Findings,
  talkedMs: number,
): boolean {
  const gaps = kills.flatMap(({ gapsMs }) => gapsMs);
  const unacked = Math.min(...kills.map((kill) => kill.unacked));
  const rate = findings.acked / (talkedMs / 1_000);
  const checks: [string, boolean][] = [
    [
      `acknowledged messages ${findings.acked} >= ${plan.ackedMin}`,
      findings.acked >= plan.ackedMin,
    ],
    [`per second ${rate.toFixed(0)} >= ${messagesPerSecondMin}`, rate >= messagesPerSecondMin],
    [`kills ${kills.length} >= ${plan.kills}`, kills.length >= plan.kills],
    [`un-acked at each kill ${unacked} >= ${unackedMin}`, unacked >= unackedMin],
    [`lost ${findings.lost}`, findings.lost === 0],
    [`duplicated ${findings.duplicated}`, findings.duplicated === 0],
    [`reordered ${findings.reordered}`, findings.reordered === 0],
  ];
  for (const [what, ok] of checks) print(`${ok ? "ok    " : "FAILED"} ${what}`);
  for (const example of findings.examples) print(`       ${example}`);
  const { acked, lost, duplicated, reordered } = findings;
  const gapMs = { p50: percentile(gaps, 0.5), p99: percentile(gaps, 0.99) };
  print(
    JSON.stringify({ acked, kills: kills.length, lost, duplicated, reordered, gap_ms: gapMs }),
  );
  return checks.every(([, ok]) => ok);
}
