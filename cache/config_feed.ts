import { z } from "zod";
import { type SiteId, siteIdSchema, ulidSchema } from "../core/ids.ts";
import { configLimits } from "./config_limits.ts";
import type { ChangesPage, LogPosition, RemovedSite, StoredSite } from "./config_store.ts";

/** Some of a store's sites, in order of their ids. */
export interface SitesPage {
  /** Where the log ended before these were read. */
  readonly head: LogPosition;
  readonly sites: readonly StoredSite[];
  /** Removals of sites whose ids are up to `next`. */
  readonly removed: readonly RemovedSite[];
  /** What to give as `after` for more; undefined at the end. */
  readonly next: SiteId | undefined;
}

/** How a feed is asked. */
export interface FeedQuestion {
  readonly limit: number;
  /** How long to wait for a change when there is none. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/**
 * What a store lets others follow. Both methods throw FeedUnavailable when it cannot be reached or
 * does not let the asker in.
 */
export interface ConfigFeed {
  /** As ConfigStore.changes; an empty page only after waitMs, or when too many wait. */
  changes(after: LogPosition, question: FeedQuestion): Promise<ChangesPage | "gone">;
  /** The head of the first page is where to follow from, once all pages are read. */
  sites(after: SiteId | undefined, signal?: AbortSignal): Promise<SitesPage>;
}

/** The configuration cannot be followed just now; the message says why. */
export class FeedUnavailable extends Error {
  override name = "FeedUnavailable";
}

const n = z.int().min(0);
const changeId = z.union([ulidSchema, z.literal("")]);

/** A position on the wire. */
export const logPositionSchema = z.strictObject({
  logId: z.string().min(1).max(64),
  n,
  changeId,
});

const changeSchema = z.object({
  ...logPositionSchema.shape,
  siteId: siteIdSchema,
  version: z.int().min(1),
  isRemoved: z.boolean(),
  at: z.number(),
  by: z.string(),
  what: z.string(),
});

const storedSiteSchema = z.object({
  siteId: siteIdSchema,
  version: z.int().min(1),
  json: z.string().max(2 * configLimits.configBytesMax),
});

/** A page of changes on the wire: a newer peer may say more. */
export const changesPageSchema = z.object({
  changes: z.array(changeSchema).max(configLimits.pageChangesMax),
  sites: z.array(storedSiteSchema).max(configLimits.pageChangesMax),
  head: z.object(logPositionSchema.shape),
});

/** A page of sites on the wire. */
export const sitesPageSchema = z.object({
  head: z.object({ logId: z.string().max(64), n, changeId }),
  sites: z.array(storedSiteSchema).max(configLimits.pageSitesMax),
  /** An older peer says nothing of them. */
  removed: z.array(z.object({ siteId: siteIdSchema, removedAt: z.number() }))
    .max(configLimits.pageSitesMax).default([]),
  next: siteIdSchema.optional(),
});
