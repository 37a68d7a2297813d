import type { SiteId } from "../../core/ids.ts";
import type { Backbone } from "./backbone.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Page } from "./page.ts";
import type { Person } from "./person.ts";
import type { Stage } from "./stage.ts";

/** A world as those see it who make something happen in it. */
export interface Scene {
  readonly stage: Stage;
  /** All nodes; of those only the one that a site is placed on serves it. */
  readonly nodes: readonly NodeProcess[];
  /** The links between nodes. */
  readonly backbone: Backbone;
  /** The node that a site is placed on. */
  nodeOf(siteId: SiteId): NodeProcess;
  readonly people: readonly Person[];
  readonly pages: readonly Page[];
  /** Something is under way that has to come to its end before the world heals. */
  busyUntil(at: number): void;
}
