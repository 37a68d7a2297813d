import type { Millis, SiteId } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";

type AgentConfig = SiteConfig["agents"][number];

/**
 * An agent as a change of its site's configuration left it, one that was removed as it was last:
 * what others may know of it, and so no password and no limit.
 */
export type SavedAgent =
  & Pick<AgentConfig, "agentId" | "name" | "role" | "departmentIds" | "disabled">
  & { readonly removed: boolean };

/** Agents that one change made, changed or removed, and that are still to be published. [CC12] */
export interface SavedAgents {
  /** Grows from change to change; one that saves many agents has several. */
  readonly place: number;
  /** Names the change among all there ever were, unlike its version: sites are made anew. */
  readonly changeId: string;
  readonly siteId: SiteId;
  readonly version: number;
  readonly at: Millis;
  readonly agents: readonly SavedAgent[];
}

/**
 * The agents that differ between two configurations of a site, of which undefined has none: those
 * of the later one in its order, then those that are gone. [CC12]
 */
export function savedAgents(
  before: SiteConfig | undefined,
  after: SiteConfig | undefined,
): SavedAgent[] {
  const were = new Map(before?.agents.map((agent) => [agent.agentId, saved(agent)]));
  const are = after?.agents.map((agent) => saved(agent)) ?? [];
  const changed = are.filter((agent) => !isSame(agent, were.get(agent.agentId)));
  for (const { agentId } of are) were.delete(agentId);
  return [...changed, ...[...were.values()].map((agent) => ({ ...agent, removed: true }))];
}

function saved({ agentId, name, role, departmentIds, disabled }: AgentConfig): SavedAgent {
  return { agentId, name, role, departmentIds, disabled, removed: false };
}

function isSame(one: SavedAgent, other: SavedAgent | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
