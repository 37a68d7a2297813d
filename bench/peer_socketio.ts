/**
 * The other yardstick: the same relay on Socket.IO, WebSocket transport only. The ack is
 * Socket.IO's own, the relay an emit to the other side's socket. Arguments: port.
 */
import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";

interface Message {
  readonly chatId: string;
  readonly messageId: string;
  readonly text: string;
}

const port = Number(Deno.args[0]);
const pairs = new Map<string, [Socket | undefined, Socket | undefined]>();
let messages = 0;

const http = createServer((request, response) => {
  response.statusCode = request.url === "/readyz" ? 200 : 404;
  response.end();
});
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  const pairName = String(socket.handshake.auth["pair"]);
  const side = socket.handshake.auth["side"] === 1 ? 1 : 0;
  const pair = pairs.get(pairName) ?? [undefined, undefined];
  pairs.set(pairName, pair);
  pair[side] = socket;
  socket.on("disconnect", () => pairs.delete(pairName));
  socket.on("post_message", (message: Message, ack: (answer: unknown) => void) => {
    const { chatId, messageId, text } = message;
    const n = ++messages;
    const at = Date.now();
    ack({ chatId, messageId, n, at });
    const entry = { chatId, n, at, author: side, id: messageId, kind: "message", text };
    pair[1 - side]?.emit("entry", entry);
  });
});

http.listen(port, "127.0.0.1");
