// deno-lint-ignore-file no-console -- a tool's output
import assert from "node:assert/strict";
import { ulid } from "ulid";
import { z } from "zod";
import { type Hello, helloSchema } from "../../core/client_frames.ts";
import { protocolVersion } from "../../core/protocol.ts";
import { serverFrameSchema } from "../../core/server_frames.ts";

/** How the server is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const readyMsMax = 20_000;
const stepMsMax = 10_000;
const visitorSchema = z.object({ visitorId: z.string(), token: z.string() });

/** Start, readiness, page, visitor, hello and welcome, stop: the way of every first chat. */
export async function smokeTest(program: Program): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "chatnode_smoke_" });
  const port = freePort();
  const child = new Deno.Command(program.command, {
    args: [...program.args],
    env: {
      ...program.env,
      HOST: "127.0.0.1",
      PORT: String(port),
      INTERNAL_PORT: String(freePort()),
      DATA_DIR: dataDir,
    },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  try {
    await ready(port, child);
    const server = `http://127.0.0.1:${port}`;
    const page = await fetch(`${server}/`, { signal: AbortSignal.timeout(stepMsMax) });
    assert.match(await page.text(), /<html/i, "the first page is HTML");
    assert.equal(page.status, 200);
    const created = await fetch(`${server}/v1/sites/demo/visitors`, {
      method: "POST",
      signal: AbortSignal.timeout(stepMsMax),
    });
    assert.equal(created.status, 201);
    const { visitorId, token } = visitorSchema.parse(await created.json());
    assert.equal(await greet(`ws://127.0.0.1:${port}/v1/sites/demo/visitor`, token), visitorId);
    child.kill("SIGTERM");
    const { code } = await within(stepMsMax, child.status, "the server to stop");
    assert.equal(code, 0, "SIGTERM ends it in order");
    console.log("smoke test: started, served, welcomed, stopped");
  } finally {
    await end(child);
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Answers until /readyz is 200, or the process is gone. */
async function ready(port: number, child: Deno.ChildProcess): Promise<void> {
  let gone = false;
  void child.status.then(() => gone = true);
  const deadline = performance.now() + readyMsMax;
  while (performance.now() < deadline) {
    assert.ok(!gone, "the server ended instead of getting ready");
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch (error) {
      // Not listening yet.
      if (!(error instanceof TypeError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`no readiness within ${readyMsMax} ms`);
}

/** Says hello as a visitor; answers with the id that the welcome names. */
async function greet(url: string, token: string): Promise<string> {
  const hello: Hello = helloSchema.parse({
    type: "hello",
    protocol: protocolVersion,
    token,
    connectionId: ulid(),
    term: 0,
    chats: {},
    unacked: 0,
  });
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.onopen = () => socket.send(JSON.stringify(hello));
  const firstMessage = new Promise<string>((resolve, reject) => {
    socket.onmessage = (event) => resolve(String(event.data));
    socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
  });
  const text = await within(stepMsMax, firstMessage, "the welcome");
  const welcome = serverFrameSchema.parse(JSON.parse(text.split("\n")[0] ?? ""));
  assert.equal(welcome.type, "welcome");
  socket.close();
  await within(stepMsMax, closed, "the socket to close");
  return welcome.self.id;
}

async function within<Value>(ms: number, value: Promise<Value>, what: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
  await child.status;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
