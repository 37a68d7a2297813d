/** Seeds that once showed a defect: they always run, whatever range is asked for. */
export const keptSeeds: Readonly<Record<string, number>> = {};
