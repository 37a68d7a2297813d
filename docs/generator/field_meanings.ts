import type { Field, WireType } from "./wire_type.ts";

/** What fields of one name mean everywhere. */
const byName: Readonly<Record<string, string>> = {
  type: "What kind it is.",
  protocol: "The version of this protocol that the sender speaks.",
  token: "The session token that the HTTP API issued. Never put it into a URL.",
  connectionId: "Made at page load, kept over reconnects of that page.",
  chatId: "The chat it is about.",
  chats: "By chat, how far the sender knows it.",
  messageId: "Chosen by the sender before the first send, the same on every retry.",
  commandId: "Chosen by the sender before the first send, the same on every retry.",
  text: "What was written, as plain text: show it as text, never as markup.",
  on: "true: typing; false: stopped.",
  have: "What the sender of this frame holds already.",
  vector: "What the server holds, as far as you may see it.",
  entries: "Entries with their signatures, unchanged.",
  name: "How the person wants to be called.",
  email: "Where the person can be reached.",
  url: "Address of the page.",
  title: "Title of the page.",
  status: "Whether the agent takes chats.",
  term: "Which deployment is current, a number that only grows.",
  tenure: "The node's turn that numbered the entry, or numbers from here on.",
  self: "Who you are.",
  chat: "The chat as it stands now; it replaces what you knew of it.",
  entry: "The entry, signed.",
  stream: "Which of the chat's two streams.",
  n: "Number in its stream: 1, 2, 3… without a gap.",
  order: "Place in the display: larger comes later.",
  at: "Milliseconds since 1970 by the node's clock.",
  sig: "The server's signature over everything shown of the entry.",
  author: "Who wrote it.",
  id: "Unique.",
  kind: "What sort of entry it is.",
  re: "What is refused: the frame's messageId or commandId, or its type.",
  code: "Why; see [refusal codes](#refusal-codes).",
  retryable: "Whether the same frame may pass when sent again later.",
  field: "The field at fault, as a path.",
  message: "One sentence for a developer; not for people, not stable.",
  retryAfterMs: "Wait at least this long before the next try.",
  from: "Who it is.",
  more: "Whether older entries are missing too.",
  before: "Only entries with a smaller `order`.",
  accepted: "How many of the uploaded entries the server now holds.",
  refused: "Entries that it did not take; their neighbours are not affected.",
  added: "Chats that joined the waiting queue.",
  removed: "Chats that left it.",
  total: "Length of the whole waiting queue.",
  state: "Where the chat stands.",
  since: "From when on, milliseconds since 1970.",
  position: "Place in the waiting queue, 1 is next.",
  agentId: "The agent who has the chat.",
  agentName: "That agent's name, to show.",
  by: "Who ended it.",
  reason: "How it ended.",
  requestedAt: "When the visitor asked for it, milliseconds since 1970.",
  visitorId: "The visitor who waits.",
  read: "How far each side has read.",
};

/** What a field means at one place: a frame or type, and the path in it. */
const byPlace: Readonly<Record<string, string>> = {
  "client.hello.chats": "By chat, how far you know it; empty at first.",
  "client.heartbeat.chats": "By chat, how far you know it: your running chats.",
  "client.get_entries.have": "What you hold already.",
  "client.get_entries.before": "Only entries with a smaller `order`: that of the last answer.",
  "client.mark_read.order": "The largest `order` that was seen.",
  "client.request_chat.commandId": "Becomes the chatId.",
  "client.request_chat.name": "How the visitor wants to be called.",
  "client.request_chat.email": "Where the visitor can be reached.",
  "server.welcome.protocol": "The version that the server speaks.",
  "server.welcome.tenure": "The turn of this server, in which new entries are numbered.",
  "server.welcome.chats": "Your running chats, and those of your hello that you may see.",
  "server.welcome.waiting.chats": "The first of them, longest waiting first.",
  "server.ack.messageId": "That of your message.",
  "server.ack.tenure": "With stream and n: the stamp that your message got.",
  "server.done.commandId": "That of your command.",
  "server.entries.entries": "In ascending order; the newest that you lacked.",
  "server.entries.before": "What to ask with next, when `more`.",
  "server.want_entries.have": "What the server holds already.",
  "server.uploaded.refused[].id": "The entry's id.",
  "server.heartbeat.chats": "By chat, how far the server knows it.",
  "Author.id": "Which one.",
  "SignedEntry.tenure": "The turn of the server that numbered it.",
  "SignedEntry.author": "Who wrote it.",
  "SignedEntry.id": "The messageId of its author; the system's are made from their cause.",
  "SignedEntry.at": "When it was accepted, milliseconds since 1970.",
  "Self.id": "Which one.",
  "Self.name": "The agent's name, as visitors see it.",
  "ChatState.at": "When it ended, milliseconds since 1970.",
  "ChatView.chatId": "Which chat.",
  "ChatView.visitor": "Who asked for the chat.",
  "ChatView.visitor.id": "Which visitor.",
  "ChatView.visitor.name": "How the visitor wants to be called.",
  "ChatView.visitor.email": "Where the visitor can be reached.",
  "ChatView.read.visitor": "The visitor's side.",
  "ChatView.read.agent": "The agents' side.",
  "WaitingChat.chatId": "Which chat.",
  "WaitingChat.name": "How the visitor wants to be called.",
};

/**
 * The fields with a meaning each: the comment in core/ if there is one, else the words from here.
 * Throws for a field that has neither, so that no field of the wire stays unexplained.
 */
export function withMeanings(fields: readonly Field[], place: string): Field[] {
  return fields.map((field) => {
    const path = `${place}.${field.name}`;
    const doc = field.doc || byPlace[path] || byName[field.name];
    if (doc === undefined) throw new Error(`${path} needs a comment in core/protocol.ts`);
    return { ...field, doc, type: withInnerMeanings(field.type, path) };
  });
}

/** The same for a type, whose fields may lie deeper. */
export function withInnerMeanings(type: WireType, place: string): WireType {
  switch (type.type) {
    case "object":
      return { ...type, fields: withMeanings(type.fields, place) };
    case "array":
      return { ...type, of: withInnerMeanings(type.of, `${place}[]`) };
    case "union":
      return { ...type, members: type.members.map((one) => withInnerMeanings(one, place)) };
    default:
      return type;
  }
}
