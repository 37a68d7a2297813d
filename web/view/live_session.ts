import { type ReadonlySignal, signal } from "@preact/signals";
import { ChatSession } from "../sdk/chat_session.ts";
import type { Holder } from "../sdk/holder.ts";
import type { ClientSnapshot } from "../sdk/snapshot.ts";
import type { ClientStorage } from "../sdk/storage.ts";

/** A session and its snapshot as a signal, so that views follow it. */
export interface LiveSession {
  readonly session: ChatSession;
  readonly snapshot: ReadonlySignal<ClientSnapshot>;
  /** Stops the session for good. */
  stop(): void;
}

/** Runs a session of this page against the server that the page came from. */
export function openLiveSession(
  { siteId, holder, token, storage }: {
    siteId: string;
    holder: Holder;
    token: string;
    storage: ClientStorage;
  },
): LiveSession {
  const session = new ChatSession({ server: location.origin, siteId, holder, storage });
  const snapshot = signal(session.snapshot());
  const unsubscribe = session.subscribe(() => snapshot.value = session.snapshot());
  const online = () => session.networkReturned();
  globalThis.addEventListener("online", online);
  session.start(token);
  return {
    session,
    snapshot,
    stop() {
      globalThis.removeEventListener("online", online);
      unsubscribe();
      session.stop();
    },
  };
}
