import { z } from "zod";
import type { Millis } from "./ids.ts";
import { refuseTwice } from "./repeated_name.ts";

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "00:00 to 24:00");

/**
 * When a site or department is open: weekly times in its own time zone, less the holidays. Without
 * weekly times it is always open.
 */
export const businessHoursSchema = z.strictObject({
  timeZone: z.string().max(64).refine(isTimeZone, "an IANA time zone, as in Europe/Oslo")
    .default("UTC").describe("An IANA time zone, as in Europe/Oslo."),
  weekly: z.array(
    z.strictObject({
      day: z.int().min(0).max(6).describe("The day of the week; 0 is Sunday."),
      from: timeOfDay.describe("Open from this time on, 00:00 to 23:59."),
      to: timeOfDay.describe("Closed from this time on, after `from`, up to 24:00."),
    }).refine(({ from, to }) => from < to, { path: ["to"], message: "to must be after from" })
      .describe("A time in which it is open; one over midnight is two."),
  ).max(100).default([]).describe(
    "When it is open in a week; times of one day do not overlap. Without any: always.",
  ),
  holidays: z.array(z.iso.date().describe("A day as YYYY-MM-DD, in the time zone.")).max(1_000)
    .default([]).describe("Days on which it is closed, each once."),
}).superRefine(({ weekly, holidays }, context) => {
  refuseTwice(holidays, (index) => ["holidays", index], context);
  weekly.forEach((slot, index) => {
    const other = weekly.slice(0, index).find(({ day, from, to }) =>
      day === slot.day && from < slot.to && slot.from < to
    );
    if (other === undefined) return;
    const message = `overlaps ${other.from} to ${other.to} of the same day`;
    context.addIssue({ code: "custom", path: ["weekly", index], message });
  });
});
/** When a site or department is open. */
export type BusinessHours = z.infer<typeof businessHoursSchema>;

/** A name of the IANA data base; Intl takes offsets as in +01:00 too, which no summer changes. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
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
