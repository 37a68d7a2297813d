import type { NodeProcess } from "./node_process.ts";
import type { Page } from "./page.ts";
import type { Person } from "./person.ts";
import type { Stage } from "./stage.ts";

/** A world as those see it who make something happen in it. */
export interface Scene {
  readonly stage: Stage;
  /** The node that serves all sites. */
  readonly node: NodeProcess;
  readonly people: readonly Person[];
  readonly pages: readonly Page[];
  /** Something is under way that has to come to its end before the world heals. */
  busyUntil(at: number): void;
}
