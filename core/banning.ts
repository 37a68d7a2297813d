import { visitorGone } from "./arriving.ts";
import { type Ban, isOver } from "./ban.ts";
import { end } from "./ending.ts";
import { systemAuthor } from "./entry.ts";
import type { ConnectionNo, Millis, VisitorId } from "./ids.ts";
import { banJob } from "./job.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import type { AgentPresence } from "./presence.ts";
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
  const known = state.bans.get(commandId);
  if (known !== undefined) {
    if (JSON.stringify(known.target) !== JSON.stringify(target)) return refuse("id_reused");
    return turn.done(connection, commandId);
  }
  if (state.bans.lifted.has(commandId)) return turn.done(connection, commandId);
  if (turn.isRepeat(agent, commandId, connection)) return;
  if (!may(state.agentConfigs.get(agent.agentId), "ban", undefined)) return refuse("forbidden");
  if (state.bans.count >= limits.bansMax) return refuse("too_many");
  const ban: Ban = { banId: commandId, target, ...(until === undefined ? {} : { until }) };
  turn.record({ type: "ban_set", ban, by: agent.agentId, at: turn.at });
  turn.remember(agent, frame);
  turn.publish(banJob(state.config.siteId, ban, {
    by: agent.agentId,
    at: turn.at,
    lifted: false,
    ...(frame.comment === undefined ? {} : { comment: frame.comment }),
  }));
  if (until !== undefined) state.deadlines.setBy("bans", until);
  if (target.type === "visitor") putOut(turn, target.visitorId);
  else enforceBans(turn);
  turn.done(connection, commandId);
}

/**
 * Lifts a ban, also one of the configuration: it counts no more from here on, and the job has it
 * taken out there. [BN3, SC6]
 */
export function liftBan(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"lift_ban">,
): void {
  const { state } = turn;
  const { commandId, banId } = frame;
  if (turn.isRepeat(agent, commandId, connection)) return;
  if (!may(state.agentConfigs.get(agent.agentId), "lift_ban", undefined)) {
    return turn.refuse(connection, commandId, { code: "forbidden" });
  }
  const ban = state.bans.get(banId);
  if (ban === undefined) {
    return turn.refuse(connection, commandId, { code: "unknown_ban", field: "banId" });
  }
  turn.record({ type: "ban_lifted", banId, everywhere: true, at: turn.at });
  turn.remember(agent, frame);
  state.deadlines.setBy("bans", turn.at + limits.banLiftKeptMs);
  const { siteId } = state.config;
  turn.publish(banJob(siteId, ban, { by: agent.agentId, at: turn.at, lifted: true }));
  turn.done(connection, commandId);
}

/**
 * Whoever is here and banned is put out. Looks at every visitor, as bans are rare; what is more
 * than one event may decide follows at once.
 */
export function enforceBans(turn: Turn): void {
  const { state } = turn;
  for (const visitor of [...state.visitors.values()]) {
    if (state.bans.of(visitor, turn.at) === undefined) continue;
    if (turn.isFull) return state.deadlines.setBy("bans", turn.at);
    putOut(turn, visitor.visitorId);
  }
}

/**
 * The configuration may have other bans now: those that it took over are its own, and those that it
 * took out are lifted. Whoever is banned is put out. [SC6]
 */
export function bansConfigured(turn: Turn): void {
  const { bans, deadlines } = turn.state;
  for (const { banId, change } of bans.unsettled()) {
    if (turn.isFull) {
      deadlines.setBy("bans", turn.at);
      break;
    }
    turn.record({ type: change, banId, at: turn.at });
  }
  enforceBans(turn);
}

/** Bans that are over are forgotten, and whoever is still to be put out is. [BN4] */
export function bansDue(turn: Turn): void {
  const { state } = turn;
  let next: Millis | undefined;
  for (const [banId, liftedAt] of state.bans.lifted) {
    const until = liftedAt + limits.banLiftKeptMs;
    if (state.bans.isConfigured(banId)) continue;
    if (until > turn.at) next = Math.min(next ?? until, until);
    else if (turn.isFull) next = turn.at;
    else turn.record({ type: "ban_lift_settled", banId, at: turn.at });
  }
  for (const ban of [...state.bans]) {
    if (ban.until === undefined) continue;
    if (!isOver(ban, turn.at)) next = Math.min(next ?? ban.until, ban.until);
    else if (turn.isFull) next = turn.at;
    else turn.record({ type: "ban_lifted", banId: ban.banId, at: turn.at });
  }
  if (next !== undefined) state.deadlines.setBy("bans", next);
  bansConfigured(turn);
}

function putOut(turn: Turn, visitorId: VisitorId): void {
  const { state } = turn;
  const chat = state.runningOf.get(visitorId);
  const visitor = state.visitors.get(visitorId);
  for (const tab of visitor?.tabs ?? []) state.connections.delete(tab.connection);
  if (chat !== undefined) end(turn, chat, { by: systemAuthor, reason: "banned" });
  if (visitor === undefined) return;
  for (const tab of visitor.tabs) {
    turn.sends.push({ type: "close", to: tab.connection, code: "banned" });
  }
  visitor.tabs = [];
  visitorGone(turn, visitor);
}
