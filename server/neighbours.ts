import type { NeighbourAnswer } from "../core/event.ts";
import type { SiteId } from "../core/ids.ts";
import type { NeighbourRequest } from "../core/outcome.ts";

/** Who answers the engine's requests from outside, each within its deadline. */
export interface Neighbours {
  ask(siteId: SiteId, request: NeighbourRequest): Promise<NeighbourAnswer>;
}

/** A live neighbour's answer; without one, or when it fails, the answer is that it failed. [AD6] */
export async function askNeighbour(
  neighbours: Neighbours | undefined,
  siteId: SiteId,
  request: NeighbourRequest,
): Promise<NeighbourAnswer> {
  if (neighbours === undefined) return { kind: "failed", why: "no worker is connected" };
  try {
    return await neighbours.ask(siteId, request);
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message : "unknown" };
  }
}
