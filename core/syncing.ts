import { conversationsToShow, othersIn, sideOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { tabOf, wantWhatIsLacking } from "./connecting.ts";
import { covers, exceeds, type Vector } from "./cursor.ts";
import { canonicalEntry, type Entry, sameContent } from "./entry.ts";
import type { Event } from "./event.ts";
import type { ChatId, ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import type { Presence } from "./presence.ts";
import { lostThread } from "./private_message.ts";
import type { VisitorFrame } from "./protocol.ts";
import { utf8Bytes } from "./utf8.ts";
import { Thread } from "./thread.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame, { type: Type }>;

/**
 * A page of what the asker lacks: the newest entries before `before`, at most 50 and 48 KiB, in
 * order of display. [RS1]
 */
export function sendPage(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"get_entries">,
): void {
  const chat = turn.state.conversation(frame.chatId);
  const side = chat === undefined ? undefined : sideOf(presence, chat);
  if (chat === undefined || side === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, "get_entries", { code, field: "chatId" });
  }
  const tab = tabOf(presence, connection);
  if (tab !== undefined) tab.fetches = true;
  const entries: Entry[] = [];
  let bytes = 0;
  let more = false;
  for (let place = chat.log.entries.length - 1; place >= 0; place--) {
    const entry = chat.log.entries[place];
    if (entry === undefined || (frame.before !== undefined && entry.order >= frame.before)) {
      continue;
    }
    if (covers(frame.have, entry)) continue;
    if (side === "visitor" && entry.stream !== "public") continue;
    bytes += utf8Bytes(canonicalEntry(entry)) + sigBytes;
    const beyond = entries.length >= limits.pageEntriesMax ||
      bytes > limits.pageBytesMax - pageHeadBytes;
    if (beyond) {
      more = true;
      break;
    }
    entries.push(entry);
  }
  turn.sends.push({
    type: "page",
    to: connection,
    chatId: chat.chatId,
    entries: entries.reverse(),
    vector: side === "visitor" ? chat.log.publicVector() : chat.log.vector(),
    more,
    before: more ? entries[0]?.order : undefined,
  });
}

/** A signature as JSON, and a page without its entries, whose vector has 64 streams at most. */
const sigBytes = 64;
const pageHeadBytes = 4 * 1024;

/**
 * What a client uploaded. Each entry stands for itself: a forged or contradicting one is refused
 * alone, its true neighbours are kept. Staff entries are never taken from a visitor. [RS1B]
 */
export function mergeEntries(
  turn: Turn,
  presence: Presence,
  event: Extract<Event, { type: "entries_uploaded" }>,
): void {
  const { state } = turn;
  const { connection, chatId } = event;
  const chat = state.conversation(chatId) ?? lostThread(state, presence, chatId);
  const side = chat === undefined ? undefined : sideOf(presence, chat);
  if (chat === undefined || side === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, "upload_entries", { code, field: "chatId" });
  }
  const tab = tabOf(presence, connection);
  if (tab?.asked?.delete(chatId) !== true) {
    return turn.refuse(connection, "upload_entries", { code: "not_asked", field: "chatId" });
  }
  const refused = event.forged.map((id) => ({ id, code: "bad_signature" }));
  const fresh: Entry[] = [];
  for (const entry of event.entries) {
    const code = whyNotMerge(turn, chat, side === "visitor", entry);
    if (code !== undefined) refused.push({ id: entry.id, code });
    else if (!chat.log.holds(entry)) fresh.push(entry);
  }
  if (fresh.length > 0) turn.record({ type: "entries_merged", chatId, entries: fresh });
  if (fresh.length > 0 && chat instanceof Thread) {
    state.deadlines.setBy(`forget/${chatId}`, chat.log.lastOrder + limits.threadKeptMs);
  }
  for (const entry of fresh) {
    const to = othersIn(state, chat, { but: connection, staffOnly: entry.stream === "staff" });
    if (to.length > 0) turn.sends.push({ type: "entry", to, entry });
  }
  const { log } = state.conversation(chatId) ?? chat;
  const vector = side === "visitor" ? log.publicVector() : log.vector();
  turn.send(connection, {
    type: "uploaded",
    chatId,
    vector,
    accepted: event.entries.length + event.forged.length - refused.length,
    refused,
  });
  // More slices may follow the same request, as long as they bring something true.
  if (refused.length < event.entries.length + event.forged.length) tab.asked.add(chatId);
}

function whyNotMerge(
  turn: Turn,
  chat: Chat | Thread,
  fromVisitor: boolean,
  entry: Entry,
): string | undefined {
  if (entry.chatId !== chat.chatId) return "unknown_chat";
  if (fromVisitor && entry.stream !== "public") return "bad_signature";
  if (chat.log.holds(entry)) return undefined;
  // What a week ago was forgotten stays so.
  const isOld = chat instanceof Thread && entry.order + limits.threadKeptMs <= turn.at;
  if (isOld) return "chat_ended";
  // This node alone writes its own tenure: what it does not hold of it, it never wrote.
  if (entry.tenure === turn.tenure) return "bad_signature";
  if (chat.log.entries.length >= limits.entriesPerChatMax) return "chat_full";
  const known = chat.log.find(entry.author, entry.id);
  if (known !== undefined && !sameContent(known, entry.kind, entry.text, entry)) return "id_reused";
  return undefined;
}

/**
 * Alive, and how far each chat is known. Entries that a page lacked at its last heartbeat and
 * lacks now were lost on a connection that looks alive: it is closed to resync. Whoever asked for
 * pages meanwhile still fetches, a few chats at a time: the others wait for their turn. [CN5]
 */
export function answerHeartbeat(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"heartbeat">,
): void {
  const tab = tabOf(presence, connection);
  if (tab === undefined) return;
  const answer: Record<ChatId, Vector> = {};
  const owed = new Map<ChatId, Vector>();
  let lost = false;
  for (const chat of conversationsToShow(turn.state, presence, Object.keys(frame.chats))) {
    const id = chat.chatId;
    const theirs = frame.chats[id] ?? {};
    const ours = presence.type === "visitor" ? chat.log.publicVector() : chat.log.vector();
    answer[id] = ours;
    const before = tab.owed?.get(id);
    if (before !== undefined && !tab.fetches && exceeds(before, theirs)) lost = true;
    if (exceeds(ours, theirs)) owed.set(id, ours);
    if (tab.asked?.has(id) !== true) wantWhatIsLacking(turn, presence, tab, chat, theirs);
  }
  tab.fetches = false;
  if (owed.size > 0) tab.owed = owed;
  else delete tab.owed;
  if (lost) turn.sends.push({ type: "close", to: connection, code: "resync" });
  else turn.send(connection, { type: "heartbeat", at: turn.at, chats: answer });
}
