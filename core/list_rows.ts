import { isPresent } from "./absence.ts";
import { compact } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, ChatId, DepartmentId, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import { isRefusedByAll } from "./routing.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";
import type { AgentView, ChatSummary, VisitorView, WaitingChat } from "./views.ts";
import type { QueueKey } from "./waiting_queue.ts";

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
  options: { readonly untrackedToo?: boolean; readonly inFull?: boolean } = {},
): VisitorView | undefined {
  const visitor = state.visitors.get(visitorId);
  if (visitor === undefined || (!visitor.tracked && !options.untrackedToo)) return undefined;
  const chat = state.runningOf.get(visitorId);
  const page = visitor.pages?.at(-1);
  const cut = (url: string | undefined) =>
    options.inFull ? url : url?.slice(0, limits.listedUrlCharsMax);
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
    url: cut(page?.url),
    title: page?.title,
    referrer: cut(visitor.referrer),
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

/** The chat's row, if the agent may join or monitor it. [EN6] */
export function summaryFor(
  state: SiteState,
  agent: AgentConfig,
  chatId: ChatId,
): ChatSummary | undefined {
  const chat = state.chats.get(chatId);
  if (chat === undefined) return undefined;
  if (!maySeeChatsOf(agent, chat.departmentId)) return undefined;
  const summary = chatSummary(chat);
  if (summary !== undefined) state.feeds.chats.noteTold(chatId, chat.departmentId ?? "");
  return summary;
}

/** Whether the agent may join or monitor chats of this department. */
function maySeeChatsOf(agent: AgentConfig, departmentId: DepartmentId | undefined): boolean {
  return may(agent, "monitor", departmentId) || may(agent, "join", departmentId);
}

/** Whether the agent may have been told of the chat's row, which it is shown no more. [SB7] */
export function wasTold(state: SiteState, agent: AgentConfig, chatId: ChatId): boolean {
  for (const key of state.feeds.chats.toldUnder(chatId)) {
    // The key was made of a department's id.
    if (maySeeChatsOf(agent, key === "" ? undefined : key as DepartmentId)) return true;
  }
  return false;
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
export function waitingTotal(state: SiteState, agent: AgentConfig): number {
  let total = 0;
  for (const [key, queue] of state.waiting) {
    if (maySeeQueue(state, agent, key)) total += queue.size;
  }
  return total;
}
