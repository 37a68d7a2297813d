import { availabilityFor } from "./availability.ts";
import { viewOf, visitorSide } from "./audience.ts";
import type { AgentId, ChatId, ConnectionNo, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import {
  agentView,
  maySeeQueue,
  summaryFor,
  visitorView,
  waitingChat,
  waitingTotal,
  wasTold,
} from "./list_rows.ts";
import { audienceOf, may } from "./permission.ts";
import type { ListName } from "./presence.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";
import type { QueueKey } from "./waiting_queue.ts";
import type { AgentView, ChatSummary, VisitorView } from "./views.ts";

/** Consoles that may see the same of a list: each change is encoded once for all of them. */
interface Audience {
  readonly agent: AgentConfig;
  readonly to: ConnectionNo[];
}

/** The consoles that want a list, by audience. */
function audiencesOf(state: SiteState, list: ListName): Audience[] {
  const audiences = new Map<string, Audience>();
  for (const console of state.consoles.values()) {
    const agent = state.agentConfigs.get(console.agentId);
    if (agent === undefined || console.tab === undefined || !console.lists.has(list)) continue;
    const key = audienceOf(agent);
    const audience = audiences.get(key);
    if (audience === undefined) audiences.set(key, { agent, to: [console.tab.connection] });
    else audience.to.push(console.tab.connection);
  }
  return [...audiences.values()];
}

/**
 * Tells consoles what changed of the lists that they want, and visitors their new positions: each
 * list at once when its last push is long enough ago, else when it is. One frame per list and
 * audience, however many consoles. [WQ3, SB2, SB4]
 */
export function pushLists(turn: Turn): void {
  const { state } = turn;
  const { feeds, waiting } = state;
  if (waiting.changed && isTime(turn, "waiting")) pushWaiting(turn);
  if (feeds.visitors.changed && isTime(turn, "visitors")) {
    pushVisitors(turn, feeds.visitors.take(limits.listRowsPerPush));
    if (feeds.visitors.changed) isTime(turn, "visitors");
  }
  if (feeds.chats.changed && isTime(turn, "chats")) {
    pushChats(turn, feeds.chats.take(limits.listRowsPerPush));
    if (feeds.chats.changed) isTime(turn, "chats");
  }
  if (feeds.agents.changed && isTime(turn, "agents")) {
    pushAgents(turn, feeds.agents.take(limits.listRowsPerPush));
    availabilityMayChange(turn);
    if (feeds.agents.changed) isTime(turn, "agents");
  }
}

/** Whether the list may be pushed now; if not, the site is woken when it may. */
function isTime(turn: Turn, list: ListName): boolean {
  const { pushedAt, deadlines } = turn.state;
  const earliest = pushedAt[list] + limits.pushIntervalMs;
  if (turn.at < earliest) {
    deadlines.setBy("push", earliest);
    return false;
  }
  pushedAt[list] = turn.at;
  return true;
}

/** The heads of the queues that changed, to agents; new positions to their visitors. */
function pushWaiting(turn: Turn): void {
  const { state } = turn;
  const changes: { key: QueueKey; added: ChatId[]; removed: ChatId[] }[] = [];
  for (const [key, queue] of state.waiting) {
    if (!queue.changed) continue;
    for (const [chatId] of queue.takePositions()) {
      const chat = state.chats.get(chatId);
      if (chat === undefined) continue;
      turn.send(visitorSide(state, chat), { type: "chat", chat: viewOf(state, chat, "visitor") });
    }
    const before = state.listedTotals.get(key);
    state.listedTotals.set(key, queue.size);
    const { added, removed } = queue.takeListed(limits.waitingListedMax);
    // Beyond the list the total alone may have changed; below it, nothing did.
    const isUnchanged = added.length === 0 && removed.length === 0 &&
      (before === queue.size || queue.size <= limits.waitingListedMax);
    if (!isUnchanged) changes.push({ key, added, removed });
  }
  if (changes.length === 0) return;
  for (const { agent, to } of audiencesOf(state, "waiting")) {
    const seen = changes.filter(({ key }) => maySeeQueue(state, agent, key));
    if (seen.length === 0) continue;
    const added = seen.flatMap((one) => one.added).flatMap((chatId) => {
      const chat = state.chats.get(chatId);
      return chat === undefined ? [] : [waitingChat(state, chat)];
    });
    // What left one queue for another that the agent sees, too, stays.
    const there = new Set(added.map(({ chatId }) => chatId));
    const removed = seen.flatMap((one) => one.removed).filter((chatId) => !there.has(chatId));
    turn.send(to, { type: "waiting", added, removed, total: waitingTotal(state, agent) });
  }
}

function pushVisitors(turn: Turn, visitorIds: readonly VisitorId[]): void {
  const { state } = turn;
  const audiences = audiencesOf(state, "visitors").filter(({ agent }) =>
    may(agent, "visitors", undefined)
  );
  // Whoever comes later is shown all, so nothing has to be kept.
  if (audiences.length === 0) return state.feeds.visitors.clear();
  const changed: VisitorView[] = [];
  const removed: VisitorId[] = [];
  for (const visitorId of visitorIds) {
    const view = visitorView(state, visitorId);
    if (view === undefined) removed.push(visitorId);
    else changed.push(view);
  }
  // Everybody who may see visitors sees the same of them.
  turn.send(audiences.flatMap(({ to }) => to), {
    type: "visitors",
    snapshot: false,
    changed,
    removed,
    listed: state.trackedVisitors.size,
    total: state.visitors.size,
  });
}

function pushChats(turn: Turn, chatIds: readonly ChatId[]): void {
  const { state } = turn;
  if (chatIds.length === 0) return;
  const audiences = audiencesOf(state, "chats");
  if (audiences.length === 0) return state.feeds.chats.clear();
  for (const { agent, to } of audiences) {
    const changed: ChatSummary[] = [];
    const removed: ChatId[] = [];
    for (const chatId of chatIds) {
      const summary = summaryFor(state, agent, chatId);
      if (summary !== undefined) changed.push(summary);
      else if (wasTold(state, agent, chatId)) removed.push(chatId);
    }
    if (changed.length + removed.length === 0) continue;
    turn.send(to, { type: "chats", snapshot: false, changed, removed });
  }
  for (const chatId of chatIds) {
    if (state.chats.get(chatId)?.state.state !== "active") state.feeds.chats.forgetTold(chatId);
  }
}

function pushAgents(turn: Turn, agentIds: readonly AgentId[]): void {
  const { state } = turn;
  if (agentIds.length === 0) return;
  const to = audiencesOf(state, "agents").flatMap((audience) => audience.to);
  if (to.length === 0) return state.feeds.agents.clear();
  const changed: AgentView[] = [];
  const removed: AgentId[] = [];
  for (const agentId of agentIds) {
    const view = agentView(turn, agentId);
    if (view === undefined) removed.push(agentId);
    else changed.push(view);
  }
  turn.send(to, { type: "agents", snapshot: false, changed, removed });
}

/**
 * Agents came or went, or hours began or ended: visitors' buttons are told what they show now, if
 * that changed, with the next push. [BH2]
 */
export function availabilityMayChange(turn: Turn): void {
  const { state } = turn;
  const now = availabilityFor(turn, undefined);
  if (hasHours(state)) state.deadlines.setBy("hours", nextMinute(turn.at));
  if (now === state.availability) return;
  state.availability = now;
  const to: ConnectionNo[] = [];
  for (const [connection, presence] of state.connections) {
    // Whoever has a chat sees how that stands.
    if (presence.type === "visitor" && !state.runningOf.has(presence.visitorId)) {
      to.push(connection);
    }
  }
  turn.send(to, { type: "availability", availability: now });
}

function hasHours({ config }: SiteState): boolean {
  return config.hours !== undefined;
}

function nextMinute(at: number): number {
  return (Math.floor(at / 60_000) + 1) * 60_000;
}
