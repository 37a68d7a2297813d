import type { limits as coreLimits } from "../../core/limits.ts";

type Core = typeof coreLimits;

/**
 * Every limit of the SDK, by name, with its reason. `satisfies Core[…]` keeps it equal to the
 * server's.
 */
export const limits = {
  /** Below the idle cut of common proxies (30 to 60 s). */
  heartbeatMs: 25_000 satisfies Core["heartbeatMs"],
  /** Silence after a heartbeat until the socket counts as half-dead and is dropped. */
  heartbeatAnswerMs: 8_000 satisfies Core["heartbeatAnswerMsMax"],
  /** The same while other frames still arrive: on a slow link the answer queues behind pages. */
  heartbeatAnswerMsMax: 24_000,
  /** From opening a socket to its welcome; browsers themselves would try for minutes. */
  connectMsMax: 10_000,
  /** Open longer than this, a connection was good: the next loss starts the back-off anew. */
  stableMs: 3_000,
  /** Spreads clients that lost one node at the same moment. */
  reconnectJitterMs: 1_000,
  /** Longest wait between two attempts: a person still watches the page. */
  reconnectMsMax: 30_000,
  /** First wait after a retryable refusal, doubled each time up to the second. */
  retryMs: 500,
  retryMsMax: 30_000,
  /**
   * A command unanswered on a live connection for this long is sent again; its id makes it
   * harmless.
   */
  unansweredMsMax: 30_000,
  /**
   * Tries of a frame for a chat that the server forgot and may rebuild from what clients upload.
   */
  unknownChatTriesMax: 8,
  /** One outbound frame, bytes of UTF-8, and a message's text within it. */
  frameBytesMax: 64 * 1024,
  textBytesMax: 16 * 1024,
  /** One slice of an upload, entries and bytes: the server's page size. */
  pageEntriesMax: 50 satisfies Core["pageEntriesMax"],
  pageBytesMax: 48 * 1024,
  /**
   * Pages and uploads under way at once over all chats: 20 long chats must not choke a slow link.
   */
  transfersMax: 4,
  /**
   * Chats and streams that the schema of hello and heartbeat allows; bytes so that the frame fits.
   */
  chatsPerHelloMax: 100 satisfies Core["chatsPerHelloMax"],
  vectorStreamsMax: 64 satisfies Core["vectorStreamsMax"],
  vectorsBytesMax: 48 * 1024,
  /** Un-acked and failed things together: hours of typing, and what localStorage can hold. */
  outboxMax: 500,
  /**
   * An un-acked message in storage that another tab left behind this long ago is sent by this one.
   */
  adoptAfterMs: 20_000,
  /** Ids that a request is sent under, one after the other, as none of them is a new chat's. */
  requestIdsMax: 4,
  /** Chats whose id became another one that are remembered, for who still uses the first. */
  renamedMax: 50,
  /**
   * Older than this what somebody wrote is shown as failed, not sent, whether it lay in storage or
   * in the memory of a page that slept: servers forget ended chats then.
   */
  storedMsMax: 24 * 3600_000,
  /** Chats in memory, and ended ones among them; the oldest ended go first. */
  chatsMax: 200,
  endedChatsMax: 50,
  /** Entries of one chat: the server's limit and room for what splits added. */
  entriesPerChatMax: 25_000,
  /** Waiting chats listed: what the server lists, twice, as removals may lag. */
  waitingMax: 200,
  /**
   * Typing: told again while it goes on; taken as stopped; and how long a notice is shown without
   * news.
   */
  typingRepeatMs: 3_000,
  typingIdleMs: 5_000,
  typingShownMs: 8_000,
} as const;
