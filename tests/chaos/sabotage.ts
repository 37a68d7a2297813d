/**
 * Of `node` and `fsync`. ack-early: the journal says "written" and writes 100 ms later. drop-one:
 * one commit in 500 is never written. double-one: the first message that is repeated is not
 * recognised and accepted again.
 */
export const sabotages = ["ack-early", "drop-one", "double-one"] as const;
/** How the node may be broken on purpose. */
export type Sabotage = typeof sabotages[number];

/**
 * Of `archive`. lose-job: one job in 200 is said to be published and is not. forget-ids: after a
 * kill the queue does not know what was published before. ack-before-effect: the archive says
 * "written" and writes 300 ms later. split-forward: the distributor acks and publishes 50 ms later.
 * ignore-config: the distributor publishes to every consumer, whatever the site wants.
 */
export const archiveSabotages = [
  "lose-job",
  "forget-ids",
  "ack-before-effect",
  "split-forward",
  "ignore-config",
] as const;
/** How the way of the jobs may be broken on purpose. */
export type ArchiveSabotage = typeof archiveSabotages[number];

/** Whether there is such a sabotage, or none is wanted. */
export function isOneOf<Name extends string>(
  names: readonly Name[],
  name: string | undefined,
): name is Name | undefined {
  return name === undefined || names.some((one) => one === name);
}
