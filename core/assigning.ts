import { nameOf, othersIn } from "./audience.ts";
import { inactiveAt } from "./absence.ts";
import type { Chat } from "./chat.ts";
import type { AssignedHow, ChatCommand, Fact } from "./fact.ts";
import type { AgentId, ChatId, CommandId } from "./ids.ts";
import { IndexedHeap } from "./indexed_heap.ts";
import { chatQueueJob } from "./job.ts";
import { markWaiting, offerChat, withdrawOffer } from "./offering.ts";
import { offerAgent, releaseAgent, servingDepartment } from "./routing.ts";
import { markVisitor, showChat, showLeft } from "./showing.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";
import type { QueueKey } from "./waiting_queue.ts";

/**
 * Gives or offers waiting chats to fit agents while there are both, the longest-waiting of all
 * queues first. Nobody waits while a fit agent is free. Costs a step for each queue, and one for
 * each chat that is given. [RT1]
 */
export function assignWaiting(turn: Turn): void {
  const { state } = turn;
  moveFromRemoved(turn);
  if (state.config.routing.mode === "manual") {
    state.pools.takeChanged();
    return;
  }
  do {
    tryParked(turn);
    giveReady(turn);
  } while (state.pools.changed && !turn.isFull);
}

function giveReady(turn: Turn): void {
  const { state } = turn;
  const heads = new IndexedHeap<QueueKey>();
  const enter = (key: QueueKey) => {
    const queue = state.waiting.of(key === "" ? undefined : key);
    const since = queue.next === undefined ? undefined : queue.since(queue.next);
    if (since === undefined || poolOf(state, key).size === 0) heads.remove(key);
    else heads.set(key, [since]);
  };
  for (const [key] of state.waiting) enter(key);
  for (let key = heads.least(); key !== undefined; key = heads.least()) {
    if (turn.isFull) return state.deadlines.setBy("assign", turn.at);
    const chatId = state.waiting.of(key === "" ? undefined : key).next;
    const chat = chatId === undefined ? undefined : state.chats.get(chatId);
    // What was given may have made its agent full, and another queue's agents with it.
    if (chat !== undefined && poolOf(state, key).size > 0) giveOrPark(turn, chat);
    enter(key);
  }
}

function giveOrPark(turn: Turn, chat: Chat): void {
  const { state } = turn;
  const { acceptWithinMs } = state.config.routing;
  const agentId = bestFor(state, chat);
  if (agentId === undefined) {
    return state.waiting.of(chat.departmentId).park(chat.chatId, chat.declined.keys());
  }
  if (acceptWithinMs === undefined) assign(turn, chat, agentId, { how: "assigned" });
  else offerChat(turn, chat, agentId, acceptWithinMs);
}

/** Parked chats that an agent could take who came or has room now; or a backup, when one went. */
function tryParked(turn: Turn): void {
  const { state } = turn;
  for (const agentId of state.pools.takeChanged()) {
    const isThere = state.pools.isCounted(agentId);
    for (const [key, queue] of state.waiting) {
      if (poolOf(state, key).has(agentId)) queue.unparkFor(agentId);
      else if (!isThere && servingQueue(state, key) !== key) queue.unparkAll();
    }
  }
}

/** Chats that wait in a department that the site has no more wait for anybody. [RT12] */
function moveFromRemoved(turn: Turn): void {
  const { state } = turn;
  for (const [key, queue] of state.waiting) {
    if (key === "" || state.departments.has(key)) continue;
    for (const chatId of [...queue]) {
      if (turn.isFull) return state.deadlines.setBy("assign", turn.at);
      const chat = state.chats.get(chatId);
      if (chat === undefined) continue;
      withdrawOffer(turn, chat);
      const stamp = turn.stamp(chat);
      turn.record({ type: "chat_requeued", chatId, why: "department_removed", at: turn.at, stamp });
      markChat(turn, chat);
      showChat(turn, chat);
    }
  }
}

function servingQueue(state: SiteState, key: QueueKey): QueueKey {
  return servingDepartment(state, key === "" ? undefined : key) ?? "";
}

function poolOf(state: SiteState, key: QueueKey) {
  return state.pools.of(servingDepartment(state, key === "" ? undefined : key));
}

/**
 * Who gets it: who invited the visitor or had its last chat, else who is next. It is its turn of
 * the round robin, in turn or not. [RT5, RT7]
 */
function bestFor(state: SiteState, chat: Chat): AgentId | undefined {
  const pool = state.pools.of(servingDepartment(state, chat.departmentId));
  const { turns } = state.pools;
  const last = state.config.routing.lastChattedFirst
    ? state.lastChatOf.get(chat.visitorId)?.agentIds.at(-1)
    : undefined;
  const next = pool.best(chat.declined);
  const preferred = [chat.invitedBy, last].find((agentId) =>
    agentId !== undefined && pool.has(agentId) && !chat.declined.has(agentId)
  );
  const agentId = preferred ?? next;
  const console = agentId === undefined ? undefined : state.consoles.get(agentId);
  if (console === undefined) return undefined;
  if (agentId === next) turns.take(console);
  else turns.skip(console);
  return agentId;
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
  const queue = state.waiting.of(chat.departmentId);
  if (state.config.routing.mode === "manual") queue.park(chatId, chat.declined.keys());
  else if (!state.offers.has(chatId)) queue.release(chatId);
  assignWaiting(turn);
}

/** Gives the chat to an agent and tells everybody in it; who had it has it no more. [RT4, TR1] */
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
  if (console !== undefined) console.lastAllocatedAt = turn.at;
  offerAgent(turn, agentId);
  const entry = turn.acceptSystem(chat, "agent_joined", cause, nameOf(state, agentId));
  if (wasWaiting) turn.publish(chatQueueJob(state.config.siteId, chat, turn.at));
  markChat(turn, chat);
  showChat(turn, chat);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  if (before !== undefined && before !== agentId) letGo(turn, chat, before);
  state.deadlines.setBy(`chat/${chatId}`, inactiveAt(state, chat).at);
}

/** Takes the chat from its agent, back to the waiting queue of its or another department. [TR2] */
export function requeue(
  turn: Turn,
  chat: Chat,
  how: Pick<
    Extract<Fact, { type: "chat_requeued" }>,
    "why" | "exceptAgentId" | "departmentId" | "commandId" | "command" | "by"
  >,
): void {
  const { state } = turn;
  const { chatId } = chat;
  const agentId = chat.agentId;
  const wanted = "departmentId" in how ? how.departmentId : chat.departmentId;
  const departmentId = wanted !== undefined && state.departments.has(wanted) ? wanted : undefined;
  const stamp = turn.stamp(chat);
  const cause = how.commandId ?? `${chatId}.${chat.log.lastOrder}`;
  const kind = how.why === "transferred" ? "chat_transferred" : "chat_requeued";
  const name = departmentId === undefined ? "" : state.departments.get(departmentId)?.name ?? "";
  turn.record({ type: "chat_requeued", chatId, at: turn.at, stamp, ...how, departmentId });
  state.waiting.of(departmentId).tell(chatId);
  const entry = turn.acceptSystem(chat, kind, cause, name);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  markChat(turn, chat);
  showChat(turn, chat);
  if (agentId !== undefined) letGo(turn, chat, agentId);
  state.deadlines.setBy(`chat/${chatId}`, turn.at);
  assignWaiting(turn);
}

/** The agent that had the chat is out of it. */
function letGo(turn: Turn, chat: Chat, agentId: AgentId): void {
  const tab = turn.state.consoles.get(agentId)?.tab;
  if (tab !== undefined) showLeft(turn, tab, chat.chatId);
  releaseAgent(turn, agentId);
}

/** The chat's rows in the lists are to be told anew. */
export function markChat(turn: Turn, chat: Chat): void {
  const { feeds } = turn.state;
  markWaiting(turn.state, chat);
  feeds.chats.mark(chat.chatId);
  markVisitor(turn.state, chat.visitorId);
}
