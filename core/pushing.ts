import { isPresent } from "./absence.ts";
import { availabilityFor } from "./availability.ts";
import { compact, viewOf, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, ChatId, ConnectionNo, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import { audienceOf, may } from "./permission.ts";
import type { AgentPresence, ListName } from "./presence.ts";
import { isRefusedByAll } from "./routing.ts";
import type { AgentConfig } from "./site_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";
import type { QueueKey } from "./waiting_queue.ts";
import type { AgentView, ChatSummary, VisitorView, WaitingChat } from "./views.ts";

/** A waiting chat as agents see it. */
export function waitingChat(state: SiteState, chat: Chat): WaitingChat {
  return compact({
    chatId: chat.chatId,
    visitorId: chat.visitorId,
    name: chat.visitor.name,
    since: chat.requestedAt,
    departmentId: chat.departmentId,
    refusedByAll: isRefusedByAll(state, chat) ? true : undefined,
    offeredTo: state.offers.get(chat.chatId)?.agentId,
  });
}

/** A running chat as those see it who may join or monitor it. */
function chatSummary(chat: Chat): ChatSummary | undefined {
  if (chat.state.state !== "active") return undefined;
  return compact({
    chatId: chat.chatId,
    visitorId: chat.visitorId,
    name: chat.visitor.name,
    agentId: chat.state.agentId,
    departmentId: chat.departmentId,
    since: chat.state.since,
    participants: [...chat.participants.keys()],
  });
}

/** A visitor as agents see it; undefined for one that is not tracked, or gone. */
export function visitorView(
  state: SiteState,
  visitorId: VisitorId,
  options: { readonly untrackedToo: boolean } = { untrackedToo: false },
): VisitorView | undefined {
  const visitor = state.visitors.get(visitorId);
  if (visitor === undefined || (!visitor.tracked && !options.untrackedToo)) return undefined;
  const chat = state.runningOf.get(visitorId);
  const page = visitor.pages?.at(-1);
  const states = {
    bot: "with_bot",
    waiting: "waiting",
    active: "chatting",
    ended: "on_site",
  } as const;
  return compact({
    visitorId,
    state: chat !== undefined
      ? states[chat.state.state]
      : visitor.invitation === undefined
      ? "on_site" as const
      : "invited" as const,
    name: visitor.signedIn?.name ?? chat?.visitor.name ?? visitor.name,
    signedIn: visitor.signedIn !== undefined,
    url: page?.url,
    title: page?.title,
    referrer: visitor.referrer,
    arrivedAt: visitor.arrivedAt,
    pages: visitor.pageCount,
    visits: visitor.visits,
    chatId: chat?.chatId,
  });
}

/** An agent as the others see it; undefined for one that is not configured any more. */
export function agentView(turn: Turn, agentId: AgentId): AgentView | undefined {
  const { state } = turn;
  const config = state.agentConfigs.get(agentId);
  if (config === undefined || config.disabled) return undefined;
  const registers = state.registersOf(agentId);
  const console = state.consoles.get(agentId);
  return compact({
    agentId,
    name: config.name,
    status: registers.status,
    reason: registers.reason,
    present: console !== undefined && isPresent(state, console, turn.at),
    chats: state.ongoingOf(agentId).size,
    chatLimit: config.chatLimit,
    departmentIds: [...config.departmentIds],
  });
}

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

/**
 * Whether the agent sees the waiting chats of a department: its own, those that it backs up, and
 * those that it may monitor.
 */
export function maySeeQueue(state: SiteState, agent: AgentConfig, key: QueueKey): boolean {
  if (key === "") return true;
  const backup = state.departments.get(key)?.backupDepartmentId;
  return may(agent, "accept", key) || may(agent, "monitor", key) ||
    (backup !== undefined && may(agent, "accept", backup));
}

/** How many chats wait that the agent sees. */
function waitingTotal(state: SiteState, agent: AgentConfig): number {
  let total = 0;
  for (const [key, queue] of state.waiting) {
    if (maySeeQueue(state, agent, key)) total += queue.size;
  }
  return total;
}

function pushVisitors(turn: Turn, visitorIds: readonly VisitorId[]): void {
  const { state } = turn;
  if (visitorIds.length === 0) return;
  const audiences = audiencesOf(state, "visitors").filter(({ agent }) =>
    may(agent, "visitors", undefined)
  );
  if (audiences.length === 0) return;
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
    listed: state.trackedVisitors,
    total: state.visitors.size,
  });
}

function pushChats(turn: Turn, chatIds: readonly ChatId[]): void {
  const { state } = turn;
  if (chatIds.length === 0) return;
  for (const { agent, to } of audiencesOf(state, "chats")) {
    const changed: ChatSummary[] = [];
    const removed: ChatId[] = [];
    for (const chatId of chatIds) {
      const summary = summaryFor(state, agent, chatId);
      if (summary === undefined) removed.push(chatId);
      else changed.push(summary);
    }
    turn.send(to, { type: "chats", snapshot: false, changed, removed });
  }
}

/** The chat's row, if the agent may join or monitor it. [EN6] */
export function summaryFor(
  state: SiteState,
  agent: AgentConfig,
  chatId: ChatId,
): ChatSummary | undefined {
  const chat = state.chats.get(chatId);
  if (chat === undefined) return undefined;
  const maySee = may(agent, "monitor", chat.departmentId) || may(agent, "join", chat.departmentId);
  return maySee ? chatSummary(chat) : undefined;
}

function pushAgents(turn: Turn, agentIds: readonly AgentId[]): void {
  const { state } = turn;
  if (agentIds.length === 0) return;
  const to = audiencesOf(state, "agents").flatMap((audience) => audience.to);
  if (to.length === 0) return;
  const changed: AgentView[] = [];
  const removed: AgentId[] = [];
  for (const agentId of agentIds) {
    const view = agentView(turn, agentId);
    if (view === undefined) removed.push(agentId);
    else changed.push(view);
  }
  turn.send(to, { type: "agents", snapshot: false, changed, removed });
}

/** The console wants these lists from here on; it gets each as it is now. [SB1] */
export function subscribe(
  turn: Turn,
  console: AgentPresence,
  connection: ConnectionNo,
  lists: readonly ListName[],
): void {
  const { state } = turn;
  const agent = state.agentConfigs.get(console.agentId);
  if (agent === undefined) return;
  console.lists = new Set(lists);
  for (const list of console.lists) sendSnapshot(turn, agent, connection, list);
}

function sendSnapshot(
  turn: Turn,
  agent: AgentConfig,
  connection: ConnectionNo,
  list: ListName,
): void {
  const { state } = turn;
  switch (list) {
    case "waiting":
      return turn.send(connection, {
        type: "waiting",
        removed: [],
        ...waitingSnapshot(state, agent),
      });
    case "visitors": {
      if (!may(agent, "visitors", undefined)) return;
      const changed: VisitorView[] = [];
      for (const visitorId of state.visitors.keys()) {
        const view = visitorView(state, visitorId);
        if (view !== undefined) changed.push(view);
      }
      return turn.send(connection, {
        type: "visitors",
        snapshot: true,
        changed,
        removed: [],
        listed: state.trackedVisitors,
        total: state.visitors.size,
      });
    }
    case "chats": {
      const changed: ChatSummary[] = [];
      for (const chatIds of state.ongoing.values()) {
        for (const chatId of chatIds) {
          const summary = summaryFor(state, agent, chatId);
          if (summary !== undefined) changed.push(summary);
        }
      }
      return turn.send(connection, { type: "chats", snapshot: true, changed, removed: [] });
    }
    case "agents": {
      const changed: AgentView[] = [];
      for (const agentId of state.agentConfigs.keys()) {
        const view = agentView(turn, agentId);
        if (view !== undefined) changed.push(view);
      }
      return turn.send(connection, { type: "agents", snapshot: true, changed, removed: [] });
    }
  }
}

/** The head of the waiting queue as the agent sees it, longest-waiting first, and its length. */
export function waitingSnapshot(
  state: SiteState,
  agent: AgentConfig,
): { added: WaitingChat[]; total: number } {
  const rows: WaitingChat[] = [];
  for (const [key, queue] of state.waiting) {
    if (!maySeeQueue(state, agent, key)) continue;
    const head = queue.head(limits.waitingListedMax);
    queue.noteShown(head);
    for (const chatId of head) {
      const chat = state.chats.get(chatId);
      if (chat !== undefined) rows.push(waitingChat(state, chat));
    }
  }
  rows.sort((a, b) => a.since - b.since || (a.chatId < b.chatId ? -1 : 1));
  return { added: rows, total: waitingTotal(state, agent) };
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
