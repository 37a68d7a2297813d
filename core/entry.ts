import { z } from "zod";
import {
  agentIdSchema,
  chatIdSchema,
  type SiteId,
  tenureIdSchema,
  visitorIdSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";

/**
 * Who wrote an entry. The bot answers where a site has one; the system speaks for the site: joins,
 * warnings, ends.
 */
export const authorSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("visitor"), id: visitorIdSchema }),
  z.strictObject({ type: z.literal("agent"), id: agentIdSchema }),
  z.strictObject({ type: z.literal("bot"), id: z.literal("bot") }),
  z.strictObject({ type: z.literal("system"), id: z.literal("system") }),
]);
export type Author = z.infer<typeof authorSchema>;
/** The author of joins, warnings and ends. */
export const systemAuthor: Author = { type: "system", id: "system" };

/** `public` is what the visitor may see; `staff` never leaves the agents' side. */
export const streamSchema = z.enum(["public", "staff"]);
export type Stream = z.infer<typeof streamSchema>;

/**
 * message: what a visitor, agent or bot posted. note: an agent's, staff only. private: between two
 * agents. attachment, translation: name a file, or the entry they change. The rest are the
 * system's: their text names the agent or department concerned, or is empty.
 */
export const entryKindSchema = z.enum([
  "message",
  "note",
  "private",
  "attachment",
  "scan_result",
  "translation",
  "agent_joined",
  "agent_left",
  "chat_transferred",
  "chat_requeued",
  "monitor_started",
  "monitor_ended",
  "sign_in_required",
  "signed_in",
  "inactivity_warned",
  "chat_ended",
]);
export type EntryKind = z.infer<typeof entryKindSchema>;

const staffKinds: ReadonlySet<EntryKind> = new Set(
  ["note", "private", "monitor_started", "monitor_ended"],
);

/** The stream that an entry of this kind stands in. */
export function streamOf(kind: EntryKind): Stream {
  return staffKinds.has(kind) ? "staff" : "public";
}

/** A file as a chat shows it; the bytes lie in the attachment store. */
export const entryFileSchema = z.strictObject({
  fileId: z.string().min(1).max(128),
  name: z.string().min(1).max(255),
  mediaType: z.string().min(1).max(127),
  bytes: z.int().min(0),
});
/** A file as a chat shows it. */
export type EntryFile = z.infer<typeof entryFileSchema>;

/**
 * What people see in a chat, immutable. Its stamp is (tenure, stream, n), n = 1, 2, 3… without a
 * gap and with one writer. Its place is (order, tenure, n), set once, the same at every
 * participant. Its identity is (site, chat, author, id); the same identity at two stamps is shown
 * once, at the smaller order. `at` and `order` are milliseconds since 1970; `order` may run ahead
 * of the clock.
 */
export const entrySchema = z.strictObject({
  chatId: chatIdSchema,
  tenure: tenureIdSchema,
  stream: streamSchema,
  n: z.int().min(1),
  order: z.int().min(1),
  at: z.int().min(1),
  author: authorSchema,
  id: z.string().min(1).max(128),
  kind: entryKindSchema,
  text: z.string().max(limits.textBytesMax),
  /** The id of the entry that this one changes: a translation, a scan's result. */
  changes: z.string().min(1).max(128).optional(),
  file: entryFileSchema.optional(),
});
export type Entry = z.infer<typeof entrySchema>;

/**
 * An entry with the server's signature: whoever holds it can prove that this server accepted it.
 * [RS4]
 */
export const signedEntrySchema = entrySchema.extend({ sig: z.string().min(1).max(64) });
export type SignedEntry = z.infer<typeof signedEntrySchema>;

/**
 * The entry as JSON with its keys in one fixed order: what is signed (behind the siteId), journaled
 * and, with `sig` appended, sent. Encoded once per entry.
 */
export function canonicalEntry(entry: Entry): string {
  return `{"chatId":"${entry.chatId}","tenure":"${entry.tenure}","stream":"${entry.stream}",` +
    `"n":${entry.n},"order":${entry.order},"at":${entry.at},` +
    `"author":{"type":"${entry.author.type}","id":"${entry.author.id}"},` +
    `"id":${JSON.stringify(entry.id)},"kind":"${entry.kind}","text":${JSON.stringify(entry.text)}` +
    (entry.changes === undefined ? "" : `,"changes":${JSON.stringify(entry.changes)}`) +
    (entry.file === undefined ? "" : `,"file":${canonicalFile(entry.file)}`) + "}";
}

function canonicalFile({ fileId, name, mediaType, bytes }: EntryFile): string {
  return JSON.stringify({ fileId, name, mediaType, bytes });
}

/** What is signed: no entry of one site is ever valid in another. */
export function signedBytes(siteId: SiteId, canonical: string): string {
  return `${siteId}\n${canonical}`;
}

/** Order of display, total: negative when `a` comes first. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.order !== b.order) return a.order - b.order;
  if (a.tenure !== b.tenure) return a.tenure < b.tenure ? -1 : 1;
  return a.n - b.n || (a.stream === b.stream ? 0 : a.stream < b.stream ? -1 : 1);
}

/** The identity of a message within its chat. */
export function identityOf(author: Author, id: string): string {
  return `${author.type}:${author.id}/${id}`;
}

/** Whether both are the same person, or both the system. */
export function sameAuthor(a: Author, b: Author): boolean {
  return a === b || (a.id === b.id && a.type === b.type);
}

/** Same identity, same content: a repeat. Same identity, other content: refused `id_reused`. */
export function sameContent(
  entry: Entry,
  kind: EntryKind,
  text: string,
  more: Pick<Entry, "changes" | "file"> = {},
): boolean {
  return entry.kind === kind && entry.text === text && entry.changes === more.changes &&
    (entry.file === undefined) === (more.file === undefined) &&
    (entry.file === undefined || more.file === undefined ||
      canonicalFile(entry.file) === canonicalFile(more.file));
}
