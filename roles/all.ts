import type { Dial } from "../cache/http_feed.ts";
import { queueDefinitions } from "../mq/definitions.ts";
import { createApp } from "../routes/app.ts";
import type { AppDeps } from "../routes/app_deps.ts";
import { backupRoutes } from "../routes/backups.ts";
import { configFeedRoutes } from "../routes/config_feed.ts";
import { createInternalApp } from "../routes/internal_app.ts";
import { KeyedLimit } from "../routes/rate_limit.ts";
import { type Clock, SystemClock } from "../server/clock.ts";
import { addBackupMetrics } from "../server/backup_metrics.ts";
import { addConfigMetrics } from "../server/config_metrics.ts";
import { type DemoLogin, openDemoSite } from "../server/demo_site.ts";
import type { Journal } from "../server/journal.ts";
import type { JournalStore } from "../server/journal_store.ts";
import { createLog, errorFields, type Log } from "../server/log.ts";
import { createMetrics } from "../server/metrics.ts";
import { addOutboxMetrics } from "../server/outbox_metrics.ts";
import { Node } from "../server/node.ts";
import { operatorKeyPath } from "../server/operator_key.ts";
import { Parts } from "../server/parts.ts";
import { addQueueMetrics } from "../server/queue_metrics.ts";
import { Pulse } from "../server/pulse.ts";
import { SessionTokens } from "../server/session_token.ts";
import { Signer } from "../server/signer.ts";
import { type BackupPart, startBackupPart } from "./backup_part.ts";
import { type ConfigPart, startConfigPart } from "./config_part.ts";
import { type JobsPart, startJobsPart } from "./jobs_part.ts";
import { Listener } from "./listener.ts";
import { readSettings, type Settings } from "./settings.ts";
import { diskBudget, openStorage } from "./storage.ts";

/** Connections told to reconnect per second when the node stops. */
const closesPerSecond = 200;
/** How long each step of stopping may take. */
const stopMsMax = 5_000;

/** What the process gives its role; a test may replace a part to break a promise on purpose. */
export interface Ports {
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the built pages, unless the settings name another. */
  readonly webDir: string;
  openJournalStore(dir: string): Promise<JournalStore>;
  /** How other processes are asked; fetch unless given. */
  readonly dial?: Dial;
}

/** A role at work. */
interface Running {
  stop(): Promise<void>;
  /** Looks for a renewed certificate at once; undefined without TLS. */
  readonly reload: (() => Promise<boolean>) | undefined;
}

/** Composes the role `all`: one process, embedded storage. */
async function startAll(log: Log, ports: Ports): Promise<Running> {
  const settings = await readSettings(ports.env);
  const clock = new SystemClock();
  const parts = new Parts(() => clock.now());
  const storage = await openStorage(settings, {
    ...{ clock, log, parts, openJournalStore: ports.openJournalStore },
    definitions: queueDefinitions(),
  });
  const { configs, ring, journal, queue, archive } = storage;
  const isFollower = settings.CONFIG_FROM !== undefined; // its source may have a demo site
  const demo = isFollower ? undefined : await openDemoSite(settings.DATA_DIR, configs);
  const signer = new Signer(ring);
  const disk = diskBudget(settings, storage);
  const { dial = fetch } = ports;
  const config = startConfigPart(settings, { configs, clock, log, parts, dial });
  const node = new Node({ journal, configs, signer, clock, log, disk });
  await node.start();
  const isBehind = () => config.follower()?.isConnected === false;
  const isBusy = () => node.loop.isBusy;
  const jobs = startJobsPart({ ...storage, parts, clock, log, isBusy, isBehind });
  let ready = true;
  const deps: AppDeps = {
    ...{ node, configs, signer, clock, log, disk, queue, archive, parts },
    tokens: new SessionTokens(ring),
    keyFingerprints: ring.fingerprints(),
    operatorKey: storage.operatorKey,
    limits: settings.rates,
    siteFrames: new KeyedLimit({
      rate: settings.rates.siteFramesPerSecond,
      burst: settings.rates.siteFramesPerSecond,
    }),
    webDir: settings.WEB_DIR ?? ports.webDir,
    isReady: () => ready,
  };
  const pulse = new Pulse(clock, node, log, disk);
  const backups = startBackupPart(settings, { ...storage, ...jobs, clock, log, env: ports.env });
  const internalApp = createOperatorApp(deps, { journal, config, jobs, backups });
  const { listener, internal } = await listen(settings, deps, internalApp);
  pulse.start();
  void configs.readAhead();
  announce(log, settings, listener.port, demo);
  const stop = async () => {
    ready = false;
    pulse.stop();
    await config.stop();
    await backups.stop();
    await node.drain(closesPerSecond);
    await within(clock, Promise.all([listener.shutdown(), internal.shutdown()]));
    await within(clock, jobs.outbox.idle());
    await jobs.stop();
    node.stop();
    await storage.close();
  };
  return { stop, reload: settings.TLS_CERT === undefined ? undefined : () => listener.reload() };
}

/** What stands on the internal port: health, metrics, the log of configurations, backups. */
function createOperatorApp(
  deps: AppDeps,
  { journal, config, jobs, backups }: {
    readonly journal: Journal;
    readonly config: ConfigPart;
    readonly jobs: JobsPart;
    readonly backups: BackupPart;
  },
) {
  const metrics = createMetrics(deps.node, deps.disk);
  addOutboxMetrics(metrics, jobs.outbox, journal);
  addQueueMetrics(metrics, deps.queue, () => deps.clock.now());
  addConfigMetrics(metrics, deps.configs, config.follower);
  addBackupMetrics(metrics, backups.turn);
  return createInternalApp(deps, metrics)
    .route("/", configFeedRoutes(deps, config.feed))
    .route("/", backupRoutes(deps, backups));
}

/** Waits for it, but not for long: what is left is in the journal. */
async function within(clock: Clock, ending: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const enough = new Promise<void>((resolve) => cancel = clock.after(stopMsMax, resolve));
  await Promise.race([ending, enough]);
  cancel();
}

/** Listens for clients and, on a port of its own, for operators. */
async function listen(
  settings: Settings,
  deps: AppDeps,
  internal: ReturnType<typeof createInternalApp>,
): Promise<{ readonly listener: Listener; readonly internal: Deno.HttpServer<Deno.NetAddr> }> {
  const app = createApp(deps);
  const { node, clock, log } = deps;
  const { TLS_CERT: cert, TLS_KEY: key } = settings;
  const listener = await Listener.start({
    hostname: settings.HOST,
    port: settings.PORT,
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    clock,
    log,
    answer: (request, env) => app.fetch(request, env),
    move: (via) => {
      const moved = [...node.hub].filter((connection) => connection.via === via);
      return node.reconnect(moved, closesPerSecond);
    },
  });
  return {
    listener,
    internal: Deno.serve(
      { hostname: settings.INTERNAL_HOST, port: settings.INTERNAL_PORT, onListen: () => {} },
      (request, info) => internal.fetch(request, info),
    ),
  };
}

/** Says where to go, for people and for programs that wait for it. */
function announce(
  log: Log,
  settings: Settings,
  publicPort: number,
  demo: DemoLogin | undefined,
): void {
  const scheme = settings.TLS_CERT === undefined ? "http" : "https";
  const url = `${scheme}://localhost:${publicPort}`;
  log.write("info", "ready", { url });
  if (demo !== undefined) {
    const { agentIds, path, password } = demo;
    log.write("info", "demo_site", {
      visitor: `${url}/visitor`,
      console: `${url}/agent`,
      ...(path === undefined ? {} : { agents: agentIds.join(", "), login: path }),
      ...(password === undefined ? {} : { password }),
    });
  }
  if (settings.CONFIG_FROM !== undefined) return; // sites are made there
  log.write("info", "operator_key", { path: operatorKeyPath(settings.DATA_DIR), api: `${url}/v1` });
}

/** Runs the role `all` until SIGTERM or SIGINT; SIGHUP takes over a renewed certificate. */
export async function runAll(ports: Ports): Promise<void> {
  const log = createLog();
  try {
    const { stop, reload } = await startAll(log, ports);
    let stopping = false;
    const onSignal = () => {
      if (stopping) return;
      stopping = true;
      log.write("info", "stopping");
      void stop().then(() => {
        log.write("info", "stopped");
        Deno.exit(0);
      }, (error) => {
        log.write("error", "stop_failed", errorFields(error));
        Deno.exit(1);
      });
    };
    Deno.addSignalListener("SIGTERM", onSignal);
    Deno.addSignalListener("SIGINT", onSignal);
    if (reload !== undefined) Deno.addSignalListener("SIGHUP", () => void reload());
  } catch (error) {
    log.write("error", "start_failed", errorFields(error));
    Deno.exit(1);
  }
}
