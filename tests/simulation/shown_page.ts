import type { SignedEntry } from "../../core/entry.ts";
import type { SiteId } from "../../core/ids.ts";
import type { Holder } from "../../web/sdk/holder.ts";
import type { ClientSnapshot } from "../../web/sdk/snapshot.ts";

/** What a page showed of a chat. */
export interface ShownChat {
  readonly entries: readonly SignedEntry[];
  readonly identities: Set<string>;
}

/** A page as the checker sees it. */
export interface ShownPage {
  readonly name: string;
  readonly siteId: SiteId;
  readonly holder: Holder;
  readonly gone: boolean;
  /** When its person last told it to connect. */
  readonly startedAt: number;
  readonly snapshot: ClientSnapshot;
  /** What it showed when the checker last looked, by chat. */
  readonly shown: Map<string, ShownChat>;
  /** Changed since the checker last looked. */
  dirty: boolean;
}
