import { z } from "zod";
import type { Millis } from "./ids.ts";

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "00:00 to 24:00");

/**
 * When a site or department is open: weekly times in its own time zone, less the holidays. Without
 * weekly times it is always open.
 */
export const businessHoursSchema = z.strictObject({
  /** An IANA name, as in Europe/Oslo. */
  timeZone: z.string().max(64).refine(isTimeZone, "an IANA time zone").default("UTC"),
  /** day 0 is Sunday. `to` is not included; times over midnight are two entries. */
  weekly: z.array(
    z.strictObject({ day: z.int().min(0).max(6), from: timeOfDay, to: timeOfDay }).refine(
      ({ from, to }) => from < to,
      "from must be before to",
    ),
  ).max(100).default([]),
  /** Days on which it is closed, as YYYY-MM-DD in its time zone. */
  holidays: z.array(z.iso.date()).max(1_000).default([]),
});
/** When a site or department is open. */
export type BusinessHours = z.infer<typeof businessHoursSchema>;

function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Whether it is open at this time. [BH1] */
export function isOpen(hours: BusinessHours | undefined, at: Millis): boolean {
  if (hours === undefined || (hours.weekly.length === 0 && hours.holidays.length === 0)) {
    return true;
  }
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(hours.timeZone).formatToParts(at)) parts[type] = value;
  if (hours.holidays.includes(`${parts["year"]}-${parts["month"]}-${parts["day"]}`)) return false;
  if (hours.weekly.length === 0) return true;
  const day = days.indexOf(parts["weekday"] ?? "");
  const time = `${parts["hour"]}:${parts["minute"]}`;
  return hours.weekly.some((slot) => slot.day === day && slot.from <= time && time < slot.to);
}
