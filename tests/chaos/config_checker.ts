import type { Change, Site } from "./config_api.ts";
import type { ConfigWatcher } from "./config_watcher.ts";
import type { AckedChange } from "./config_writer.ts";

/** A change has to be seen so soon once everybody who has to do with it is up. */
export const lagMsMax = 2_000;

/** A time in which a process was not there. */
export interface Downtime {
  readonly from: number;
  readonly to: number;
}

/** What was found wrong with followers, counted, with a few examples. */
export class ConfigFindings {
  missed = 0;
  disordered = 0;
  /** Sites that were served otherwise than the log said, or are in the end. */
  unserved = 0;
  readonly lagsMs: number[] = [];
  readonly examples: string[] = [];

  note(kind: "missed" | "disordered" | "unserved", example: string): void {
    this[kind] += 1;
    if (this.examples.length < 20) this.examples.push(`${kind}: ${example}`);
  }
}

/** The source's own log: without a gap, with everything that a writer was told is written. */
export function checkSource(
  log: readonly Change[],
  from: number,
  acked: readonly AckedChange[],
  findings: ConfigFindings,
): void {
  log.forEach(({ n }, index) => {
    if (n !== from + 1 + index) findings.note("disordered", `source: ${n} at ${from + 1 + index}`);
  });
  const written = new Set(log.map(({ siteId, version }) => `${siteId} ${version}`));
  for (const { siteId, version } of acked) {
    if (!written.has(`${siteId} ${version}`)) {
      findings.note("missed", `acknowledged ${siteId} ${version} is not in the source's log`);
    }
  }
}

/** What a follower's log had, and when, beside what it had to have. */
export function checkFollower(
  name: string,
  log: readonly Change[],
  { seen, served, gone }: ConfigWatcher,
  downtimes: readonly Downtime[],
  findings: ConfigFindings,
): void {
  const placeOf = new Map(log.map(({ changeId }, place) => [changeId, place]));
  const had = new Set<string>();
  let last = -1;
  for (const { changeId, n, at, seenAt } of seen) {
    const place = placeOf.get(changeId);
    if (place === undefined || had.has(changeId) || place <= last || log[place]?.n !== n) {
      findings.note("disordered", `${name}: ${changeId} as change ${n}`);
    }
    last = place ?? last;
    had.add(changeId);
    findings.lagsMs.push(lagMs({ at, seenAt }, downtimes));
  }
  for (const { changeId, n, siteId } of log) {
    if (!had.has(changeId)) findings.note("missed", `${name}: change ${n} of ${siteId}`);
  }
  if (gone > 0) findings.note("missed", `${name}: ${gone} times its log had a hole`);
  const removed = new Set(log.filter(({ isRemoved }) => isRemoved).map(({ siteId }) => siteId));
  for (const { change, status, version } of served) {
    const { siteId, isRemoved } = change;
    const isRight = status === 404
      ? removed.has(siteId)
      : !isRemoved && status === 200 && version >= change.version;
    if (!isRight) {
      const instead = `${status}, version ${version} instead of ${change.version}`;
      findings.note("unserved", `${name}: ${siteId} with ${instead}`);
    }
  }
}

/** How late a change was seen, not counting the time that a process had to be up for it. */
function lagMs(
  { at, seenAt }: { readonly at: number; readonly seenAt: number },
  downtimes: readonly Downtime[],
): number {
  let due = at;
  for (const { from, to } of downtimes) {
    // What was late before that already is not excused by it.
    if (at >= from - lagMsMax && at < to && seenAt >= to) due = Math.max(due, to);
  }
  return seenAt - due;
}

/** Whether a follower ends with the very bytes that its source has. */
export function checkSites(
  name: string,
  expected: readonly Site[],
  found: readonly Site[],
  findings: ConfigFindings,
): void {
  const have = new Map(found.map((site) => [site.siteId, site]));
  for (const { siteId, json } of expected) {
    if (have.get(siteId)?.json !== json) findings.note("unserved", `${name}: ${siteId} differs`);
    have.delete(siteId);
  }
  for (const siteId of have.keys()) findings.note("unserved", `${name}: ${siteId} is still there`);
}
