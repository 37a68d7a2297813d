import type { VisitorId } from "../../core/ids.ts";

/** What a visitor is called in the console: the name given, or the end of its id. */
export function visitorName(name: string | undefined, visitorId: VisitorId): string {
  return name === undefined || name.trim() === "" ? `Visitor ${visitorId.slice(-4)}` : name;
}

/** How long ago something began, roughly, for lists. */
export function waitedText(since: number, now: number): string {
  const minutes = Math.floor((now - since) / 60_000);
  if (minutes < 1) return "just now";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
