import { assign, assignWaiting, requeue, tryParked } from "./assigning.ts";
import { enforceBans } from "./banning.ts";
import type { Chat } from "./chat.ts";
import { graceEndsAt } from "./absence.ts";
import { end } from "./ending.ts";
import { systemAuthor } from "./entry.ts";
import type { AgentId, ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import { putOutParticipant } from "./participating.ts";
import { permissionTable } from "./permission.ts";
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
  if (reason !== undefined && (status !== "away" || !awayReasons.includes(reason))) {
    const message = `One of the site's reasons to be away: ${awayReasons.join(", ") || "none"}`;
    return turn.refuse(connection, commandId, { code: "bad_answer", field: "reason", message });
  }
  if (!turn.isRepeat(agent, commandId, connection)) {
    changeStatus(turn, agent, { status, reason, commandId });
    turn.done(connection, commandId);
  }
  const now = state.registersOf(agent.agentId);
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
  turn.publish({
    queue: "agentStatus.log",
    uniqueId: `${agentId}/${commandId}`,
    payload: {
      siteId: state.config.siteId,
      agentId,
      status,
      reason: reason ?? null,
      time: turn.at,
    },
  });
  offerAgent(turn, agentId);
  tryParked(turn, agentId);
}

/** The session ends: offline, and its chats go one by one by the site's policy. [EN9, LO1] */
export function logOut(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"log_out">,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { commandId } = frame;
  if (!turn.isRepeat(agent, commandId, connection)) {
    changeStatus(turn, agent, { status: "offline", commandId });
    turn.done(connection, commandId);
  }
  putOut(turn, agentId);
  if (state.config.absence.atLogout !== "keep") leaveChats(turn, agentId);
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
}

/**
 * The agent is gone for longer than the grace, or for good: its chats go by the site's policy, a
 * bounded number at once. [AG4, LO2]
 */
export function leaveChats(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const { afterGrace, atLogout } = state.config.absence;
  const console = state.consoles.get(agentId);
  const endsAt = console === undefined ? undefined : graceEndsAt(state, console);
  const isOver = console === undefined || (endsAt !== undefined && endsAt <= turn.at);
  const isLoggedOut = state.registersOf(agentId).status === "offline" ||
    state.agentConfigs.get(agentId)?.disabled !== false;
  if (console?.tab !== undefined && !isLoggedOut) return;
  const policy = isOver || !isLoggedOut || atLogout === "keep" ? afterGrace : atLogout;
  for (const chatId of state.attendingOf(agentId)) {
    const chat = state.chats.get(chatId);
    if (chat !== undefined) putOutParticipant(turn, chat, agentId);
  }
  if (policy === "keep") return;
  for (const chatId of [...state.ongoingOf(agentId)]) {
    if (turn.isFull) {
      return state.deadlines.setBy(`leave/${agentId}`, turn.at);
    }
    const chat = state.chats.get(chatId);
    if (chat !== undefined) leaveOne(turn, chat, policy);
  }
}

function leaveOne(turn: Turn, chat: Chat, policy: "requeue" | "transfer" | "end"): void {
  const { departmentId } = turn.state.config.absence;
  const heir = [...chat.participants].find(([, mode]) => mode === "joined")?.[0];
  if (heir !== undefined) return assign(turn, chat, heir, { how: "inherited" });
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
 * The configuration changed: agents that are disabled or gone are put out and their chats go by the
 * policy, whoever may no longer join or monitor is put out of those chats, new bans take effect.
 * [LO3]
 */
export function staffChanged(turn: Turn): void {
  const { state } = turn;
  for (const agentId of new Set([...state.consoles.keys(), ...state.ongoing.keys()])) {
    const config = state.agentConfigs.get(agentId);
    state.feeds.agents.mark(agentId);
    if (config === undefined || config.disabled) {
      putOut(turn, agentId);
      state.deadlines.setBy(`leave/${agentId}`, turn.at);
    } else if (permissionTable[config.role].monitor === "none") {
      for (const chatId of state.attendingOf(agentId)) {
        const chat = state.chats.get(chatId);
        if (chat?.participants.get(agentId) === "monitoring") {
          putOutParticipant(turn, chat, agentId);
        }
      }
    }
    offerAgent(turn, agentId);
  }
  enforceBans(turn);
  assignWaiting(turn);
}
