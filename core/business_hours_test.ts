import assert from "node:assert/strict";
import { businessHoursSchema, isOpen } from "./business_hours.ts";

const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "17:00" }));
const oslo = { timeZone: "Europe/Oslo", weekly: weekdays, holidays: ["2026-12-25"] };
const newYork = { timeZone: "America/New_York", weekly: weekdays };
const night = {
  timeZone: "Asia/Tokyo",
  weekly: [{ day: 5, from: "22:00", to: "24:00" }, { day: 6, from: "00:00", to: "02:00" }],
};

// hours, time in UTC, open
const table: readonly (readonly [string, unknown, string, boolean])[] = [
  ["none", undefined, "2026-12-25T03:00:00Z", true],
  ["no times", {}, "2026-12-25T03:00:00Z", true],
  ["at the opening", oslo, "2026-12-01T08:00:00Z", true],
  ["a minute before it", oslo, "2026-12-01T07:59:59Z", false],
  ["a minute before the end", oslo, "2026-12-01T15:59:59Z", true],
  ["at the end", oslo, "2026-12-01T16:00:00Z", false],
  ["on Saturday", oslo, "2026-12-05T10:00:00Z", false],
  ["on a holiday", oslo, "2026-12-25T10:00:00Z", false],
  ["the day after it", oslo, "2026-12-28T10:00:00Z", true],
  ["winter before the change", oslo, "2027-03-26T08:00:00Z", true],
  ["an hour earlier in summer", oslo, "2027-03-29T07:00:00Z", true],
  ["not in winter", oslo, "2027-03-26T07:00:00Z", false],
  ["summer before the change", oslo, "2026-10-23T07:30:00Z", true],
  ["an hour later in winter", oslo, "2026-10-26T07:30:00Z", false],
  ["across the sea", newYork, "2026-12-01T14:00:00Z", true],
  ["across the sea too early", newYork, "2026-12-01T13:59:00Z", false],
  ["before midnight", night, "2026-12-04T14:59:59Z", true],
  ["over midnight", night, "2026-12-04T15:30:00Z", true],
  ["after the night", night, "2026-12-04T17:00:00Z", false],
  ["only holidays, on another day", { holidays: ["2026-12-24"] }, "2026-12-23T10:00:00Z", true],
  ["only holidays, on that day", { holidays: ["2026-12-24"] }, "2026-12-24T10:00:00Z", false],
];
for (const [when, hours, time, open] of table) {
  Deno.test(`[BH1] business hours, ${when}: ${open ? "open" : "closed"}`, () => {
    const parsed = hours === undefined ? undefined : businessHoursSchema.parse(hours);
    assert.equal(isOpen(parsed, Date.parse(time)), open);
  });
}

Deno.test("[BH1] hours that make no sense are refused with their field", () => {
  const field = (hours: unknown) =>
    businessHoursSchema.safeParse(hours).error?.issues[0]?.path.join(".");
  assert.equal(field({ timeZone: "Mars/Base" }), "timeZone");
  assert.equal(field({ weekly: [{ day: 7, from: "09:00", to: "10:00" }] }), "weekly.0.day");
  assert.equal(field({ weekly: [{ day: 1, from: "9:00", to: "10:00" }] }), "weekly.0.from");
  assert.equal(field({ weekly: [{ day: 1, from: "10:00", to: "09:00" }] }), "weekly.0.to");
  assert.equal(field({ holidays: ["25.12.2026"] }), "holidays.0");
});
