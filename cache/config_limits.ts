import { limits } from "../core/limits.ts";

/** Limits of configurations and their log, by name, each with its reason. */
export const configLimits = {
  /**
   * One site's configuration as JSON, the engine's limit: written with its log and audit rows in
   * one transaction of Deno KV, which takes 800 KiB, and read as one snapshot, ten values at most.
   */
  configBytesMax: limits.configBytesMax,
  /** Below Deno KV's limit of 64 KiB a value; longer configurations take several. */
  partBytesMax: 60_000,
  /** Below Deno KV's limits for a transaction: 800 KiB and 1,000 mutations. */
  transactionBytesMax: 700 * 1024,
  transactionMutationsMax: 900,
  /** Agents of one row of those that are still to be published: a turn of their publisher. */
  savedAgentsPerRow: 100,
  /** Changes that the log keeps. Who is further behind loads every site anew. */
  logChangesMax: 100_000,
  /** Log rows deleted along with a write: more than are written, so that a long log shrinks. */
  trimmedPerWrite: 20,
  /** Changes and bytes of sites in one page of the log. */
  pageChangesMax: 300,
  pageBytesMax: 600 * 1024,
  /** Sites of one page of a copy. */
  pageSitesMax: 1_000,
  /** What a page may take on the wire: its sites are JSON in JSON. */
  pageWireBytesMax: 8 * 1024 * 1024,
  /** How long the feed holds a question that there is no answer to yet. */
  feedWaitMsMax: 20_000,
  /** Questions that it holds at once; beyond them it answers at once, and is asked again. */
  feedWaitersMax: 1_000,
  /** How long a follower lets the feed wait, and how much longer it waits for the answer. */
  followWaitMs: 10_000,
  followAnswerMsMax: 5_000,
  /** Pause of a follower after an empty answer that came at once. */
  followPollMs: 1_000,
  /**
   * Pauses of a follower whose source is away: doubled up to so much, each with full jitter. Short,
   * as a change is to be seen 2 s after the source is back.
   */
  followRetryMsMin: 200,
  followRetryMsMax: 1_500,
  /** How long audit rows are kept: a year, and some time to look at it. */
  auditDaysMax: 400,
  /** Rows of the audit log in one page. */
  auditRowsMax: 500,
  /** Sites used within so many days are read before they are asked for. [DB3] */
  usedDaysMax: 31,
  /** Sites whose ids, and whose bytes, are read before the cache is open; the rest follows. */
  idsAtOpenMax: 1_000,
  readAtOpenMax: 100,
  /** Sites read at once in the background: 20 reads take 2 ms of the store's thread. */
  readAtOnce: 20,
  /**
   * Bytes that are read before they are asked for: 32,000 sites of 2 KB. A site beyond them is read
   * on first use, in 0.15 ms.
   */
  keptBytesMax: 64 * 1024 * 1024,
  /** Parsed configurations in memory, 10 to 100 KB each; parsing one again takes 0.1 ms. */
  parsedMax: 2_000,
  /** Attempts of a change whose writer does not mind what the version is. */
  changeAttemptsMax: 100,
} as const;
