import { benchAgentId, benchPassword } from "./bench_site.ts";
import { createVisitors, login } from "./chatnode_client.ts";
import { newUlid } from "./message_id.ts";

/** A busy site: who is on it and how much goes on. */
export interface SiteLoadOptions {
  readonly port: number;
  readonly siteId: string;
  readonly agents: number;
  readonly visitors: number;
  readonly pageChangesPerSecond: number;
  readonly chatsPerSecond: number;
}

/** What the people of the site did and saw. */
export interface SiteCounts {
  changes: number;
  chatsAsked: number;
  chatsAnswered: number;
  chatsEnded: number;
  /** List frames that agents received. */
  listFrames: number;
  /** Rows of visitors' pages in them, as the first agent saw them. */
  rowsSeen: number;
  refused: number;
}

/** How long a chat lasts; with 20 a second some thirty run at once. */
const chatMs = 1_500;
const tickMs = 50;
const lists = ["waiting", "visitors", "chats", "agents"];

/** A site with its agents' consoles and its visitors' pages, each a WebSocket. */
export class SiteLoad {
  readonly counts: SiteCounts = {
    changes: 0,
    chatsAsked: 0,
    chatsAnswered: 0,
    chatsEnded: 0,
    listFrames: 0,
    rowsSeen: 0,
    refused: 0,
  };
  readonly #options: SiteLoadOptions;
  readonly #visitors: WebSocket[] = [];
  readonly #agents: WebSocket[] = [];
  readonly #chatting = new Set<WebSocket>();
  #page = 0;
  #nextVisitor = 0;
  #nextChatter = 0;

  constructor(options: SiteLoadOptions) {
    this.#options = options;
  }

  /** Connects everybody; agents are online and want all lists. */
  async open(): Promise<void> {
    const { port, siteId, agents, visitors } = this.#options;
    for (let index = 0; index < agents; index++) {
      const token = await login(port, siteId, {
        agentId: benchAgentId(index),
        password: benchPassword,
      });
      const socket = await this.#connect("agent", token);
      this.#listen(socket, index === 0);
      send(socket, { type: "set_status", commandId: newUlid(), status: "online" });
      send(socket, { type: "subscribe", lists });
      this.#agents.push(socket);
    }
    for (const token of await createVisitors(port, siteId, visitors)) {
      const socket = await this.#connect("visitor", token);
      this.#listenToChats(socket);
      this.#visitors.push(socket);
    }
  }

  /** Lets the site be busy for this long, at even pace. */
  async run(ms: number): Promise<void> {
    const { pageChangesPerSecond, chatsPerSecond } = this.#options;
    const startedAt = performance.now();
    let changes = 0;
    let chats = 0;
    while (true) {
      const elapsed = performance.now() - startedAt;
      if (elapsed >= ms) return;
      for (; changes < elapsed / 1_000 * pageChangesPerSecond; changes++) this.#changePage();
      for (; chats < elapsed / 1_000 * chatsPerSecond; chats++) this.#askForChat();
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
  }

  close(): void {
    for (const socket of [...this.#agents, ...this.#visitors]) socket.close();
  }

  #changePage(): void {
    const socket = this.#visitors[this.#nextVisitor++ % this.#visitors.length];
    if (socket === undefined) return;
    this.#page += 1;
    this.counts.changes += 1;
    const url = `https://shop.example/page/${this.#page}`;
    send(socket, { type: "view_page", url, title: `Page ${this.#page}` });
  }

  #askForChat(): void {
    for (let tries = 0; tries < this.#visitors.length; tries++) {
      const socket = this.#visitors[this.#nextChatter++ % this.#visitors.length];
      if (socket === undefined || this.#chatting.has(socket)) continue;
      this.#chatting.add(socket);
      const chatId = newUlid();
      send(socket, { type: "request_chat", commandId: chatId, name: "A visitor" });
      this.counts.chatsAsked += 1;
      setTimeout(() => {
        if (socket.readyState !== WebSocket.OPEN) return;
        send(socket, { type: "end_chat", commandId: newUlid(), chatId });
      }, chatMs);
      return;
    }
  }

  #listen(socket: WebSocket, first: boolean): void {
    eachFrame(socket, (frame) => {
      if (frame.type === "refused") this.counts.refused += 1;
      if (!lists.includes(frame.type)) return;
      this.counts.listFrames += 1;
      if (first && frame.type === "visitors" && frame.changed !== undefined) {
        this.counts.rowsSeen += frame.changed.length;
      }
    });
  }

  #listenToChats(socket: WebSocket): void {
    eachFrame(socket, (frame) => {
      if (frame.type === "refused") this.counts.refused += 1;
      if (frame.type !== "chat") return;
      const state = frame.chat?.state.state;
      if (state === "active") this.counts.chatsAnswered += 1;
      if (state !== "ended") return;
      this.counts.chatsEnded += 1;
      this.#chatting.delete(socket);
    });
  }

  async #connect(side: string, token: string): Promise<WebSocket> {
    const { port, siteId } = this.#options;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/sites/${siteId}/${side}`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot connect as ${side}`));
    });
    const welcomed = new Promise<void>((resolve) => {
      eachFrame(socket, (frame) => frame.type === "welcome" && resolve());
    });
    const connectionId = newUlid();
    const hello = {
      type: "hello",
      protocol: 1,
      token,
      connectionId,
      term: 0,
      chats: {},
      unacked: 0,
    };
    send(socket, hello);
    await welcomed;
    return socket;
  }
}

/** What is read of a frame here. */
interface Frame {
  readonly type: string;
  readonly changed?: readonly unknown[];
  readonly chat?: { readonly state: { readonly state: string } };
}

function eachFrame(socket: WebSocket, take: (frame: Frame) => void): void {
  socket.addEventListener("message", ({ data }) => {
    for (const line of String(data).split("\n")) {
      if (line !== "") take(JSON.parse(line));
    }
  });
}

function send(socket: WebSocket, frame: unknown): void {
  socket.send(JSON.stringify(frame));
}
