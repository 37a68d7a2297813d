import { isPresent } from "./absence.ts";
import type { AgentId, CommandId, ConnectionNo } from "./ids.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentStatus } from "./protocol.ts";
import type { Turn } from "./turn.ts";

/** Puts an agent into the pool of those who can take a chat now, or takes it out. */
export function offerAgent(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  const limit = state.agentConfigs.get(agentId)?.chatLimit ?? 0;
  const ongoing = state.ongoingOf(agentId).size;
  const online = state.agents.get(agentId)?.status === "online";
  if (console !== undefined && online && ongoing < limit && isPresent(state, console, turn.at)) {
    const { lastAllocatedAt, idleSince } = console;
    state.pool.offer(agentId, { ongoing, lastAllocatedAt, idleSince });
  } else {
    state.pool.withdraw(agentId);
  }
}

/** The agent's own choice of status; it outlives connections and restarts. [AG1] */
export function setStatus(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  command: { readonly commandId: CommandId; readonly status: AgentStatus },
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { commandId, status } = command;
  const registers = state.registersOf(agentId);
  if (!registers.commands.includes(commandId)) {
    if (registers.status !== "online" && status === "online") agent.idleSince = turn.at;
    turn.record({ type: "agent_status_set", agentId, status, at: turn.at, commandId });
    turn.publish({
      queue: "agentStatus.log",
      uniqueId: `${agentId}/${commandId}`,
      payload: { siteId: state.config.siteId, agentId, status, time: turn.at },
    });
    offerAgent(turn, agentId);
  }
  turn.send(connection, { type: "done", commandId });
  turn.send(connection, { type: "status", status: registers.status });
}
