import type { Chat } from "./chat.ts";
import type { Entry } from "./entry.ts";
import type { AgentId, Millis } from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentPresence, Presence } from "./presence.ts";
import type { SiteState } from "./site_state.ts";

/**
 * When the silence of a chat must be warned about, ends it, or takes it from its silent agent.
 * Counted from the last entry, or from when the node took its seat if that is later: our own
 * absence is nobody's silence. [IN1, IN5]
 */
export function inactiveAt(
  state: SiteState,
  chat: Chat,
): { readonly at: Millis; readonly then: "warn" | "end" | "reassign" } {
  const { warnAfterMs, endAfterMs, agentSilentMs } = state.config.inactivity;
  const last = lastShown(chat);
  // What another tenure stamped came before this seat, whatever its clock said.
  const ours = last !== undefined && last.tenure === state.tenure;
  const lastAt = ours ? Math.max(last.at, state.seatedSince) : state.seatedSince;
  const due = last?.kind === "inactivity_warned"
    ? { at: lastAt + endAfterMs, then: "end" as const }
    : { at: lastAt + warnAfterMs, then: "warn" as const };
  if (agentSilentMs === undefined || chat.state.state !== "active") return due;
  const unansweredAt = unansweredSince(state, chat, chat.state.since);
  if (unansweredAt === undefined || unansweredAt + agentSilentMs >= due.at) return due;
  return { at: unansweredAt + agentSilentMs, then: "reassign" };
}

/**
 * The last entry that counts: that a monitor comes or goes, translations and results of scans are
 * nobody's writing.
 */
function lastShown(chat: Chat): Entry | undefined {
  return chat.log.entries.findLast(({ stream, author, changes }) =>
    changes === undefined && !(stream === "staff" && author.type === "system")
  );
}

/**
 * Since when the visitor waits for an answer of the agent that has the chat. Looks back over the
 * visitor's own run of messages only.
 */
function unansweredSince(state: SiteState, chat: Chat, assignedAt: Millis): Millis | undefined {
  let since: Millis | undefined;
  const { entries } = chat.log;
  for (let place = entries.length - 1; place >= 0; place--) {
    const entry = entries[place];
    if (entry === undefined) break;
    if (entry.author.type === "agent" && entry.stream === "public") break;
    if (entry.author.type === "visitor") since = entry.at;
  }
  return since === undefined ? undefined : Math.max(since, assignedAt, state.seatedSince);
}

/**
 * When the absent visitor of a waiting chat counts as gone; undefined while a tab is connected.
 * [IN3]
 */
export function absentAfter(state: SiteState, chat: Chat): Millis | undefined {
  const visitor = state.visitors.get(chat.visitorId);
  if (visitor !== undefined && visitor.tabs.length > 0) return undefined;
  return Math.max(visitor?.lostAt ?? 0, state.seatedSince) + limits.presenceGraceMs;
}

/** When an absence becomes official; undefined while somebody is connected. [AG2] */
export function graceEndsAt(state: SiteState, presence: Presence): Millis | undefined {
  const connected = presence.type === "agent" ? presence.tab !== undefined : presence.tabs.length;
  if (connected) return undefined;
  return Math.max(presence.lostAt ?? 0, state.seatedSince) + limits.presenceGraceMs;
}

/**
 * Whether the agent may not be here: it is disabled, not configured any more, or its session was
 * ended by another tokenVersion. [SC4]
 */
export function isBarred(
  state: SiteState,
  { agentId, tokenVersion }: {
    readonly agentId: AgentId;
    readonly tokenVersion?: number | undefined;
  },
): boolean {
  const config = state.agentConfigs.get(agentId);
  if (config === undefined || config.disabled) return true;
  return tokenVersion !== undefined && tokenVersion !== config.tokenVersion;
}

/** Whether an agent counts as present: connected, or lost for less than the grace. [AG2] */
export function isPresent(state: SiteState, agent: AgentPresence, at: Millis): boolean {
  const endsAt = graceEndsAt(state, agent);
  return endsAt === undefined || at < endsAt;
}
