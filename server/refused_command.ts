import type { Event } from "../core/event.ts";
import { causeOf } from "../core/site.ts";

/** What a refusal of the event's sender refers to; undefined when nobody waits for an answer. */
export function commandOf(event: Event): string | undefined {
  switch (event.type) {
    case "frame_received":
      return causeOf(event.frame);
    case "entries_uploaded":
      return "upload_entries";
    case "visitor_signed_in":
      return event.commandId;
    default:
      return undefined;
  }
}
