import type { Clock } from "./clock.ts";
import type { Connection, SessionHub } from "./session_hub.ts";

/** Between two steps. */
const pauseMs = 50;

/**
 * Tells connections to reconnect, so many a second: told all at once, they would come back all at
 * once.
 */
export async function closeSpread(
  hub: SessionHub,
  clock: Clock,
  connections: readonly Connection[],
  perSecond: number,
): Promise<void> {
  const perStep = Math.max(1, Math.floor(perSecond * pauseMs / 1_000));
  for (const [place, connection] of connections.entries()) {
    hub.close(connection, "drain");
    const isStepDone = (place + 1) % perStep === 0 && place + 1 < connections.length;
    if (isStepDone) await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
  }
}
