import type { Author, Entry } from "../../core/entry.ts";
import { type ChatId, type TenureId, type VisitorId, visitorIdSchema } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { NeighbourRequest } from "../../core/outcome.ts";
import type { ChatView, VisitorView } from "../../core/views.ts";
import type { Received } from "../harness/site_page.ts";

/** Ids as a reader knows them: people by name, chats by their visitor, tenures by their number. */
export interface Names {
  visitor(id: VisitorId): string;
  chat(id: ChatId): string;
  start(tenure: TenureId): number;
  /** The entry of a conversation that has this id. */
  entry(chatId: ChatId, id: string): Entry | undefined;
  /** What the frame of this id, or of this type, was. */
  label(re: string): string;
}

/** A received frame in words, a line each. */
export function narrate(frame: Received, names: Names): string[] {
  switch (frame.type) {
    case "welcome": {
      const waiting = frame.waiting === undefined ? [] : [`${frame.waiting.total} waiting`];
      const status = frame.self.type === "agent" ? [frame.self.status] : [];
      const chats = frame.chats.map((chat) => chatInWords(chat, names));
      const threads = Object.keys(frame.threads ?? {}).map((id) => `thread ${id}`);
      return [["welcome", ...status, ...chats, ...threads, ...waiting].join(", ")];
    }
    case "chat":
      return [chatInWords(frame.chat, names)];
    case "entry":
      return [entryInWords(frame.entry, names)];
    case "ack":
      return "entry" in frame ? [`ack ${numberOf(frame.entry, names)}`] : ["ack"];
    case "entries":
      return frame.entries.map((entry) => `page ${entryInWords(entry, names)}`);
    case "done":
      return [`done ${names.label(frame.commandId)}`];
    case "refused":
      return [
        `refused ${frame.code}: ${names.label(frame.re)}${faultInWords(frame)}`,
      ];
    case "typing":
      return [`${authorName(frame.from, names)} ${frame.on ? "types" : "stopped typing"}`];
    case "waiting": {
      const added = frame.added.map((chat) => `+${names.chat(chat.chatId)}`);
      const removed = frame.removed.map((chatId) => `-${names.chat(chatId)}`);
      return [["queue", ...added, ...removed, `total=${frame.total}`].join(" ")];
    }
    case "want_entries":
      return ["asked for what the node lacks"];
    case "uploaded":
      return [`uploaded ${frame.accepted}, refused ${frame.refused.length}`];
    case "status":
      return [`status ${frame.status}`];
    case "chat_left":
      return [`left the chat of ${names.chat(frame.chatId)}`];
    case "offer":
      return [`offered ${names.chat(frame.chat.chatId)}`];
    case "offer_ended":
      return [`offer of ${names.chat(frame.chatId)} ended`];
    case "invitation":
      return [`invitation ${JSON.stringify(frame.text)}`];
    case "invitation_ended":
      return ["invitation ended"];
    case "sign_in_wanted":
      return ["asked to sign in again"];
    case "visitors":
    case "visitor":
    case "chats":
      return [listInWords(frame, names)];
    case "availability":
      return [`availability ${frame.availability}`];
    default:
      return [frame.type];
  }
}

/** What is wrong with an answer is for whoever fills in the form. */
function faultInWords(refused: Extract<Received, { type: "refused" }>): string {
  return refused.code === "bad_answer" ? `, ${refused.field}: ${refused.message}` : "";
}

type ListFrame = Extract<Received, { type: "visitors" | "visitor" | "chats" }>;

/** What a list, or one of its visitors, is as a line. */
function listInWords(frame: ListFrame, names: Names): string {
  switch (frame.type) {
    case "visitors": {
      const changed = frame.changed.map((view) => `+${visitorInWords(view, names)}`);
      const removed = frame.removed.map((id) => `-${names.visitor(id)}`);
      const how = frame.snapshot ? "visitors are" : "visitors";
      return [how, ...changed, ...removed, `listed=${frame.listed} total=${frame.total}`].join(" ");
    }
    case "chats": {
      const changed = frame.changed.map((chat) => `+${names.chat(chat.chatId)}(${chat.agentId})`);
      const removed = frame.removed.map((chatId) => `-${names.chat(chatId)}`);
      return [frame.snapshot ? "chats are" : "chats", ...changed, ...removed].join(" ");
    }
    case "visitor": {
      const texts = Object.entries({ ...frame.fields, ...frame.variables });
      return [
        `visitor ${visitorInWords(frame.visitor, names)}`,
        ...(frame.address === undefined ? [] : [`from ${frame.address}`]),
        ...texts.map(([name, value]) => `${name}=${value}`),
        ...frame.pages.map(({ url }) => url),
      ].join(", ");
    }
  }
}

function visitorInWords(view: VisitorView, names: Names): string {
  const more = [
    view.state,
    ...(view.signedIn ? ["verified"] : []),
    ...(view.url ? [view.url] : []),
  ];
  return `${names.visitor(view.visitorId)}(${more.join(", ")})`;
}

/** What the staff's view of a chat says of its visitor beside the chat's own line. */
function staffView({ visitor }: ChatView): string {
  const verified = visitor.signedInAs === undefined ? [] : [`verified as ${visitor.signedInAs}`];
  const variables = Object.entries(visitor.variables ?? {}).map((pair) => pair.join("="));
  return [...verified, ...variables].map((text) => `, ${text}`).join("");
}

function chatInWords(chat: ChatView, names: Names): string {
  const of = `chat of ${names.chat(chat.chatId)}`;
  const { state } = chat;
  switch (state.state) {
    case "bot":
      return `${of} with the bot`;
    case "waiting":
      return `${of} waiting, position ${state.position}`;
    case "active":
      return `${of} with ${state.agentName}${staffView(chat)}${careInWords(chat)}${
        readMarks(chat)
      }`;
    case "ended":
      return `${of} ended, ${state.reason}${careInWords(chat)}`;
  }
}

/** What was made of a chat besides its entries. */
function careInWords({ translating, rating, wrapUp }: ChatView): string {
  return [
    ...(translating === undefined ? [] : [`translated from ${translating}`]),
    ...(rating === undefined ? [] : [`rated ${rating.score}`]),
    ...(wrapUp === undefined ? [] : [`wrapped up as ${wrapUp.category}`]),
  ].map((text) => `, ${text}`).join("");
}

function readMarks({ read, requestedAt }: ChatView): string {
  const marks = Object.entries(read).filter(([, order]) => order > 0)
    .map(([side, order]) => `${side} read to +${order - requestedAt} ms`);
  return marks.length === 0 ? "" : `, ${marks.join(", ")}`;
}

function entryInWords(entry: Entry, names: Names): string {
  const n = numberOf(entry, names);
  const text = JSON.stringify(entry.text);
  switch (entry.kind) {
    case "message":
      return `message ${n} ${authorName(entry.author, names)} ${text}`;
    case "note":
    case "private":
      return `${entry.kind} ${n} ${authorName(entry.author, names)} ${text}`;
    case "attachment":
      return `attachment ${n} ${authorName(entry.author, names)} ${entry.file?.name}`;
    case "translation":
    case "scan_result":
      return `${entry.kind} ${n} of ${changedEntry(entry, names)} ${text}`;
    default:
      return `${entry.kind} ${n}${entry.text === "" ? "" : ` ${text}`}`;
  }
}

/** Which entry this one changes. */
function changedEntry({ chatId, changes = "" }: Entry, names: Names): string {
  const changed = names.entry(chatId, changes);
  return changed === undefined ? "nothing" : numberOf(changed, names);
}

const neighbours = { bot: "bot", translation: "translator", scan: "scanner" } as const;

/** What a neighbour is asked for. */
export function narrateRequest(
  request: NeighbourRequest,
  names: Names,
): { readonly who: string; readonly what: string } {
  const { kind, entry, language } = request;
  const who = neighbours[kind];
  if (entry === undefined) return { who, what: "asked to greet" };
  const target = language === undefined ? "" : ` into ${language}`;
  return { who, what: `asked about ${entryInWords(entry, names)}${target}` };
}

function numberOf(entry: Entry, names: Names): string {
  const start = names.start(entry.tenure);
  return start === 1 ? `n=${entry.n}` : `n=${entry.n} of start ${start}`;
}

function authorName(author: Author, names: Names): string {
  return author.type === "visitor" ? names.visitor(author.id) : author.id;
}

/** A job in words: its queue and what it says. */
export function narrateJob(job: Job, names: Names): string {
  const { payload } = job;
  switch (job.queue) {
    case "chat.end":
      // The payload's own id is the chat's.
      return `chat.end ${names.chat(payload["id"] as ChatId)} ${payload["reason"]}`;
    case "chatQueue.log":
      // As above.
      return `chatQueue.log ${names.chat(payload["chatId"] as ChatId)} ${payload["outcome"]}`;
    case "agentStatus.log":
      return `agentStatus.log ${payload["agentId"]} ${payload["status"]}`;
    default:
      return [
        job.queue,
        ...Object.entries(payload).filter(([key]) => told.has(key)).map(([, value]) =>
          namedIn(value, names)
        ),
      ].join(" ");
  }
}

/** What a transcript tells of jobs that have no words of their own, in the payload's order. */
const told = new Set([
  "visitorId",
  "agentId",
  "outcome",
  "score",
  "category",
  "comment",
  "cannedId",
  "goal",
  "value",
  "content",
  "email",
  "visits",
  "preferences",
  "lifted",
]);

/** A value of a payload; a visitor's id as its name. */
function namedIn(value: unknown, names: Names): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const visitorId = visitorIdSchema.safeParse(value);
  return visitorId.success ? names.visitor(visitorId.data) : value;
}
