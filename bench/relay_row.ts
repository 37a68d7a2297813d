import type { RelayResult, ServerKind } from "./job.ts";
import { median } from "./percentile.ts";

/** A rate counts only where the load generator had time to spare. */
export const loadShareMax = 0.9;

/** One window: a server, how many messages each sender had under way, and what came of it. */
export interface RelayWindow {
  readonly server: ServerKind;
  readonly outstanding: number;
  readonly result: RelayResult;
}

/** One server at one number of outstanding messages: the medians of all rounds. */
export interface RelayRow {
  readonly server: ServerKind;
  readonly outstanding: number;
  readonly cpuUs: number;
  readonly messagesPerSecond: number;
  /** Shares of their cores that the server and the load generator used. */
  readonly serverShare: number;
  readonly loadShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The medians of these windows, which are of one server and one number of outstanding messages. */
export function relayRow(windows: readonly RelayWindow[]): RelayRow {
  const medianOf = (value: (r: RelayResult) => number) =>
    median(windows.map(({ result }) => value(result)));
  return {
    server: windows[0]?.server ?? "chatnode",
    outstanding: windows[0]?.outstanding ?? 0,
    cpuUs: medianOf((r) => r.serverCpuMs * 1000 / r.acked),
    messagesPerSecond: medianOf((r) => r.acked / r.windowMs * 1000),
    serverShare: medianOf((r) => r.serverCpuMs / r.windowMs),
    loadShare: medianOf((r) => r.loadCpuMs / r.windowMs),
    p50Ms: medianOf((r) => r.ackP50Ms),
    p99Ms: medianOf((r) => r.ackP99Ms),
  };
}

/** The peer's CPU per message to ours, above 1 when we need less; the worse of the loops. */
export function cpuRatio(rows: readonly RelayRow[], peer: ServerKind): number {
  return worst(rows, peer, (ours, theirs) => theirs.cpuUs / ours.cpuUs);
}

/** Our rate to the peer's; the worse of the loops where the load generator did not set the pace. */
export function rateRatio(rows: readonly RelayRow[], peer: ServerKind): number {
  return worst(rows, peer, (ours, theirs) => {
    if (Math.max(ours.loadShare, theirs.loadShare) > loadShareMax) return NaN;
    return ours.messagesPerSecond / theirs.messagesPerSecond;
  });
}

/** The smallest ratio of the loops that count; NaN when none does. */
function worst(
  rows: readonly RelayRow[],
  peer: ServerKind,
  ratio: (ours: RelayRow, theirs: RelayRow) => number,
): number {
  const ratios = rows.filter((row) => row.server === "chatnode").flatMap((ours) =>
    rows.filter((row) => row.server === peer && row.outstanding === ours.outstanding)
      .map((theirs) => ratio(ours, theirs))
  ).filter((value) => !Number.isNaN(value));
  return ratios.length === 0 ? NaN : Math.min(...ratios);
}
