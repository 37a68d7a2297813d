import type { ChatId, CommandId } from "../../core/ids.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import type { Command } from "../../web/sdk/chat_session.ts";
import type { ArchiveSite } from "./archive_sites.ts";
import type { Gate } from "./client_log.ts";
import { pause } from "./node_process.ts";
import { join, type Person } from "./people.ts";

/** What a chat left behind, as its people were told. */
export interface LivedChat {
  readonly siteId: string;
  readonly chatId: ChatId;
  readonly visitorId: string;
  /** "author/messageId" of every acknowledged message, in the order written by each author. */
  readonly acked: readonly string[];
  readonly rated: CommandId | undefined;
  readonly wrappedUp: CommandId | undefined;
  /** The offline message that its visitor left, too. */
  readonly offlineMessage: CommandId | undefined;
}

/** Why a chat did not come to its end. */
export class ChatStuck extends Error {
  override name = "ChatStuck";
}

const stepMsMax = 60_000;

/** Until it holds; the server may be killed meanwhile, so this takes as long as it takes. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const started = performance.now();
  while (!holds()) {
    if (performance.now() - started > stepMsMax) throw new ChatStuck(what);
    await pause(10);
  }
}

/** Tries an HTTP call again while the server is down. */
async function again<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  const started = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() - started > stepMsMax) throw error;
      await pause(50);
    }
  }
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

/** Numbers of a chat decide what happens in it. */
interface Lot {
  readonly messages: number;
  readonly endedBy: "visitor" | "agent";
  readonly isRated: boolean;
  readonly isWrappedUp: boolean;
  readonly leavesMessage: boolean;
}

function lotOf(no: number): Lot {
  return {
    messages: 1 + no % 4,
    endedBy: no % 2 === 0 ? "visitor" : "agent",
    isRated: no % 3 === 0,
    isWrappedUp: no % 5 < 2,
    leavesMessage: no % 11 === 0,
  };
}

/** A visitor comes, chats with whichever agent it is given, and leaves; whatever dies meanwhile. */
export async function liveChat(
  url: string,
  gate: Gate,
  site: ArchiveSite,
  agents: readonly Person[],
  no: number,
): Promise<LivedChat> {
  const { siteId } = site;
  const lot = lotOf(no);
  const { visitorId, token } = await again(() => new HttpApi(url, siteId).createVisitor());
  const visitor = join(url, gate, { type: "visitor", id: visitorId }, token, siteId);
  const { session } = visitor;
  try {
    const asked = session.requestChat({ name: `Visitor ${no}`, email: `v${no}@example.com` });
    if (asked.type === "refused") throw new ChatStuck(`no chat: ${asked.code}`);
    const chatId = asked.id;
    const agent = await agentOf(agents, chatId);
    const written: { readonly by: Person; readonly id: string }[] = [];
    for (let n = 0; n < lot.messages; n++) {
      for (const by of [visitor, agent]) {
        const posted = by.session.post(chatId, `Message ${n} of chat ${no} by ${by.author}`);
        if (posted.type === "posted") written.push({ by, id: posted.id });
      }
      await pause(5 + no % 20);
    }
    await until("messages acked", () => written.every(({ by, id }) => by.log.acked.has(id)));
    (lot.endedBy === "visitor" ? session : agent.session).endChat(chatId);
    await until("ended", () => [visitor, agent].every((person) => isEnded(person, chatId)));
    const rated = lot.isRated
      ? await command(visitor, { type: "rate_chat", chatId, score: 4 })
      : undefined;
    const wrappedUp = lot.isWrappedUp
      ? await command(agent, { type: "wrap_up_chat", chatId, category: "sales" })
      : undefined;
    const offlineMessage = lot.leavesMessage
      ? await command(visitor, { type: "submit_offline_message", text: `Later ${no}` })
      : undefined;
    agent.session.closeChat(chatId);
    const acked = written.map(({ by, id }) => `${by.author}/${id}`);
    return { siteId, chatId, visitorId, acked, rated, wrappedUp, offlineMessage };
  } finally {
    session.stop();
  }
}

/** Gives a command and waits until the server says that it is done. */
async function command({ session, log }: Person, given: Command): Promise<CommandId> {
  const posted = session.command(given);
  if (posted.type === "refused") throw new ChatStuck(`${given.type}: ${posted.code}`);
  await until(given.type, () => {
    const failed = session.snapshot().failed.find(({ id }) => id === posted.id);
    if (failed !== undefined) throw new ChatStuck(`${given.type}: ${JSON.stringify(failed)}`);
    return log.done.has(posted.id);
  });
  return posted.id;
}

function isEnded({ session }: Person, chatId: ChatId): boolean {
  const chat = session.snapshot().chats.find((one) => one.chatId === chatId);
  return chat?.view?.state.state === "ended";
}

async function agentOf(agents: readonly Person[], chatId: ChatId): Promise<Person> {
  let found: Person | undefined;
  await until("an agent", () => {
    found = agents.find(({ session }) =>
      session.snapshot().chats.find((one) => one.chatId === chatId)?.view?.state.state === "active"
    );
    return found !== undefined;
  });
  if (found === undefined) throw new ChatStuck("an agent");
  return found;
}
