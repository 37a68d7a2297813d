import { nameOf, othersIn } from "./audience.ts";
import { inactiveAt } from "./absence.ts";
import type { Chat } from "./chat.ts";
import type { AssignedHow, ChatCommand, Fact } from "./fact.ts";
import type { AgentId, ChatId, CommandId, DepartmentId } from "./ids.ts";
import { chatQueueJob } from "./job.ts";
import { markVisitor, showChat } from "./showing.ts";
import { waitingChat } from "./list_rows.ts";
import { departmentsOf, loadOf, offerAgent } from "./routing.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/**
 * Gives or offers waiting chats to fit agents while there are both. Nobody waits while a fit agent
 * is free. Costs a step for each chat given, and for each queue. [RT1]
 */
export function assignWaiting(turn: Turn): void {
  const { state } = turn;
  if (state.config.routing.mode === "manual") return;
  for (const [, queue] of state.waiting) {
    for (const chatId of queue.ready()) {
      if (turn.isFull) {
        return state.deadlines.setBy("assign", turn.at);
      }
      const chat = state.chats.get(chatId);
      if (chat === undefined || state.offers.has(chatId)) continue;
      if (!poolSize(state, chat)) break;
      const agentId = bestFor(state, chat);
      if (agentId === undefined) queue.park(chatId);
      else giveOrOffer(turn, chat, agentId);
    }
  }
}

/** The department that serves the chat now: its own, or its backup while nobody is there. [RT8] */
export function servingDepartment(state: SiteState, chat: Chat): DepartmentId | undefined {
  const { departmentId } = chat;
  if (departmentId === undefined || state.pools.capacity(departmentId).agents > 0) {
    return departmentId;
  }
  return state.departments.get(departmentId)?.backupDepartmentId ?? departmentId;
}

function poolSize(state: SiteState, chat: Chat): number {
  return state.pools.of(servingDepartment(state, chat)).size;
}

/** Who gets it: who invited the visitor or had its last chat, else who is next. [RT7] */
function bestFor(state: SiteState, chat: Chat): AgentId | undefined {
  const pool = state.pools.of(servingDepartment(state, chat));
  const invitedBy = chat.invitedBy;
  const last = state.config.routing.lastChattedFirst
    ? state.lastAgentOf.get(chat.visitorId)
    : undefined;
  for (const agentId of [invitedBy, last]) {
    if (agentId !== undefined && pool.has(agentId) && !chat.declined.has(agentId)) return agentId;
  }
  return pool.best(chat.declined);
}

function giveOrOffer(turn: Turn, chat: Chat, agentId: AgentId): void {
  const { acceptWithinMs } = turn.state.config.routing;
  if (acceptWithinMs === undefined) assign(turn, chat, agentId, { how: "assigned" });
  else offer(turn, chat, agentId, acceptWithinMs);
}

/** Offers a waiting chat; who neither accepts nor refuses in time has missed it. [RT9] */
function offer(turn: Turn, chat: Chat, agentId: AgentId, withinMs: number): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  if (console === undefined) return;
  const until = turn.at + withinMs;
  console.offers.add(chat.chatId);
  console.lastAllocatedAt = turn.at;
  console.round += 1;
  state.offers.set(chat.chatId, { agentId, until });
  state.deadlines.setBy(`offer/${chat.chatId}`, until);
  markWaiting(state, chat);
  offerAgent(turn, agentId);
  if (console.tab === undefined) return;
  const row = waitingChat(state, chat);
  turn.send(console.tab.connection, { type: "offer", chat: row, until });
}

/** The chat is offered to nobody any more. Returns to whom it was. */
export function withdrawOffer(turn: Turn, chat: Chat): AgentId | undefined {
  const { state } = turn;
  const { chatId } = chat;
  const offered = state.offers.get(chatId);
  if (offered === undefined) return undefined;
  state.offers.delete(chatId);
  state.deadlines.clear(`offer/${chatId}`);
  markWaiting(state, chat);
  const console = state.consoles.get(offered.agentId);
  console?.offers.delete(chatId);
  offerAgent(turn, offered.agentId);
  if (console?.tab !== undefined) {
    turn.send(console.tab.connection, { type: "offer_ended", chatId });
  }
  return offered.agentId;
}

/** An offer's time is over: the agent has missed the chat, and somebody else gets it. [RT9] */
export function missOffer(turn: Turn, chatId: ChatId): void {
  const { state } = turn;
  const chat = state.chats.get(chatId);
  const offered = state.offers.get(chatId);
  if (chat === undefined || offered === undefined) return;
  if (offered.until > turn.at) return state.deadlines.setBy(`offer/${chatId}`, offered.until);
  decline(turn, chat, { agentId: offered.agentId, how: "missed" });
}

/** The agent does not take the chat; it goes to the next, or stays refused by all. [RT10] */
export function decline(
  turn: Turn,
  chat: Chat,
  how: { agentId: AgentId; how: "refused" | "missed"; commandId?: CommandId },
): void {
  const { state } = turn;
  const { chatId } = chat;
  turn.record({ type: "chat_declined", chatId, at: turn.at, ...how });
  turn.publish(chatQueueJob(state.config.siteId, chat, turn.at, how));
  markWaiting(state, chat);
  if (state.offers.get(chatId)?.agentId === how.agentId) withdrawOffer(turn, chat);
  assignWaiting(turn);
}

/** Gives the chat to an agent and tells everybody in it. */
export function assign(
  turn: Turn,
  chat: Chat,
  agentId: AgentId,
  how: { how: AssignedHow; commandId?: CommandId; command?: ChatCommand; by?: AgentId },
): void {
  const { state } = turn;
  const { chatId } = chat;
  const wasWaiting = chat.state.state === "waiting";
  const before = chat.agentId;
  withdrawOffer(turn, chat);
  const cause = how.commandId ?? `${chatId}.${chat.log.lastOrder}`;
  const stamp = turn.stamp(chat);
  turn.record({ type: "chat_assigned", chatId, agentId, at: turn.at, stamp, ...how });
  const console = state.consoles.get(agentId);
  if (console !== undefined) {
    console.lastAllocatedAt = turn.at;
    console.round += 1;
  }
  for (const one of [before, agentId]) if (one !== undefined) offerAgent(turn, one);
  const entry = turn.acceptSystem(chat, "agent_joined", cause, nameOf(state, agentId));
  if (wasWaiting) turn.publish(chatQueueJob(state.config.siteId, chat, turn.at));
  markChat(turn, chat);
  showChat(turn, chat);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  state.deadlines.setBy(`chat/${chatId}`, inactiveAt(state, chat).at);
}

/** Takes the chat from its agent, back to the waiting queue of its or another department. [TR2] */
export function requeue(
  turn: Turn,
  chat: Chat,
  how: Pick<
    Extract<Fact, { type: "chat_requeued" }>,
    "why" | "exceptAgentId" | "departmentId" | "commandId" | "command"
  >,
): void {
  const { state } = turn;
  const { chatId } = chat;
  const agentId = chat.agentId;
  const departmentId = "departmentId" in how ? how.departmentId : chat.departmentId;
  const stamp = turn.stamp(chat);
  const cause = how.commandId ?? `${chatId}.${chat.log.lastOrder}`;
  const kind = how.why === "transferred" ? "chat_transferred" : "chat_requeued";
  const name = departmentId === undefined ? "" : state.departments.get(departmentId)?.name ?? "";
  turn.record({ type: "chat_requeued", chatId, at: turn.at, stamp, ...how, departmentId });
  const entry = turn.acceptSystem(chat, kind, cause, name);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  markChat(turn, chat);
  showChat(turn, chat);
  if (agentId !== undefined) {
    const console = state.consoles.get(agentId);
    if (console?.tab !== undefined) {
      turn.send(console.tab.connection, { type: "chat_left", chatId });
    }
    if (console !== undefined && state.ongoingOf(agentId).size === 0) console.idleSince = turn.at;
    offerAgent(turn, agentId);
  }
  state.deadlines.setBy(`chat/${chatId}`, turn.at);
  assignWaiting(turn);
}

/** The chat's rows in the lists are to be told anew. */
export function markChat(turn: Turn, chat: Chat): void {
  const { feeds } = turn.state;
  markWaiting(turn.state, chat);
  feeds.chats.mark(chat.chatId);
  markVisitor(turn.state, chat.visitorId);
}

/** The agent can take chats (again): what waits for somebody like it is tried. */
export function tryParked(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  for (const departmentId of departmentsOf(state, agentId)) {
    state.waiting.of(departmentId).unpark((chatId) =>
      state.chats.get(chatId)?.declined.has(agentId) === false
    );
  }
  assignWaiting(turn);
}

/** Whether the agent is at its limit, offers counted. */
export function isFull(state: SiteState, agentId: AgentId): boolean {
  const limit = state.agentConfigs.get(agentId)?.chatLimit ?? 0;
  const console = state.consoles.get(agentId);
  const load = console === undefined ? state.ongoingOf(agentId).size : loadOf(state, console);
  return load >= limit;
}

/** The row of a waiting chat is to be told anew. */
export function markWaiting(state: SiteState, chat: Chat): void {
  state.waiting.of(chat.departmentId).mark(chat.chatId);
}
