import type { ChatId, CommandId } from "../../core/ids.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import type { Command } from "../../web/sdk/chat_session.ts";
import type { Gate } from "./client_log.ts";
import { pause } from "./node_process.ts";
import { again, ChatStuck, until } from "./patience.ts";
import { join, type Person } from "./people.ts";

/** What a chat left behind, as its people were told. */
export interface LivedChat {
  readonly siteId: string;
  readonly chatId: ChatId;
  readonly visitorId: string;
  readonly agentId: string;
  /** "author/messageId" of every acknowledged message, in the order written by each author. */
  readonly acked: readonly string[];
  /** The same as visitor and agent saw them, in order of display. */
  readonly shown: readonly (readonly string[])[];
  readonly endedBy: "visitor" | "agent";
  readonly score: number;
  readonly rated: CommandId | undefined;
  readonly category: string;
  readonly wrappedUp: CommandId | undefined;
  /** Where its visitor wanted the transcript. */
  readonly mailedTo: string | undefined;
  /** The offline message that its visitor left, too. */
  readonly offlineMessage: CommandId | undefined;
}

/** One agent of a site, online, who takes what is given. */
export async function openAgent(
  url: string,
  gate: Gate,
  siteId: string,
  agentId: string,
  password: string,
): Promise<Person> {
  const api = new HttpApi(url, siteId);
  const login = await again(() => api.loginAgent(agentId, password));
  const agent = join(url, gate, { type: "agent", id: login.agentId }, login.token, siteId);
  agent.session.setStatus("online");
  return agent;
}

/** A chat's number decides what happens in it. */
interface Lot {
  readonly messages: number;
  readonly endedBy: "visitor" | "agent";
  /** Something that the other side still writes while the chat is being ended. */
  readonly hasLastWord: boolean;
  readonly rates: When;
  readonly wrapsUp: When;
  readonly mails: When;
  readonly leavesMessage: boolean;
}

/** Before or after the chat's end. */
type When = "before" | "after" | "never";

function lotOf(no: number): Lot {
  return {
    messages: 1 + no % 4,
    endedBy: no % 2 === 0 ? "visitor" : "agent",
    hasLastWord: no % 13 < 5,
    rates: no % 3 > 0 ? "never" : no % 2 === 0 ? "before" : "after",
    wrapsUp: no % 5 > 1 ? "never" : no % 5 === 0 ? "before" : "after",
    mails: no % 7 > 1 ? "never" : no % 7 === 0 ? "before" : "after",
    leavesMessage: no % 11 === 0,
  };
}

const score = 4;
const category = "sales";

/** A chat that is going on. */
interface Running {
  readonly chatId: ChatId;
  readonly visitor: Person;
  readonly agent: Person;
  readonly written: { readonly by: Person; readonly id: string }[];
}

/** A visitor comes, chats with whichever agent it is given, and leaves; whatever dies meanwhile. */
export async function liveChat(
  url: string,
  gate: Gate,
  siteId: string,
  agents: readonly Person[],
  no: number,
): Promise<LivedChat> {
  const { visitorId, token } = await again(() => new HttpApi(url, siteId).createVisitor());
  const visitor = join(url, gate, { type: "visitor", id: visitorId }, token, siteId);
  const { session } = visitor;
  try {
    const asked = session.requestChat({ name: `Visitor ${no}`, email: `v${no}@example.com` });
    if (asked.type === "refused") throw new ChatStuck(`no chat: ${asked.code}`);
    const chatId = asked.id;
    const agent = await agentOf(visitor, agents, chatId);
    const chat: Running = { chatId, visitor, agent, written: [] };
    const lot = lotOf(no);
    await talk(chat, no, lot);
    const { endedBy } = lot;
    const before = await commandsOf(chat, no, lot, "before");
    await end(chat, lot);
    const after = await commandsOf(chat, no, lot, "after");
    const acked = chat.written.filter(({ by, id }) => by.log.isAccepted(id))
      .map(({ by, id }) => `${by.author}/${id}`);
    const shown = await shownIn(chat, acked);
    agent.session.closeChat(chatId);
    const agentId = agent.author.slice("agent:".length);
    const rest = { endedBy, score, category, acked, shown };
    return { siteId, chatId, visitorId, agentId, ...rest, ...joined(before, after) };
  } finally {
    session.stop();
  }
}

function write(chat: Running, by: Person, text: string): void {
  const posted = by.session.post(chat.chatId, text);
  if (posted.type === "posted") chat.written.push({ by, id: posted.id });
}

async function talk(chat: Running, no: number, { messages }: Lot): Promise<void> {
  for (let n = 0; n < messages; n++) {
    for (const by of [chat.visitor, chat.agent]) {
      write(chat, by, `Message ${n} of chat ${no} by ${by.author}`);
    }
    await pause(5 + no % 20);
  }
}

/** Ends it; a last word is in time or not, and is told which. */
async function end(chat: Running, { endedBy, hasLastWord }: Lot): Promise<void> {
  const { chatId, visitor, agent, written } = chat;
  const people = [visitor, agent];
  const waiting = { chatId, people };
  const isAccepted = () => written.every(({ by, id }) => by.log.isAccepted(id));
  await until("messages accepted", isAccepted, waiting);
  const [first, other] = endedBy === "visitor" ? [visitor, agent] : [agent, visitor];
  first.session.endChat(chatId);
  if (hasLastWord) write(chat, other, "One more thing");
  const hasEnded = () => people.every((person) => isEnded(person, chatId));
  await until("ended", hasEnded, waiting);
  await until("last word", () => written.every(({ by, id }) => isSettled(by, chatId, id)), waiting);
}

/** Acknowledged or refused. */
function isSettled({ session, log }: Person, chatId: ChatId, messageId: string): boolean {
  if (log.isAccepted(messageId)) return true;
  const chat = session.snapshot().chats.find((one) => one.chatId === chatId);
  return chat?.posts.every(({ id, now }) => id !== messageId || now.state === "failed") ?? false;
}

/** What each side shows once it has everything. */
async function shownIn(
  { chatId, visitor, agent }: Running,
  acked: readonly string[],
): Promise<string[][]> {
  const people = [visitor, agent];
  const shown = () => people.map((person) => messagesOf(person, chatId));
  const isLevel = () => shown().every((own) => acked.every((message) => own.includes(message)));
  await until("everything at both sides", isLevel, { chatId, people });
  return shown();
}

function messagesOf({ session }: Person, chatId: ChatId): string[] {
  const chat = session.snapshot().chats.find((one) => one.chatId === chatId);
  return (chat?.entries ?? []).filter(({ kind }) => kind === "message")
    .map(({ author, id }) => `${author.type}:${author.id}/${id}`);
}

type Commands = Pick<LivedChat, "rated" | "wrappedUp" | "mailedTo" | "offlineMessage">;

/** What is done besides talking, at its time. */
async function commandsOf(
  { chatId, visitor, agent }: Running,
  no: number,
  { rates, wrapsUp, mails, leavesMessage }: Lot,
  when: When,
): Promise<Commands> {
  const email = `v${no}@example.com`;
  if (mails === when) await command(visitor, chatId, { type: "request_transcript", chatId, email });
  return {
    mailedTo: mails === when ? email : undefined,
    rated: rates === when
      ? await command(visitor, chatId, { type: "rate_chat", chatId, score })
      : undefined,
    wrappedUp: wrapsUp === when
      ? await command(agent, chatId, { type: "wrap_up_chat", chatId, category })
      : undefined,
    offlineMessage: leavesMessage && when === "after"
      ? await command(visitor, chatId, { type: "submit_offline_message", text: `Later ${no}` })
      : undefined,
  };
}

/** Each was done before or after, if at all. */
function joined(before: Commands, after: Commands): Commands {
  return {
    rated: before.rated ?? after.rated,
    wrappedUp: before.wrappedUp ?? after.wrappedUp,
    mailedTo: before.mailedTo ?? after.mailedTo,
    offlineMessage: before.offlineMessage ?? after.offlineMessage,
  };
}

/** Gives a command and waits until the server says that it is done. */
async function command(
  person: Person,
  chatId: ChatId,
  given: Command,
): Promise<CommandId> {
  const { session, log } = person;
  const posted = session.command(given);
  if (posted.type === "refused") throw new ChatStuck(`${given.type}: ${posted.code}`);
  await until(given.type, () => {
    const failed = session.snapshot().failed.find(({ id }) => id === posted.id);
    if (failed !== undefined) throw new ChatStuck(`${given.type}: ${JSON.stringify(failed)}`);
    return log.done.has(posted.id);
  }, { chatId, people: [person] });
  return posted.id;
}

function isEnded({ session }: Person, chatId: ChatId): boolean {
  const chat = session.snapshot().chats.find((one) => one.chatId === chatId);
  return chat?.view?.state.state === "ended";
}

async function agentOf(
  visitor: Person,
  agents: readonly Person[],
  chatId: ChatId,
): Promise<Person> {
  let found: Person | undefined;
  await until("an agent", () => {
    found = agents.find(({ session }) =>
      session.snapshot().chats.find((one) => one.chatId === chatId)?.view?.state.state === "active"
    );
    return found !== undefined;
  }, { chatId, people: [visitor, ...agents] });
  if (found === undefined) throw new ChatStuck("an agent");
  return found;
}
