import type { ConnectionNo } from "./ids.ts";
import type { AgentId, ChatId, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import {
  agentView,
  maySeeQueue,
  summaryFor,
  visitorView,
  waitingChat,
  waitingTotal,
} from "./list_rows.ts";
import { audienceOf, may } from "./permission.ts";
import type { AgentPresence, ListName } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { SiteConfig } from "./site_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";
import type { AgentView, ChatSummary, VisitorView, WaitingChat } from "./views.ts";

type FrameOf<Type> = Extract<AgentFrame, { type: Type }>;

/** Lists that are shown in pages; the waiting queue is shown by its head. */
type PagedList = Exclude<ListName, "waiting">;

/**
 * The console wants these lists from here on: it gets the first page of each as it is now, then
 * what changes. The other pages come when it asks for them. [SB1, SB3]
 */
export function subscribe(
  turn: Turn,
  console: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"subscribe">,
): void {
  console.lists = new Set(frame.lists);
  console.unsent.clear();
  for (const list of console.lists) begin(turn, console, connection, list);
}

/** The next page of a list's snapshot. [SB3] */
export function getRows(
  turn: Turn,
  console: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"get_rows">,
): void {
  sendPage(turn, console, connection, { list: frame.list, snapshot: false });
}

/**
 * The configuration changed: whoever may see something else now is shown its lists anew, and
 * agents that changed are told of. [SB5]
 */
export function showListsAnew(turn: Turn, before: SiteConfig): void {
  const { state } = turn;
  const former = new Map(before.agents.map((agent) => [agent.agentId, JSON.stringify(agent)]));
  for (const [agentId, config] of state.agentConfigs) {
    if (former.get(agentId) !== JSON.stringify(config)) state.feeds.agents.mark(agentId);
    former.delete(agentId);
  }
  for (const agentId of former.keys()) state.feeds.agents.mark(agentId);
  const isSameQueues = backupsOf(before) === backupsOf(state.config);
  for (const console of state.consoles.values()) {
    if (console.tab === undefined) continue;
    if (isSameQueues && console.audience === audienceKey(state, console)) continue;
    console.unsent.clear();
    for (const list of console.lists) begin(turn, console, console.tab.connection, list);
  }
}

/** What the agent may see of the lists, as a key; to be noted with all that it is shown. */
export function audienceKey(state: SiteState, { agentId }: AgentPresence): string {
  const agent = state.agentConfigs.get(agentId);
  return agent === undefined ? "" : audienceOf(agent);
}

function backupsOf({ departments }: SiteConfig): string {
  return JSON.stringify(departments.map((one) => [one.departmentId, one.backupDepartmentId]));
}

function begin(
  turn: Turn,
  console: AgentPresence,
  connection: ConnectionNo,
  list: ListName,
): void {
  const { state } = turn;
  console.audience = audienceKey(state, console);
  if (list !== "waiting") {
    console.unsent.set(list, idsOf(state, list));
    return sendPage(turn, console, connection, { list, snapshot: true });
  }
  const agent = state.agentConfigs.get(console.agentId);
  if (agent === undefined) return;
  const head = waitingSnapshot(state, agent);
  turn.send(connection, { type: "waiting", snapshot: true, removed: [], ...head });
}

/** Ids of a list, live: what comes meanwhile is met, or told as a change. */
function* idsOf(state: SiteState, list: PagedList): Iterator<string> {
  switch (list) {
    case "visitors":
      return yield* state.trackedVisitors;
    case "agents":
      return yield* state.agentConfigs.keys();
    case "chats":
      for (const chatIds of state.ongoing.values()) yield* chatIds;
  }
}

function sendPage(
  turn: Turn,
  console: AgentPresence,
  connection: ConnectionNo,
  page: { readonly list: PagedList; readonly snapshot: boolean },
): void {
  const { state } = turn;
  const { list, snapshot } = page;
  const agent = state.agentConfigs.get(console.agentId);
  if (agent === undefined) return;
  const { ids, more } = takeIds(console, list);
  const frame = { snapshot, removed: [], ...(more ? { more } : {}) };
  switch (list) {
    case "visitors": {
      const maySee = may(agent, "visitors", undefined);
      // The ids came from the list itself, here and below.
      const views = maySee ? ids.map((id) => visitorView(state, id as VisitorId)) : [];
      return turn.send(connection, {
        type: "visitors",
        ...frame,
        changed: views.filter((view): view is VisitorView => view !== undefined),
        listed: maySee ? state.trackedVisitors.size : 0,
        total: maySee ? state.visitors.size : 0,
      });
    }
    case "chats": {
      const views = ids.map((id) => summaryFor(state, agent, id as ChatId)); // as said above
      const changed = views.filter((view): view is ChatSummary => view !== undefined);
      return turn.send(connection, { type: "chats", ...frame, changed });
    }
    case "agents": {
      const views = ids.map((id) => agentView(turn, id as AgentId)); // as said above
      const changed = views.filter((view): view is AgentView => view !== undefined);
      return turn.send(connection, { type: "agents", ...frame, changed });
    }
  }
}

/** The ids of the next page; of a list that was shown to its end, none. */
function takeIds(
  console: AgentPresence,
  list: PagedList,
): { readonly ids: readonly string[]; readonly more: boolean } {
  const unsent = console.unsent.get(list);
  const ids: string[] = [];
  while (unsent !== undefined && ids.length < limits.listRowsPerPush) {
    const next = unsent.next();
    if (next.done) {
      console.unsent.delete(list);
      break;
    }
    ids.push(next.value);
  }
  return { ids, more: console.unsent.has(list) };
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
