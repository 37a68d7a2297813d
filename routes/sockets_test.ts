import assert from "node:assert/strict";
import { closeCodes } from "../core/close_code.ts";
import { type EdgeBench, startEdge } from "../tests/harness/edge_bench.ts";
import { framesOf } from "../tests/harness/listening_socket.ts";
import type { ServerFrame } from "../core/server_frames.ts";

/** The edge on a real port. */
async function served() {
  const edge = await startEdge();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => edge.app.fetch(request, info),
  );
  const stop = async () => {
    await server.shutdown();
    edge.bench.stop();
  };
  return { edge, url: `ws://127.0.0.1:${server.addr.port}/v1/sites/acme`, stop };
}

/** A real client: what it received, and how it was closed. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  const messages: string[] = [];
  let heard = () => {};
  socket.onmessage = ({ data }) => {
    messages.push(data);
    heard();
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const next = async (edge: EdgeBench): Promise<ServerFrame[]> => {
    while (messages.length === 0) {
      await new Promise<void>((resolve) => heard = resolve);
      await edge.bench.idle();
    }
    return framesOf(messages.splice(0));
  };
  return { socket, closed, next };
}

function helloOf(edge: EdgeBench, token: string): string {
  return JSON.stringify({
    type: "hello",
    protocol: 1,
    token,
    connectionId: edge.bench.ids.connection(),
    term: 0,
    chats: {},
    unacked: 0,
  });
}

Deno.test("[CN1] [BI1] [BI2] over a real WebSocket: refused, welcomed, closed by its size", async () => {
  const { edge, url, stop } = await served();
  const { socket, closed, next } = await connect(`${url}/visitor`);
  socket.send("no json");
  assert.equal((await next(edge))[0]?.type, "refused");
  socket.send(new Uint8Array([1, 2, 3]));
  const [binary] = await next(edge);
  assert.equal(binary?.type === "refused" ? binary.code : "", "binary_frame");
  socket.send(helloOf(edge, await edge.token({ kind: "visitor", sub: "" })));
  assert.equal((await next(edge))[0]?.type, "welcome");
  socket.send("x".repeat(64 * 1024 + 1));
  const { code, reason } = await closed;
  assert.deepEqual([code, reason], [closeCodes.frame_too_big.code, "frame_too_big"]);
  await stop();
});

Deno.test("[BI4] over a real WebSocket a forged token is closed with its code and name", async () => {
  const { edge, url, stop } = await served();
  const { socket, closed } = await connect(`${url}/agent`);
  socket.send(helloOf(edge, "forged"));
  const { code, reason } = await closed;
  assert.deepEqual([code, reason], [closeCodes.bad_token.code, "bad_token"]);
  await stop();
});

/** What a server answers to these bytes; "" when the client hangs up after so many. */
async function raw(port: number, text: string, hangsUp = false): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  if (hangsUp) return "";
  return await new Response(connection.readable).text();
}

Deno.test("[AM20] a request for a WebSocket without what one needs is refused, and no error of ours", async () => {
  const { edge, url, stop } = await served();
  const { pathname, port } = new URL(`${url}/agent`);
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const rows = [["Connection: close"], ["Connection: Upgrade, close"], ["Connection: close", key]];
  for (const lines of rows) {
    const head = [`GET ${pathname} HTTP/1.1`, "Host: x", "Upgrade: websocket", ...lines];
    const answer = await raw(Number(port), `${head.join("\r\n")}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1.1 400 [^]*"code":"bad_upgrade"/);
  }
  assert.deepEqual(edge.bench.logged, []);
  await stop();
});

Deno.test("[AM20] a body that is cut off is no error of ours, with a length and without", async () => {
  const edge = await startEdge();
  let answered = (_: unknown) => {};
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request, info) => {
      const response = await edge.app.fetch(request, info);
      answered(await response.clone().json());
      return response;
    },
  );
  for (const path of ["/v1/sites/acme/agents/login", "/v1/sites/acme/visitors"]) {
    for (const how of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
      const answer = new Promise((resolve) => answered = resolve);
      const head = [`POST ${path} HTTP/1.1`, "Host: x", "Content-Type: application/json", how];
      await raw(server.addr.port, `${head.join("\r\n")}\r\n\r\n5\r\n{"ag`, true);
      assert.deepEqual(await answer, {
        title: "Bad request",
        status: 400,
        detail: "body: it was cut off",
        code: "cut_off",
      });
    }
  }
  assert.deepEqual(edge.bench.logged, []);
  await server.shutdown();
  edge.bench.stop();
});

const upgrade = { upgrade: "websocket", connection: "Upgrade" };
const refusals: readonly [string, string, Record<string, string>, number][] = [
  ["a plain request", "acme/visitor", {}, 426],
  ["an unknown site", "nobody/visitor", upgrade, 404],
  ["a site of wrong form", "NOT%20A%20NAME/agent", upgrade, 404],
  ["a page of a foreign origin", "acme/visitor", { ...upgrade, origin: "https://evil.com" }, 403],
];
for (const [what, path, headers, status] of refusals) {
  Deno.test(`[SE1] ${what} gets no WebSocket but ${status}`, async () => {
    const { app, bench } = await startEdge();
    const response = await app.request(`/v1/sites/${path}`, { headers });
    assert.equal(response.status, status);
    assert.equal((await response.json()).status, status);
    bench.stop();
  });
}

Deno.test("[CL3] a site that failed answers 503 and when to come back", async () => {
  const { app, bench } = await startEdge();
  bench.slot().state = "failed";
  const response = await app.request("/v1/sites/acme/visitor", { headers: upgrade });
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "30"]);
  await response.body?.cancel();
  bench.stop();
});

Deno.test("[BI3] a node at its limit of connections answers 503", async () => {
  const { app, bench } = await startEdge({ rates: { connectionsMax: 1 } });
  bench.visitor();
  const response = await app.request("/v1/sites/acme/visitor", { headers: upgrade });
  assert.equal(response.status, 503);
  await response.body?.cancel();
  bench.stop();
});
