/** What the load generator is asked to do, and what it answers: both as JSON. */

export type ServerKind = "chatnode" | "deno" | "socketio";

/** The server under load: how to speak to it, where, and whose CPU and memory to read. */
export interface Target {
  readonly server: ServerKind;
  readonly port: number;
  readonly pid: number;
  /** Where V8's inspector listens if the server was started with it. */
  readonly inspectPort: number;
}

/** Closed loop: every side of every pair keeps `outstanding` messages under way. */
export interface RelayJob {
  readonly type: "relay";
  readonly target: Target;
  readonly pairs: number;
  readonly textBytes: number;
  readonly outstanding: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

export interface RelayResult {
  /** Messages acked in the window. */
  readonly acked: number;
  readonly windowMs: number;
  readonly serverCpuMs: number;
  readonly loadCpuMs: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  /** Senders that got less than a tenth of the average: a server that starves some looks quick. */
  readonly starvedSides: number;
}

/** Open loop: so many messages a second over all pairs, whatever the acks do. */
export interface PacedJob extends Omit<RelayJob, "type" | "outstanding"> {
  readonly type: "paced";
  readonly messagesPerSecond: number;
}

export interface PacedResult {
  readonly acked: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  /** CPU of the whole server in the window, queue and archive included. */
  readonly serverCpuMs: number;
  /** How late the generator itself posted: part of the latency, and not the server's. */
  readonly latenessP99Ms: number;
}

/** Connects `from` idle visitors, measures, connects up to `to`, measures again. */
export interface IdleJob {
  readonly type: "idle";
  readonly target: Target;
  readonly from: number;
  readonly to: number;
}

export interface IdleSample {
  readonly sockets: number;
  readonly anonymous: number;
  readonly rss: number;
  readonly settleMs: number;
}

export interface IdleResult {
  readonly before: IdleSample;
  readonly after: IdleSample;
}

/** Measures the quiet sites alone and beside a flooding one, in turn. */
export interface NoisyJob {
  readonly type: "noisy";
  readonly target: Target;
  readonly quietSites: readonly string[];
  readonly quietPairsPerSite: number;
  /** Over all quiet sites. */
  readonly quietMessagesPerSecond: number;
  readonly floodSite: string;
  readonly floodPairs: number;
  readonly floodFramesPerSecond: number;
  readonly textBytes: number;
  readonly rounds: number;
  readonly settleMs: number;
  readonly measureMs: number;
}

export interface NoisyPhase {
  readonly acked: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly latenessP99Ms: number;
  readonly flood: { readonly sent: number; readonly acked: number; readonly refused: number };
}

export interface NoisyResult {
  readonly quiet: readonly NoisyPhase[];
  readonly noisy: readonly NoisyPhase[];
  /** Why flooding connections were closed, if any were. */
  readonly floodClosed: readonly string[];
}

export type Job = RelayJob | PacedJob | IdleJob | NoisyJob;
