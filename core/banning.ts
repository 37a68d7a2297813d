import { visitorGone } from "./arriving.ts";
import type { Ban } from "./ban.ts";
import { end } from "./ending.ts";
import { systemAuthor } from "./entry.ts";
import type { ConnectionNo } from "./ids.ts";
import { banJob } from "./job.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import type { AgentPresence, VisitorPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<AgentFrame, { type: Type }>;

/**
 * Bans a visitor, an address or a range: running chats end, pages are closed, and whoever is banned
 * is on no list any more. A ban's id is the commandId that made it. [BN1, BN2]
 */
export function banVisitor(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"ban">,
): void {
  const { state } = turn;
  const { commandId, target, until } = frame;
  const refuse = (code: "forbidden" | "too_many" | "id_reused") =>
    turn.refuse(connection, commandId, { code });
  if (!may(state.agentConfigs.get(agent.agentId), "ban", undefined)) return refuse("forbidden");
  const known = state.bans.get(commandId);
  if (known !== undefined) {
    if (JSON.stringify(known.target) !== JSON.stringify(target)) return refuse("id_reused");
    return turn.done(connection, commandId);
  }
  if (turn.isRepeat(agent, commandId, connection)) return;
  if (state.bans.size >= limits.bansMax) return refuse("too_many");
  const ban: Ban = { banId: commandId, target, ...(until === undefined ? {} : { until }) };
  turn.record({ type: "ban_set", ban, by: agent.agentId, at: turn.at });
  remember(turn, agent, frame);
  turn.publish(banJob(state.config.siteId, ban, {
    by: agent.agentId,
    at: turn.at,
    lifted: false,
    ...(frame.comment === undefined ? {} : { comment: frame.comment }),
  }));
  enforceBans(turn);
  turn.done(connection, commandId);
}

function remember(
  turn: Turn,
  agent: AgentPresence,
  frame: FrameOf<"ban"> | FrameOf<"lift_ban">,
): void {
  const { agentId } = agent;
  const { commandId, type: command } = frame;
  turn.record({ type: "agent_acted", agentId, commandId, command, at: turn.at });
}

/** Lifts a ban that was set here; those of the configuration are lifted there. [BN3] */
export function liftBan(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"lift_ban">,
): void {
  const { state } = turn;
  const { commandId, banId } = frame;
  if (!may(state.agentConfigs.get(agent.agentId), "lift_ban", undefined)) {
    return turn.refuse(connection, commandId, { code: "forbidden" });
  }
  if (turn.isRepeat(agent, commandId, connection)) return;
  const ban = state.bans.get(banId);
  if (ban === undefined || state.config.bans.some((one) => one.banId === banId)) {
    return turn.refuse(connection, commandId, { code: "unknown_ban", field: "banId" });
  }
  turn.record({ type: "ban_lifted", banId, at: turn.at });
  remember(turn, agent, frame);
  const { siteId } = state.config;
  turn.publish(banJob(siteId, ban, { by: agent.agentId, at: turn.at, lifted: true }));
  turn.done(connection, commandId);
}

/** Whoever is here and banned is put out. Looks at every visitor: bans are rare. */
export function enforceBans(turn: Turn): void {
  const { state } = turn;
  for (const visitor of [...state.visitors.values()]) {
    if (state.bans.of(visitor, turn.at) !== undefined) putOut(turn, visitor);
  }
}

function putOut(turn: Turn, visitor: VisitorPresence): void {
  const { state } = turn;
  const chat = state.runningOf.get(visitor.visitorId);
  if (chat !== undefined) end(turn, chat, { by: systemAuthor, reason: "banned" });
  for (const tab of visitor.tabs) {
    state.connections.delete(tab.connection);
    turn.sends.push({ type: "close", to: tab.connection, code: "banned" });
  }
  visitor.tabs = [];
  visitorGone(turn, visitor);
}
