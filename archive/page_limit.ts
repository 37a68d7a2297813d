/** Items of one page, at most. */
export const pageItemsMax = 200;

/** Throws RangeError. */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageItemsMax) return;
  throw new RangeError(`limit: ${limit} is not allowed: 1 to ${pageItemsMax}`);
}
