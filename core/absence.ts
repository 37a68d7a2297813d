import type { Chat } from "./chat.ts";
import type { Millis } from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentPresence, Presence } from "./presence.ts";
import type { SiteState } from "./site_state.ts";

/**
 * When the silence of a chat must be warned about or ends it. Counted from the last entry, or from
 * when the node took its seat if that is later: our own absence is nobody's silence. [IN1]
 */
export function inactiveAt(
  state: SiteState,
  chat: Chat,
): { readonly at: Millis; readonly then: "warn" | "end" } {
  const { warnAfterMs, endAfterMs } = state.config.inactivity;
  const last = chat.entries.at(-1);
  // What another tenure stamped came before this seat, whatever its clock said.
  const ours = last !== undefined && last.tenure === state.tenure;
  const lastAt = ours ? Math.max(last.at, state.seatedSince) : state.seatedSince;
  return last?.kind === "inactivity_warned"
    ? { at: lastAt + endAfterMs, then: "end" }
    : { at: lastAt + warnAfterMs, then: "warn" };
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

/** Whether an agent counts as present: connected, or lost for less than the grace. [AG2] */
export function isPresent(state: SiteState, agent: AgentPresence, at: Millis): boolean {
  const endsAt = graceEndsAt(state, agent);
  return endsAt === undefined || at < endsAt;
}
