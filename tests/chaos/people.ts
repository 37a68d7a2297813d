import type { ChatId } from "../../core/ids.ts";
import { ChatSession } from "../../web/sdk/chat_session.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import { openWebSocket } from "../../web/sdk/socket.ts";
import { ClientLog, type Gate } from "./client_log.ts";
import { pause, site } from "./node_process.ts";

/** A visitor or agent with its session, its token and what the wire told it. */
export interface Person {
  readonly author: string;
  readonly session: ChatSession;
  readonly token: string;
  readonly log: ClientLog;
}

/** A chat between two people. */
export interface Chat {
  readonly chatId: ChatId;
  readonly visitor: Person;
  readonly agent: Person;
}

const settleMsMax = 30_000;

/** Opens `count` chats: visitors who ask, agents who are online and get them assigned. */
export async function openChats(
  url: string,
  gate: Gate,
  options: { readonly count: number; readonly agents: number },
): Promise<Chat[]> {
  const api = new HttpApi(url, site.siteId);
  const agents: Person[] = [];
  for (let i = 0; i < options.agents; i++) {
    const { agentId, token } = await api.loginAgent(`agent${i}`, site.password);
    const agent = join(url, gate, { type: "agent", id: agentId }, token);
    agent.session.setStatus("online");
    agents.push(agent);
  }
  const asked: { chatId: ChatId; visitor: Person }[] = [];
  for (let i = 0; i < options.count; i++) {
    const { visitorId, token } = await api.createVisitor();
    const visitor = join(url, gate, { type: "visitor", id: visitorId }, token);
    const chat = visitor.session.requestChat({ name: `Visitor ${i}` });
    if (chat.type === "refused") throw new Error(`No chat: ${chat.code}`);
    asked.push({ chatId: chat.id, visitor });
  }
  const chats: Chat[] = [];
  for (const { chatId, visitor } of asked) {
    chats.push({ chatId, visitor, agent: await assignedAgent(agents, chatId) });
  }
  return chats;
}

/** One person's session at a site, with everything that it hears kept. */
export function join(
  url: string,
  gate: Gate,
  holder: ConstructorParameters<typeof ChatSession>[0]["holder"],
  token: string,
  siteId: string = site.siteId,
): Person {
  const author = `${holder.type}:${holder.id}`;
  const log = new ClientLog(author);
  const openSocket = gate.socketFor(log, openWebSocket);
  const session = new ChatSession({ server: url, siteId, holder, openSocket });
  session.start(token);
  return { author, session, token, log };
}

async function assignedAgent(agents: readonly Person[], chatId: ChatId): Promise<Person> {
  const until = performance.now() + settleMsMax;
  while (performance.now() < until) {
    for (const agent of agents) {
      const chat = agent.session.snapshot().chats.find((one) => one.chatId === chatId);
      if (chat?.view?.state.state === "active") return agent;
    }
    await pause(20);
  }
  throw new Error(`Chat ${chatId} was not assigned within ${settleMsMax} ms`);
}

/** Everybody once, though an agent has several chats. */
export function peopleOf(chats: readonly Chat[]): Person[] {
  return [...new Set(chats.flatMap(({ visitor, agent }) => [visitor, agent]))];
}

/** Waits until every post is acked and every client's copy of its chats is level. */
export async function settle(people: readonly Person[]): Promise<void> {
  const until = performance.now() + settleMsMax;
  const isSettled = ({ session }: Person) => {
    const { unacked, chats, connection } = session.snapshot();
    return unacked === 0 && connection.state === "open" && chats.every((chat) => chat.level);
  };
  while (!people.every(isSettled)) {
    if (performance.now() > until) throw new Error("Not everybody was level again in time");
    await pause(50);
  }
}
