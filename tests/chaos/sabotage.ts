/**
 * ack-early: the journal says "written" and writes 100 ms later. drop-one: one commit in 500 is
 * never written. double-one: the first message that is repeated is not recognised and accepted
 * again.
 */
export const sabotages = ["ack-early", "drop-one", "double-one"] as const;
export type Sabotage = typeof sabotages[number];

/** Whether there is such a sabotage. */
export function isSabotage(name: string): name is Sabotage {
  return sabotages.some((sabotage) => sabotage === name);
}
