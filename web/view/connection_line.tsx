import type { ConnectionState } from "../sdk/connection.ts";
import type { StopName } from "../sdk/close_code.ts";
import { unreachable } from "../sdk/assert.ts";

const stopReasons: ReadonlyMap<StopName, string> = new Map([
  ["bad_token", "Your session is not valid any more."],
  ["token_expired", "Your session has expired."],
  ["replaced", "The chat was opened in another window."],
  ["too_many_tabs", "Too many tabs of this chat are open. Close one and try again."],
  ["unknown_site", "This site does not exist here."],
]);

/** What a connection's state means to a person; empty when all is well. */
export function connectionText(connection: ConnectionState): string {
  switch (connection.state) {
    case "idle":
      return "Not connected";
    case "connecting":
    case "greeting":
      return "Connecting…";
    case "open":
      return "";
    case "waiting_to_reconnect":
      return connection.newer
        ? "You are at another window. Waiting until it is closed…"
        : "Connection lost. Reconnecting…";
    case "stopped":
      return stopReasons.get(connection.closeName) ??
        `The server ended it (${connection.closeName}).`;
    default:
      return unreachable(connection);
  }
}

/** One line that says how the connection is; announced to screen readers when it changes. */
export function ConnectionLine(
  { connection, onRetry }: { connection: ConnectionState; onRetry?: (() => void) | undefined },
) {
  const text = connectionText(connection);
  return (
    <div
      class="connection"
      data-testid="connection"
      data-state={connection.state}
      role="status"
    >
      <span class="connection-dot" aria-hidden="true" />
      <span>{text === "" ? "Connected" : text}</span>
      {connection.state === "stopped" && onRetry !== undefined
        ? <button type="button" class="link" onClick={onRetry}>Use it here</button>
        : null}
    </div>
  );
}
