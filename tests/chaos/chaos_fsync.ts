import { print } from "./print.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import { ChatSession } from "../../web/sdk/chat_session.ts";
import { openWebSocket } from "../../web/sdk/socket.ts";
import { NodeProcess, pause, site } from "./node_process.ts";
import type { Sabotage } from "./sabotage.ts";

const delayMs = 200;
const everyMs = 120;
const settleMsMax = 60_000;

/** When each message was sent, acknowledged and seen at the other side. */
interface Times {
  readonly sentAt: number;
  ackedAt?: number;
  copiedAt?: number;
}

/** Every fsync takes 200 ms longer: nothing may be told sooner. Returns whether that held. */
export async function chaosFsync(
  options: { readonly messages: number; readonly sabotage: Sabotage | undefined },
): Promise<boolean> {
  const node = await NodeProcess.create({
    agents: 1,
    chatLimit: 5,
    sabotage: options.sabotage,
    under: [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=fsync,fdatasync",
      "-e",
      `inject=fsync,fdatasync:delay_exit=${delayMs * 1_000}`,
    ],
  });
  try {
    await node.start();
    const times = await talk(node.url, options.messages);
    return report(options.messages, times);
  } finally {
    await node.remove();
  }
}

async function talk(url: string, messages: number): Promise<Times[]> {
  const api = new HttpApi(url, site.siteId);
  const times = new Map<string, Times>();
  const visitorLogin = await api.createVisitor();
  const agentLogin = await api.loginAgent("agent0", site.password);
  const visitor = new ChatSession({
    server: url,
    siteId: site.siteId,
    holder: { type: "visitor", id: visitorLogin.visitorId },
    openSocket: (where, events) =>
      openWebSocket(where, {
        ...events,
        opened: () => events.opened(),
        received: (text) => {
          forFrames(text, "ack", (frame) => mark(times.get(frame.messageId), "ackedAt"));
          events.received(text);
        },
      }),
  });
  const agent = new ChatSession({
    server: url,
    siteId: site.siteId,
    holder: { type: "agent", id: agentLogin.agentId },
    openSocket: (where, events) =>
      openWebSocket(where, {
        ...events,
        received: (text) => {
          forFrames(text, "entry", (frame) => mark(times.get(frame.entry.id), "copiedAt"));
          events.received(text);
        },
      }),
  });
  agent.start(agentLogin.token);
  agent.setStatus("online");
  visitor.start(visitorLogin.token);
  const chat = visitor.requestChat();
  if (chat.type === "refused") throw new Error(chat.code);
  await until(() => visitor.snapshot().unacked === 0);
  for (let i = 0; i < messages; i++) {
    const posted = visitor.post(chat.id, `message ${i}`);
    if (posted.type === "posted") times.set(posted.id, { sentAt: performance.now() });
    await pause(everyMs);
  }
  const all = [...times.values()];
  await until(() => all.every(({ ackedAt, copiedAt }) => ackedAt && copiedAt));
  visitor.stop();
  agent.stop();
  return all;
}

/** What the check reads of a frame, without the product's own schemas. */
interface Frame {
  readonly type: string;
  readonly messageId: string;
  readonly entry: { readonly id: string };
}

function forFrames(text: string, type: string, each: (frame: Frame) => void): void {
  for (const line of text.split("\n")) {
    const frame: Frame = JSON.parse(line);
    if (frame.type === type) each(frame);
  }
}

function mark(times: Times | undefined, which: "ackedAt" | "copiedAt"): void {
  if (times !== undefined) times[which] ??= performance.now();
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + settleMsMax;
  while (!holds() && performance.now() < end) await pause(20);
}

function report(wanted: number, times: readonly Times[]): boolean {
  const told = times.flatMap(({ sentAt, ackedAt, copiedAt }) =>
    [ackedAt, copiedAt].map((at) => at === undefined ? Infinity : at - sentAt)
  );
  const early = told.filter((ms) => ms < delayMs).length;
  const missing = told.filter((ms) => ms === Infinity).length;
  const sorted = told.filter(Number.isFinite).sort((a, b) => a - b);
  print(`first told after ${sorted[0]?.toFixed(0)} ms, last ${sorted.at(-1)?.toFixed(0)} ms`);
  const enough = times.length >= wanted && missing === 0;
  print(`${early === 0 ? "ok    " : "FAILED"} told sooner than ${delayMs} ms: ${early}`);
  print(`${enough ? "ok    " : "FAILED"} messages ${times.length}, never told: ${missing}`);
  print(JSON.stringify({ messages: times.length, early }));
  return early === 0 && enough;
}
