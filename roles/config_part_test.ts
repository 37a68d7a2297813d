import assert from "node:assert/strict";
import { KvConfigStore } from "../cache/store_kv.ts";
import { siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { configFeedRoutes } from "../routes/config_feed.ts";
import { SystemClock } from "../server/clock.ts";
import { type EdgeBench, startEdge } from "../tests/harness/edge_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { type ConfigPart, startConfigPart } from "./config_part.ts";
import { readSettings } from "./settings.ts";

const acme = siteIdSchema.parse("acme");
const key = "k".repeat(32);

/** The process where configuration is written: its feed is on a real port, and can be away. */
class Source {
  readonly edge: EdgeBench;
  #port = 0;
  #part: ConfigPart | undefined;
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;

  constructor(edge: EdgeBench) {
    this.edge = edge;
  }

  static async start(): Promise<Source> {
    const source = new Source(await startEdge());
    await source.open();
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get configs() {
    return this.edge.deps.configs;
  }

  async open(): Promise<void> {
    const settings = await readSettings({ CONFIG_KEY: key });
    this.#part = startConfigPart(settings, { ...this.edge.deps, dial: fetch });
    const app = configFeedRoutes(this.edge.deps, this.#part.feed);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: this.#port, onListen() {} },
      (request) => app.fetch(request),
    );
    this.#port = this.#server.addr.port;
  }

  /** Away: nobody listens there any more. */
  async close(): Promise<void> {
    await this.#part?.stop();
    await this.#server?.shutdown();
  }

  async stop(): Promise<void> {
    await this.close();
    this.edge.bench.stop();
  }

  rename(name: string): Promise<void> {
    return this.configs.put({ ...benchConfig(), name });
  }
}

/** A process that follows, with its cache in a file. */
class Follower {
  readonly edge: EdgeBench;
  readonly part: ConfigPart;
  readonly told: string[];

  private constructor(edge: EdgeBench, part: ConfigPart, told: string[]) {
    this.edge = edge;
    this.part = part;
    this.told = told;
  }

  static async start(path: string, from: string, withKey = key): Promise<Follower> {
    const configStore = await KvConfigStore.open(path);
    const edge = await startEdge({ configStore, configs: [] });
    const settings = await readSettings({ CONFIG_FROM: from, CONFIG_KEY: withKey });
    const told: string[] = [];
    const part = startConfigPart(settings, {
      ...edge.deps,
      clock: new SystemClock(),
      dial: fetch,
      log: { write: (_, event, fields) => void told.push(`${event}: ${fields?.["why"]}`) },
    });
    return new Follower(edge, part, told);
  }

  /** The site once it is as said. */
  async once(is: (config: SiteConfig | undefined) => boolean): Promise<void> {
    const { configs } = this.edge.deps;
    for (;;) {
      const { promise: grew, resolve } = Promise.withResolvers<void>();
      const stop = configs.onLog(resolve);
      if (is(await configs.load(acme))) return stop();
      await grew;
      stop();
    }
  }

  patchName(name: string): Promise<Response> {
    return Promise.resolve(this.edge.app.request("/v1/sites/acme", {
      method: "PATCH",
      headers: {
        ...{ authorization: `Bearer ${this.edge.deps.operatorKey}`, "if-match": "*" },
        "content-type": "application/merge-patch+json",
      },
      body: JSON.stringify({ name }),
    }));
  }

  async name(): Promise<string> {
    const headers = { authorization: `Bearer ${this.edge.deps.operatorKey}` };
    const response = await this.edge.app.request("/v1/sites/acme", { headers });
    const { name }: { name: string } = await response.json();
    return name;
  }

  async stop(): Promise<void> {
    await this.part.stop();
    this.edge.bench.stop();
    await this.edge.deps.configs.close();
  }
}

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(`${dir}/config.kv`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("[CC11] a process follows another over HTTP, and says where configuration is written", async () => {
  await inFolder(async (path) => {
    const source = await Source.start();
    const follower = await Follower.start(path, source.url);
    await follower.once((config) => config !== undefined);
    await source.rename("Acme Ltd");
    await follower.once((config) => config?.name === "Acme Ltd");
    assert.equal(await follower.name(), "Acme Ltd");
    assert.equal(follower.part.follower()?.isConnected, true);
    const refused = await follower.patchName("Changed here");
    assert.equal(refused.status, 503);
    const { detail, part, since } = await refused.json();
    assert.equal(detail, `configuration is written at ${source.url}`);
    assert.deepEqual([part, typeof since], ["config-write", "string"]);
    assert.equal(await follower.name(), "Acme Ltd");
    assert.equal(source.edge.deps.parts.state("config-write").state, "up");
    await follower.stop();
    await source.stop();
  });
});

Deno.test("[CC11] a follower that was away serves from its cache alone, and goes on where it was", async () => {
  await inFolder(async (path) => {
    const source = await Source.start();
    const first = await Follower.start(path, source.url);
    await first.once((config) => config !== undefined);
    await source.rename("Seen by the first");
    await first.once((config) => config?.name === "Seen by the first");
    await first.stop();
    for (let n = 0; n < 5; n++) await source.rename(`Meanwhile ${n}`);
    await source.close();
    const again = await Follower.start(path, source.url);
    assert.equal(await again.name(), "Seen by the first", "the source is away");
    const token = await again.edge.token({ kind: "agent", sub: "ana" });
    const asAgent = await again.edge.app.request("/v1/sites/acme/audit", {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(asAgent.status, 403, "its agents are known: ana may not read the audit log");
    await asAgent.body?.cancel();
    assert.equal((await again.patchName("Changed here")).status, 503);
    await source.open();
    await again.once((config) => config?.name === "Meanwhile 4");
    assert.equal(again.part.follower()?.copies, 0, "only what was missed was loaded");
    assert.deepEqual(
      await again.edge.deps.configs.store.head(),
      await source.configs.store.head(),
    );
    await again.stop();
    await source.stop();
  });
});

Deno.test("[CC11] with a wrong key nothing is seen, and the log says why; with the right one everything", async () => {
  await inFolder(async (path) => {
    const source = await Source.start();
    const stranger = await Follower.start(path, source.url, "another_key".repeat(3));
    const { promise: refused, resolve } = Promise.withResolvers<void>();
    const push = stranger.told.push.bind(stranger.told);
    stranger.told.push = (...lines) => {
      resolve();
      return push(...lines);
    };
    await refused;
    assert.match(stranger.told.join(), /^follower_away: .*CONFIG_KEY must be the same/);
    assert.equal(stranger.part.follower()?.isConnected, false);
    assert.deepEqual(stranger.edge.deps.configs.siteIds(), []);
    await stranger.stop();
    const follower = await Follower.start(path, source.url);
    await follower.once((config) => config?.name === "Acme");
    await follower.stop();
    await source.stop();
  });
});

Deno.test("[CC11] a follower can be followed", async () => {
  await inFolder(async (path) => {
    const source = await Source.start();
    const middle = await Follower.start(path, source.url);
    const app = configFeedRoutes(middle.edge.deps, middle.part.feed);
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const last = await Follower.start(`${path}2`, url);
    await last.once((config) => config !== undefined);
    await source.rename("Through both");
    await last.once((config) => config?.name === "Through both");
    await last.stop();
    await middle.stop();
    await server.shutdown();
    await source.stop();
  });
});
