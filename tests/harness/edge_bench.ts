import type { Claims } from "../../server/session_token.ts";
import { SessionTokens } from "../../server/session_token.ts";
import { createApp } from "../../routes/app.ts";
import type { AppDeps } from "../../routes/app_deps.ts";
import { KeyedLimit, type RateLimits } from "../../routes/rate_limit.ts";
import type { Queue } from "../../mq/queue.ts";
import { Parts } from "../../server/parts.ts";
import { DiskBudget } from "../../server/disk_budget.ts";
import type { Archive } from "../../archive/archive.ts";
import { noArchive } from "./no_archive.ts";
import { noQueue } from "./no_queue.ts";
import { benchKeys, NodeBench, type NodeBenchOptions } from "./node_bench.ts";
import type { MemoryJournalStore } from "./memory_journal_store.ts";
import { agentIdSchema, siteIdSchema } from "../../core/ids.ts";

const generous: RateLimits = {
  framesPerSecond: 50,
  framesBurst: 100,
  siteFramesPerSecond: 2_000,
  visitorsPerMinute: 600,
  loginsPerMinute: 30,
  connectionsMax: 1_000,
};

/** What differs at the edge from the defaults. */
export interface EdgeBenchOptions extends NodeBenchOptions<MemoryJournalStore> {
  readonly rates?: Partial<RateLimits>;
  readonly archive?: Archive;
  /** Bytes in use out of 1,000. */
  readonly diskUsed?: () => number;
  /** The default is a broker that is away. */
  readonly queue?: Queue;
}

/** The real edge over a node on virtual time. */
export interface EdgeBench {
  readonly bench: NodeBench;
  readonly deps: AppDeps;
  readonly app: ReturnType<typeof createApp>;
  /** A token that this edge takes; seconds from now until it expires. */
  token(claims: { kind: "visitor" | "agent"; sub: string; site?: string; lives?: number }): Promise<
    string
  >;
}

/** Starts a node and the edge over it. */
export async function startEdge(options: EdgeBenchOptions = {}): Promise<EdgeBench> {
  const bench = await NodeBench.start(options);
  const limits = { ...generous, ...options.rates };
  const tokens = new SessionTokens(benchKeys);
  const { siteFramesPerSecond } = limits;
  const deps: AppDeps = {
    node: bench.node,
    configs: bench.configs,
    tokens,
    signer: bench.signer,
    clock: bench.clock,
    log: bench.log,
    disk: new DiskBudget(1_000, options.diskUsed ?? (() => 0)),
    archive: options.archive ?? noArchive,
    parts: new Parts(() => bench.clock.now()),
    keyFingerprints: benchKeys.fingerprints(),
    queue: options.queue ?? noQueue,
    operatorKey: "op_bench",
    limits,
    siteFrames: new KeyedLimit({ rate: siteFramesPerSecond, burst: siteFramesPerSecond }),
    webDir: "web/dist",
    isReady: () => true,
  };
  return {
    bench,
    deps,
    app: createApp(deps),
    token: ({ kind, sub, site = "acme", lives = 3_600 }) => {
      const exp = Math.floor(Date.now() / 1_000) + lives;
      const siteId = siteIdSchema.parse(site);
      const claims: Claims = kind === "visitor"
        ? { kind, site: siteId, sub: bench.ids.visitor(), visit: "visit-1", exp }
        : { kind, site: siteId, sub: agentIdSchema.parse(sub), tokenVersion: 1, exp };
      // A visitor's id is given where a test needs to know it.
      const named = kind === "visitor" && sub !== "" ? { ...claims, sub } as Claims : claims;
      return tokens.issue(named);
    },
  };
}
