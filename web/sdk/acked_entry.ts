import type { Author, EntryKind, SignedEntry } from "../../core/entry.ts";
import type { FrameOf } from "./frame.ts";
import type { OutboxFrame } from "./outbox_record.ts";

/** What an ack leaves out because its receiver wrote it. */
export interface AckedContent {
  readonly author: Author;
  readonly kind: EntryKind;
  readonly text: string;
}

/** The content of an own post; undefined for other commands. */
export function contentOf(frame: OutboxFrame, author: Author): AckedContent | undefined {
  switch (frame.type) {
    case "post_message":
      return { author, kind: "message", text: frame.text };
    case "post_note":
      return { author, kind: "note", text: frame.text };
    case "post_private":
      return { author, kind: "private", text: frame.text };
    default:
      return undefined;
  }
}

/** An ack and the content that it acknowledges are together the signed entry. [RS4] */
export function ackedEntry(ack: FrameOf<"ack">, content: AckedContent): SignedEntry {
  const { chatId, tenure, stream, n, order, at, messageId, sig } = ack;
  const { author, kind, text } = content;
  return { chatId, tenure, stream, n, order, at, author, id: messageId, kind, text, sig };
}
