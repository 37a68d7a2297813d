import type { SiteId } from "../core/ids.ts";
import type { NounSnapshot } from "../core/noun.ts";
import type { SiteState } from "../core/site_state.ts";

/** A noun's own record: its state after all facts up to and including log record `seq`. */
export interface SavedNoun {
  readonly v: number;
  readonly seq: number;
  /** Null: the noun is gone, and the facts about it up to this record are void. */
  readonly noun: NounSnapshot | null;
}

/** The empty state of a site to fill, or its state now; undefined when it is not served here. */
export type StateOf = (siteId: SiteId) => SiteState | undefined;
