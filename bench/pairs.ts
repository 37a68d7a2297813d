import { openChats } from "./chatnode_client.ts";
import type { Target } from "./job.ts";
import { newUlid } from "./message_id.ts";
import { RawWebSocket } from "./raw_websocket.ts";
import { Side } from "./side.ts";
import { jsonWire, socketioWire } from "./wire.ts";

export interface PairsOptions {
  readonly pairs: number;
  readonly textBytes: number;
  readonly batchMax: number;
  readonly strict: boolean;
  /** The site, where there are sites. */
  readonly siteId: string;
}

/** Connects the pairs to the server; returns their sides, two of a pair next to each other. */
export async function openPairs(target: Target, options: PairsOptions): Promise<Side[]> {
  const chats = target.server === "chatnode"
    ? await openChats(target.port, options.siteId, options.pairs)
    : Array.from({ length: options.pairs }, (_, pair) => ({
      chatId: newUlid(),
      visitor: openPeer(target, pair, 0),
      agent: openPeer(target, pair, 1),
    }));
  const wire = target.server === "socketio" ? socketioWire : jsonWire;
  return chats.flatMap(({ chatId, visitor, agent }) => {
    const { textBytes, batchMax, strict } = options;
    const [a, b] = [visitor, agent].map((socket) =>
      new Side({ socket, wire, chatId, textBytes, batchMax, strict })
    );
    if (a === undefined || b === undefined) return [];
    a.faces(b);
    b.faces(a);
    return [a, b];
  });
}

function openPeer(target: Target, pair: number, side: number): RawWebSocket {
  if (target.server === "deno") return openBareSocket(target.port, pair, side);
  const socket = RawWebSocket.open(target.port, "/socket.io/?EIO=4&transport=websocket");
  socket.exchange(undefined, (text) => text.startsWith("0{") ? true : undefined);
  const auth = JSON.stringify({ pair, side });
  socket.exchange(`40${auth}`, (text) => text.startsWith("40{") ? true : undefined);
  return socket;
}

/** Connects to the bare Deno relay; it answers a hello as well. */
export function openBareSocket(port: number, pair: number, side: number, source?: string) {
  const socket = RawWebSocket.open(port, `/${pair}/${side}`, source);
  socket.exchange('{"type":"hello"}', (text) => text.includes('"welcome"') ? true : undefined);
  return socket;
}
