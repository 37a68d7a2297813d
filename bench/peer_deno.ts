/**
 * The yardstick: a bare Deno.serve + Deno.upgradeWebSocket relay of our wire. It parses, gives an
 * id, acks to the sender and relays to the other side; it stores, checks and orders nothing.
 * Paths: /<pair>/<side>, side 0 or 1. Arguments: port.
 */
const port = Number(Deno.args[0]);
const pairs = new Map<string, [WebSocket | undefined, WebSocket | undefined]>();
let messages = 0;

function relay(socket: WebSocket, pairName: string, side: 0 | 1): void {
  const pair = pairs.get(pairName) ?? [undefined, undefined];
  pairs.set(pairName, pair);
  pair[side] = socket;
  socket.onclose = () => pairs.delete(pairName);
  socket.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    switch (frame.type) {
      case "post_message": {
        const { chatId, messageId, text } = frame;
        const n = ++messages;
        const at = Date.now();
        socket.send(JSON.stringify({ type: "ack", chatId, messageId, n, at }));
        const entry = { chatId, n, at, author: side, id: messageId, kind: "message", text };
        pair[1 - side]?.send(JSON.stringify({ type: "entry", entry }));
        return;
      }
      case "hello":
        return socket.send(JSON.stringify({ type: "welcome" }));
      case "heartbeat":
        return socket.send(JSON.stringify({ type: "heartbeat", at: Date.now(), chats: {} }));
    }
  };
}

Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
  const [, pair = "", side] = new URL(request.url).pathname.split("/");
  if (pair === "readyz") return new Response("ready");
  const { socket, response } = Deno.upgradeWebSocket(request);
  relay(socket, pair, side === "1" ? 1 : 0);
  return response;
});
