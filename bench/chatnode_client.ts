import { benchAgentId, benchPassword } from "./bench_site.ts";
import { newUlid } from "./message_id.ts";
import { RawWebSocket } from "./raw_websocket.ts";

/** Requests under way at once: enough to keep the server busy, too few to overflow its backlog. */
const requestsMax = 16;
/** Longest time to be put off with 429 or 503 before the run fails. */
const putOffMsMax = 30_000;

/** A chat that runs: both sides' sockets, ready to post. */
export interface OpenChat {
  readonly chatId: string;
  readonly visitor: RawWebSocket;
  readonly agent: RawWebSocket;
}

/** Opens chats in a site with manual routing, each with a visitor and an agent of its own. */
export async function openChats(port: number, siteId: string, count: number): Promise<OpenChat[]> {
  const visitorTokens = await createVisitors(port, siteId, count);
  const agentTokens = await inTurn(
    count,
    (index) => login(port, siteId, { agentId: benchAgentId(index), password: benchPassword }),
  );
  return visitorTokens.map((visitorToken, index) => {
    const agent = greet(port, `/v1/sites/${siteId}/agent`, agentTokens[index] ?? "");
    command(agent, { type: "set_status", status: "online" });
    const visitor = greet(port, `/v1/sites/${siteId}/visitor`, visitorToken);
    const chatId = command(visitor, { type: "request_chat", name: `Visitor ${index}` });
    command(agent, { type: "accept_chat", chatId });
    return { chatId, visitor, agent };
  });
}

/** Logs an agent in and returns its token. */
export async function login(
  port: number,
  siteId: string,
  body: { readonly agentId: string; readonly password: string },
): Promise<string> {
  return tokenOf(await post(port, `/v1/sites/${siteId}/agents/login`, body));
}

/** Creates visitors and returns their tokens. */
export function createVisitors(port: number, siteId: string, count: number): Promise<string[]> {
  return inTurn(
    count,
    async () => tokenOf(await post(port, `/v1/sites/${siteId}/visitors`, {})),
  );
}

/** Connects and waits for the welcome. */
export function greet(port: number, path: string, token: string, source?: string): RawWebSocket {
  const socket = RawWebSocket.open(port, path, source);
  const hello = {
    type: "hello",
    protocol: 1,
    token,
    connectionId: newUlid(),
    term: 0,
    chats: {},
    unacked: 0,
  };
  socket.exchange(JSON.stringify(hello), (line) => answerOf(line, "hello", "welcome"));
  return socket;
}

/** Sends a command and waits until it is done; returns its id. */
function command(socket: RawWebSocket, frame: { type: string; [field: string]: unknown }): string {
  const commandId = newUlid();
  const text = JSON.stringify({ ...frame, commandId });
  socket.exchange(text, (line) => answerOf(line, commandId, "done"));
  return commandId;
}

function answerOf(line: string, re: string, type: "done" | "welcome"): true | undefined {
  const frame = JSON.parse(line);
  if (frame.type === "refused" && frame.re === re) throw new Error(`The server refused: ${line}`);
  if (frame.type !== type) return undefined;
  return type === "welcome" || frame.commandId === re ? true : undefined;
}

async function post(port: number, path: string, body: unknown): Promise<unknown> {
  const until = performance.now() + putOffMsMax;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return await response.json();
    const told = await response.text();
    const putOff = response.status === 429 || response.status === 503;
    if (!putOff || performance.now() > until) {
      throw new Error(`POST ${path}: ${response.status} ${told.slice(0, 300)}`);
    }
    const seconds = Number(response.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
  }
}

function tokenOf(answer: unknown): string {
  const token = typeof answer === "object" && answer !== null && "token" in answer
    ? answer.token
    : undefined;
  if (typeof token !== "string") throw new Error(`No token in ${JSON.stringify(answer)}`);
  return token;
}

/** The results of `ask` for 0 … count - 1, a few under way at a time. */
async function inTurn<T>(count: number, ask: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await ask(index);
  };
  await Promise.all(Array.from({ length: Math.min(requestsMax, count) }, lane));
  return results;
}
