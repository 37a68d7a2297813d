import { limits } from "../../core/limits.ts";
import { may } from "../../core/permission.ts";
import { agentView, summaryFor, visitorView } from "../../core/list_rows.ts";
import type { AgentConfig } from "../../core/agent_config.ts";
import type { SiteState } from "../../core/site_state.ts";
import { Turn } from "../../core/turn.ts";
import type { Page } from "./page.ts";
import { maySeeWaiting } from "./sight.ts";

/** What an agent's lists lack, in a word; undefined when they are as the site is. */
export function whyListsDiffer(page: Page, state: SiteState, at: number): string | undefined {
  const agent = [...state.agentConfigs.values()].find(({ agentId }) => agentId === page.holder.id);
  if (agent === undefined) return undefined;
  return whyWaitingDiffers(page, state, agent) ?? whyOthersDiffer(page, state, { agent, at });
}

function whyWaitingDiffers(page: Page, state: SiteState, agent: AgentConfig): string | undefined {
  const { waiting } = page.snapshot;
  const real: string[] = [];
  let total = 0;
  for (const [key, queue] of state.waiting) {
    if (!maySeeWaiting(state, agent, key)) continue;
    total += queue.size;
    real.push(...queue.head(limits.waitingListedMax));
  }
  const shown = waiting.chats.map(({ chatId }) => chatId).sort().join();
  if (real.sort().join() === shown && total === waiting.total) return undefined;
  return `lists ${waiting.chats.length} of ${waiting.total} waiting chats, and there are ${total}`;
}

function whyOthersDiffer(
  page: Page,
  state: SiteState,
  { agent, at }: { agent: AgentConfig; at: number },
): string | undefined {
  const turn = new Turn(state, at);
  const { lists, subscribed } = page.desk;
  const names: [string, ReadonlyMap<string, unknown>, Iterable<readonly [string, unknown]>][] = [];
  if (subscribed.includes("visitors") && may(agent, "visitors", undefined)) {
    const ids = [...state.visitors.keys()];
    names.push(["visitors", lists.visitors, ids.map((id) => [id, visitorView(state, id)])]);
  }
  if (subscribed.includes("chats")) {
    const ids = [...state.ongoing.values()].flatMap((chatIds) => [...chatIds]);
    names.push(["chats", lists.chats, ids.map((id) => [id, summaryFor(state, agent, id)])]);
  }
  if (subscribed.includes("agents")) {
    const ids = [...state.agentConfigs.keys()];
    names.push(["agents", lists.agents, ids.map((id) => [id, agentView(turn, id)])]);
  }
  for (const [name, shown, rows] of names) {
    const why = whyRowsDiffer(shown, rows);
    if (why !== undefined) return `lists ${name} otherwise: ${why}`;
  }
  return undefined;
}

function whyRowsDiffer(
  shown: ReadonlyMap<string, unknown>,
  rows: Iterable<readonly [string, unknown]>,
): string | undefined {
  let count = 0;
  for (const [id, row] of rows) {
    if (row === undefined) continue;
    count += 1;
    const [one, other] = [JSON.stringify(shown.get(id)), JSON.stringify(row)];
    if (one !== other) return `${id} is ${one} and should be ${other}`;
  }
  return count === shown.size ? undefined : `${shown.size} rows instead of ${count}`;
}
