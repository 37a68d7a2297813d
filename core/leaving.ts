import { assignWaiting, requeue } from "./assigning.ts";
import { bansConfigured } from "./banning.ts";
import type { Chat } from "./chat.ts";
import { graceEndsAt, isBarred } from "./absence.ts";
import { end } from "./ending.ts";
import { systemAuthor } from "./entry.ts";
import type { AgentId, ConnectionNo } from "./ids.ts";
import { agentStatusJob } from "./job.ts";
import { limits } from "./limits.ts";
import { withdrawOffers } from "./offering.ts";
import { handOver, putOutParticipant } from "./participating.ts";
import { may } from "./permission.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import { offerAgent } from "./routing.ts";
import type { Turn } from "./turn.ts";
import type { AgentStatus } from "./views.ts";

type FrameOf<Type> = Extract<AgentFrame, { type: Type }>;

/** The agent's own choice of status; it outlives connections and restarts. [AG1] */
export function setStatus(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"set_status">,
): void {
  const { state } = turn;
  const { commandId, status, reason } = frame;
  const { awayReasons } = state.config;
  if (turn.isRepeat(agent, commandId, connection)) return showStatus(turn, agent, connection);
  if (reason !== undefined && (status !== "away" || !awayReasons.includes(reason))) {
    const message = `One of the site's reasons to be away: ${awayReasons.join(", ") || "none"}`;
    return turn.refuse(connection, commandId, { code: "bad_answer", field: "reason", message });
  }
  changeStatus(turn, agent, { status, reason, commandId });
  turn.done(connection, commandId);
  showStatus(turn, agent, connection);
}

function showStatus(turn: Turn, agent: AgentPresence, connection: ConnectionNo): void {
  const now = turn.state.registersOf(agent.agentId);
  turn.send(connection, {
    type: "status",
    status: now.status,
    ...(now.reason === undefined ? {} : { reason: now.reason }),
  });
}

function changeStatus(
  turn: Turn,
  agent: AgentPresence,
  to: {
    status: AgentStatus;
    reason?: string | undefined;
    commandId: FrameOf<"set_status">["commandId"];
  },
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { status, reason, commandId } = to;
  if (state.registersOf(agentId).status !== "online" && status === "online") {
    agent.idleSince = turn.at;
    agent.onlineSince = turn.at;
  }
  turn.record({ type: "agent_status_set", agentId, status, reason, at: turn.at, commandId });
  const { siteId } = state.config;
  turn.publish(agentStatusJob(siteId, { agentId, status, reason, at: turn.at, cause: commandId }));
  offerAgent(turn, agentId);
  withdrawOffers(turn, agentId);
  assignWaiting(turn);
}

/** The session ends: offline, and its chats go one by one by the site's policy. [EN9, LO1] */
export function logOut(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"log_out">,
): void {
  const { agentId } = agent;
  const { commandId } = frame;
  if (turn.isRepeat(agent, commandId, connection)) return putOut(turn, agentId);
  changeStatus(turn, agent, { status: "offline", commandId });
  turn.done(connection, commandId);
  putOut(turn, agentId);
  leaveChats(turn, agentId);
}

/** Closes the agent's console for good. */
function putOut(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  if (console?.tab === undefined) return;
  const { connection } = console.tab;
  state.connections.delete(connection);
  turn.sends.push({ type: "close", to: connection, code: "logged_out" });
  console.tab = undefined;
  console.lostAt = turn.at;
  state.deadlines.setBy(`agent/${agentId}`, turn.at + limits.presenceGraceMs);
  offerAgent(turn, agentId);
  withdrawOffers(turn, agentId);
}

/**
 * The agent is gone for longer than the grace, or for good: its chats go by the site's policy, a
 * bounded number at once. [AG4, LO2]
 */
export function leaveChats(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  takeOffline(turn, agentId);
  const policy = policyFor(turn, agentId);
  if (policy === undefined) return;
  const later = () => state.deadlines.setBy(`leave/${agentId}`, turn.at);
  for (const chatId of [...state.attendingOf(agentId)]) {
    if (turn.isFull) return later();
    const chat = state.chats.get(chatId);
    if (chat !== undefined) putOutParticipant(turn, chat, agentId);
  }
  if (policy === "keep") return;
  for (const chatId of [...state.ongoingOf(agentId)]) {
    if (turn.isFull) return later();
    const chat = state.chats.get(chatId);
    if (chat !== undefined) leaveOne(turn, chat, policy);
  }
}

/** Who may not be here any more is offline, and its status log says since when. [SC4] */
function takeOffline(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const { siteId, version } = state.config;
  if (!isBarred(state, state.consoles.get(agentId) ?? { agentId })) return;
  if (state.registersOf(agentId).status === "offline") return;
  const status = "offline";
  turn.record({ type: "agent_status_set", agentId, status, at: turn.at });
  turn.publish(
    agentStatusJob(siteId, { agentId, status, at: turn.at, cause: `${siteId}/config/${version}` }),
  );
  offerAgent(turn, agentId);
}

type Policy = "keep" | "requeue" | "transfer" | "end";

/**
 * What becomes of the agent's chats now; undefined while it may have them. Who cannot come back,
 * as it is disabled or not configured any more, keeps nothing beyond the grace. [LO1, LO2, LO3]
 */
function policyFor(turn: Turn, agentId: AgentId): Policy | undefined {
  const { state } = turn;
  const { afterGrace, atLogout } = state.config.absence;
  const console = state.consoles.get(agentId);
  const isOut = isBarred(state, console ?? { agentId });
  if (console?.tab !== undefined && !isOut) return undefined;
  const endsAt = console === undefined
    ? state.seatedSince + limits.presenceGraceMs
    : graceEndsAt(state, console);
  if (endsAt === undefined || endsAt <= turn.at) {
    return afterGrace === "keep" && isBarred(state, { agentId }) ? "requeue" : afterGrace;
  }
  const isLoggedOut = isOut || state.registersOf(agentId).status === "offline";
  if (isLoggedOut && atLogout !== "keep") return atLogout;
  state.deadlines.setBy(`agent/${agentId}`, endsAt);
  return undefined;
}

function leaveOne(turn: Turn, chat: Chat, policy: Exclude<Policy, "keep">): void {
  if (handOver(turn, chat, {})) return;
  const { departmentId } = turn.state.config.absence;
  switch (policy) {
    case "requeue":
      return requeue(turn, chat, { why: "agent_gone" });
    case "transfer":
      return requeue(turn, chat, { why: "agent_gone", departmentId });
    case "end":
      return end(turn, chat, { by: systemAuthor, reason: "agent_left" });
  }
}

/** The agent's own settings; the latest wins. [PF1] */
export function savePreferences(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"save_preferences">,
): void {
  const { agentId } = agent;
  const { commandId, preferences } = frame;
  if (turn.isRepeat(agent, commandId, connection)) return;
  turn.record({ type: "agent_preferences_set", agentId, preferences, at: turn.at, commandId });
  turn.publish({
    queue: "agent.savePreference",
    uniqueId: commandId,
    payload: { siteId: turn.state.config.siteId, agentId, preferences, time: turn.at },
  });
  turn.done(connection, commandId);
}

/**
 * The configuration changed: agents that are disabled or gone, or whose sessions were ended, are
 * put out and their chats go by the policy, whoever may no longer join or monitor is put out of
 * those chats, bans take effect. Each agent's chats are seen to by an event of their own.
 * [LO3, SC4]
 */
export function staffChanged(turn: Turn): void {
  const { state } = turn;
  const { consoles, ongoing, attending } = state;
  for (const agentId of new Set([...consoles.keys(), ...ongoing.keys(), ...attending.keys()])) {
    const isOut = isBarred(state, consoles.get(agentId) ?? { agentId });
    if (isOut) putOut(turn, agentId);
    if (isOut || state.attendingOf(agentId).size > 0) {
      state.deadlines.setBy(`leave/${agentId}`, turn.at);
    }
    offerAgent(turn, agentId);
    withdrawOffers(turn, agentId);
  }
  // Modes, departments and their backups may be others now.
  for (const [, queue] of state.waiting) queue.unparkAll();
  bansConfigured(turn);
  assignWaiting(turn);
}

/** What an agent has to leave now: chats it may not be in any more, or all of them. [LO3] */
export function leaveDue(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const config = state.agentConfigs.get(agentId);
  for (const chatId of [...state.attendingOf(agentId)]) {
    if (turn.isFull) {
      return state.deadlines.setBy(`leave/${agentId}`, turn.at);
    }
    const chat = state.chats.get(chatId);
    const permission = chat?.participants.get(agentId) === "joined" ? "join" : "monitor";
    if (chat !== undefined && !may(config, permission, chat.departmentId)) {
      putOutParticipant(turn, chat, agentId);
    }
  }
  leaveChats(turn, agentId);
}
