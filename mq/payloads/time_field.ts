import { z } from "zod";

/** A time on the wire: ISO 8601 in UTC with milliseconds, as in 2026-11-25T12:00:00.000Z. */
export const timeSchema = z.iso.datetime({ precision: 3 });

/** Milliseconds since 1970 as a time on the wire; anything else as it is: a schema refuses it. */
export function wireTime(value: unknown): unknown {
  if (typeof value !== "number") return value;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : date.toISOString();
}
