import { ConfigCache } from "../../cache/config_cache.ts";
import { dayOf } from "../../cache/config_store.ts";
import type { Millis, SiteId } from "../../core/ids.ts";
import { type SiteConfig, siteConfigSchema } from "../../core/site_config.ts";
import { KeyRing } from "../../server/keys.ts";
import { type Claims, SessionTokens, type TokenFault } from "../../server/session_token.ts";
import { Signer } from "../../server/signer.ts";
import { MemoryConfigStore } from "../harness/memory_config_store.ts";
import type { Profile } from "./profile.ts";
import type { SiteConfigInput, SiteProfile } from "./site_profile.ts";
import { epoch } from "./virtual_clock.ts";

const ring = new KeyRing([{ keyId: "k1", secret: new Uint8Array(32).fill(7) }]);

/**
 * Tokens that are their own claims: nothing here waits for cryptography, which has tests of its
 * own.
 */
class OpenTokens extends SessionTokens {
  override issue(claims: Claims): Promise<string> {
    return Promise.resolve(JSON.stringify(claims));
  }

  override read(token: string): Promise<Claims | TokenFault> {
    const claims: Claims = JSON.parse(token);
    return Promise.resolve(claims);
  }
}

/** One for all worlds, as keys and signatures are the same in each. */
const signer = new Signer(ring);
const tokens = new OpenTokens(ring);

/** What was decided before the node was told leaves it within this time, slow commits included. */
const releaseMsMax = 10_000;

/** The sites of a world and what nodes need to know of them. */
export class Sites {
  readonly configs: ConfigCache;
  readonly all: readonly SiteConfig[];
  readonly signer = signer;
  readonly tokens = tokens;
  readonly #toldAt = new Map<SiteConfig, Millis>();
  readonly #history = new Map<SiteId, readonly SiteConfig[]>();

  private constructor(configs: ConfigCache, all: readonly SiteConfig[]) {
    this.configs = configs;
    this.all = all;
  }

  static async open(profile: Profile): Promise<Sites> {
    const all = profile.sites.map((site) => siteConfigSchema.parse(inputOf(site)));
    const store = new MemoryConfigStore();
    for (const config of all) {
      const { siteId, version } = config;
      store.kept.set(siteId, { version, json: JSON.stringify(config), usedAt: dayOf(epoch) });
    }
    const configs = await ConfigCache.open(store, { now: () => epoch });
    return new Sites(configs, all);
  }

  /** Every configuration that the site ever had, the latest last. */
  history(siteId: SiteId): readonly SiteConfig[] {
    return this.#history.get(siteId) ?? [this.config(siteId)];
  }

  /**
   * The configurations under which what leaves the node now may have been decided: the one that it
   * was told last, those it was told to forget a moment ago, and those that it will be told when it
   * wakes.
   */
  inForce(siteId: SiteId, now: Millis): readonly SiteConfig[] {
    const history = this.history(siteId);
    const from = history.findLastIndex((config) => {
      const toldAt = this.#toldAt.get(config);
      return toldAt !== undefined && now - toldAt > releaseMsMax;
    });
    return history.slice(Math.max(0, from));
  }

  /** The site's node is told of this configuration. */
  tell(config: SiteConfig, at: Millis): void {
    this.#toldAt.set(config, at);
  }

  /** The site is configured otherwise from here on; its node has to be told. */
  change(config: SiteConfig): void {
    this.#history.set(config.siteId, [...this.history(config.siteId), config]);
    void this.configs.put(config);
  }

  /** The configuration that the site had first. */
  original(siteId: SiteId): SiteConfig {
    return this.history(siteId)[0] ?? this.config(siteId);
  }

  /** The latest; the cache has it as soon as it is stored. */
  config(siteId: SiteId): SiteConfig {
    const config = this.#history.get(siteId)?.at(-1) ?? this.configs.get(siteId);
    if (config === undefined) throw new Error(`Unknown site ${siteId}`);
    return config;
  }
}

function inputOf({ siteId, agents, mode, more, ...site }: SiteProfile): SiteConfigInput {
  return {
    ...more,
    siteId,
    name: siteId,
    agents: agents.map((agent) => ({
      ...agent,
      departmentIds: [...agent.departmentIds],
      name: agent.agentId.toUpperCase(),
      passwordHash: "scrypt$1$1$1$aa$bb",
    })),
    // With manual routing nothing is offered.
    routing: mode === "manual" ? { mode } : { ...more.routing, mode },
    inactivity: {
      ...more.inactivity,
      warnAfterMs: site.warnAfterMs,
      endAfterMs: site.endAfterMs,
    },
  };
}
