/** What a socket tells its owner. Nothing after `closed`; `closed` comes exactly once. */
export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  /** The close code; 1006 when there was none. */
  closed(code: number): void;
}

/** An open or opening socket. Sending on one that is not open does nothing. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** Opens a socket; must not call back before it returns. Never throws. */
export type OpenSocket = (url: string, events: SocketEvents) => Socket;

/** A real WebSocket, in browsers and in Deno. */
export const openWebSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url);
  let over = false;
  const end = (code: number) => {
    if (over) return;
    over = true;
    events.closed(code);
  };
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") events.received(data);
  };
  socket.onclose = ({ code }) => end(code);
  // Deno reports a connection that was refused by an error, and may leave out the close.
  socket.onerror = () => {
    if (socket.readyState === WebSocket.CLOSED) end(1006);
  };
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
  };
};
