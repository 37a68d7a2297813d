import type { Chat, Person } from "./people.ts";
import { peopleOf } from "./people.ts";
import { site } from "./node_process.ts";

/** One place where a chat can be read: a client's own copy or the transcript API. */
interface Copy {
  readonly where: string;
  /** "author/messageId" of each message shown, in order of display. */
  readonly shown: readonly string[];
}

/** What was found wrong, counted, with a few examples. */
export class Findings {
  acked = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  readonly examples: string[] = [];

  note(kind: "lost" | "duplicated" | "reordered", example: string): void {
    this[kind] += 1;
    if (this.examples.length < 10) this.examples.push(`${kind}: ${example}`);
  }
}

/** Reads the transcript as the API gives it to this person, whatever the clients hold. */
async function readTranscript(url: string, chat: Chat, reader: Person): Promise<Copy> {
  const path = `/v1/sites/${site.siteId}/chats/${chat.chatId}/transcript`;
  const response = await fetch(url + path, {
    headers: { authorization: `Bearer ${reader.token}` },
  });
  if (!response.ok) {
    await response.body?.cancel();
    return { where: `transcript (${response.status})`, shown: [] };
  }
  const { entries } = await response.json();
  return { where: "transcript", shown: identities(entries) };
}

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly author: { readonly type: string; readonly id: string };
}

function identities(entries: readonly Shown[]): string[] {
  return entries.filter(({ kind }) => kind === "message")
    .map(({ author, id }) => `${author.type}:${author.id}/${id}`);
}

function ownCopy(person: Person, chat: Chat): Copy {
  const found = person.session.snapshot().chats.find((one) => one.chatId === chat.chatId);
  return { where: person.author, shown: identities(found?.entries ?? []) };
}

/** Messages acknowledged in this chat so far, to either side. */
function ackedIn(chat: Chat, chatOf: ReadonlyMap<string, string>): string[] {
  return [chat.visitor, chat.agent].flatMap((person) =>
    [...person.log.acked.keys()].filter((id) => chatOf.get(id) === chat.chatId)
      .map((id) => `${person.author}/${id}`)
  );
}

/**
 * After a kill, before any client is let back in: what was acknowledged must be there from the
 * node's own disk. [RS5]
 */
export async function checkDisk(
  url: string,
  chats: readonly Chat[],
  chatOf: ReadonlyMap<string, string>,
  findings: Findings,
): Promise<void> {
  for (const chat of chats) {
    const { shown, where } = await readTranscript(url, chat, chat.agent);
    const there = new Set(shown);
    for (const message of ackedIn(chat, chatOf)) {
      if (!there.has(message)) findings.note("lost", `${message} not in ${where} after a kill`);
    }
  }
}

/**
 * At the end: each acknowledged message once, in one order, at both sides and in the transcript.
 */
export async function checkAll(
  url: string,
  chats: readonly Chat[],
  chatOf: ReadonlyMap<string, string>,
  findings: Findings,
): Promise<void> {
  for (const chat of chats) {
    const transcript = await readTranscript(url, chat, chat.visitor);
    const copies = [transcript, ownCopy(chat.visitor, chat), ownCopy(chat.agent, chat)];
    const acked = ackedIn(chat, chatOf);
    findings.acked += acked.length;
    for (const { where, shown } of copies) {
      const counts = new Map<string, number>();
      for (const message of shown) counts.set(message, (counts.get(message) ?? 0) + 1);
      for (const message of acked) {
        if (!counts.has(message)) findings.note("lost", `${message} not at ${where}`);
      }
      for (const [message, count] of counts) {
        if (count > 1) findings.note("duplicated", `${message} ${count} times at ${where}`);
      }
      if (shown.join() !== transcript.shown.join()) {
        findings.note("reordered", `${chat.chatId}: ${where} differs from the transcript`);
      }
    }
    checkOwnOrder(chat, transcript, chatOf, findings);
  }
  for (const person of peopleOf(chats)) {
    for (const [identity, stamps] of person.log.stamps) {
      if (stamps.size > 1) findings.note("duplicated", `${identity} at ${[...stamps].join(", ")}`);
    }
  }
}

/**
 * What one person wrote stands in the order in which it was written: ids are made in that order.
 */
function checkOwnOrder(
  chat: Chat,
  { shown }: Copy,
  chatOf: ReadonlyMap<string, string>,
  findings: Findings,
): void {
  for (const person of [chat.visitor, chat.agent]) {
    const written = [...chatOf].filter(([, chatId]) => chatId === chat.chatId)
      .map(([id]) => `${person.author}/${id}`);
    const inTranscript = new Set(shown);
    const expected = written.filter((message) => inTranscript.has(message)).join();
    const own = shown.filter((message) => message.startsWith(`${person.author}/`)).join();
    if (own !== expected) findings.note("reordered", `${person.author} in ${chat.chatId}`);
  }
}
