import type { SiteId } from "../../core/ids.ts";
import type { Holder } from "../../web/sdk/holder.ts";

/** Whose link it is. */
export interface LinkOwner {
  readonly siteId: SiteId;
  readonly holder: Holder;
  /** The page at the other end, for the trace. */
  readonly pageName: string;
}

/** A link as the checker and faults see it. Its text names it. */
export interface Wire {
  readonly owner: LinkOwner;
  /** Frames that the node received on it, by the id that a sender repeats, with their type. */
  readonly asked: Map<string, string>;
  /** Whether the page gave its end up. */
  readonly pageOver: boolean;
  /** Both directions end at once; either end is told, sooner or later. */
  cut(when: { readonly pageMs: number; readonly serverMs: number }): void;
}
