import type { Archive } from "../archive/archive.ts";
import type { ConfigCache } from "../cache/config_cache.ts";
import type { Queue } from "../mq/queue.ts";
import type { Clock } from "../server/clock.ts";
import type { DiskBudget } from "../server/disk_budget.ts";
import type { Log } from "../server/log.ts";
import type { Node } from "../server/node.ts";
import type { Parts } from "../server/parts.ts";
import type { Via } from "../server/session_hub.ts";
import type { SessionTokens } from "../server/session_token.ts";
import type { Signer } from "../server/signer.ts";
import type { KeyedLimit, RateLimits } from "./rate_limit.ts";

/** What the edge stands on. */
export interface AppDeps {
  readonly node: Node;
  readonly configs: ConfigCache;
  readonly tokens: SessionTokens;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: DiskBudget;
  /** What happened before; may be away. */
  readonly archive: Archive;
  /** What the node can do without, and whether it is there. */
  readonly parts: Parts;
  /** Of the master keys, newest first. */
  readonly keyFingerprints: readonly string[];
  readonly queue: Queue;
  /** What lets the operator in. */
  readonly operatorKey: string;
  readonly limits: RateLimits;
  readonly siteFrames: KeyedLimit;
  /** Folder of the built pages. */
  readonly webDir: string;
  /** False while the node starts or stops. */
  isReady(): boolean;
}

/** Hono's variables here: the peer's address and the listener come as `env`. */
export interface AppEnv {
  Bindings: { readonly remoteAddr?: Deno.Addr; readonly via?: Via };
}
