import type { ChatId } from "../../core/ids.ts";
import { pause } from "./node_process.ts";
import type { Person } from "./people.ts";

/** Why a chat did not come to its end. */
export class ChatStuck extends Error {
  override name = "ChatStuck";
}

const stepMsMax = 90_000;
/** People who have waited so long for their connection press the button. */
const reconnectMsMax = 8_000;

/** People who wait for something in their chat. */
export interface Waiting {
  readonly chatId: ChatId;
  readonly people: readonly Person[];
}

/**
 * Until it holds; the server may be killed meanwhile, so this takes as long as it takes. After many
 * kills in a row a page waits for up to 30 s before it connects again: longer than people do.
 */
export async function until(
  what: string,
  holds: () => boolean,
  { chatId, people }: Waiting,
): Promise<void> {
  const started = performance.now();
  let pressedAt = started;
  while (!holds()) {
    const now = performance.now();
    if (now - started > stepMsMax) {
      throw new ChatStuck(`${what}; ${people.map((one) => seenBy(one, chatId)).join("; ")}`);
    }
    if (now - pressedAt > reconnectMsMax) {
      pressedAt = now;
      for (const { session } of people) {
        const { state } = session.snapshot().connection;
        if (state === "waiting_to_reconnect") session.networkReturned();
      }
    }
    await pause(10);
  }
}

/** How a chat looks to somebody, for whoever has to find out why it is stuck. */
function seenBy({ author, session, log }: Person, chatId: ChatId): string {
  const { chats, connection, unacked, failed } = session.snapshot();
  const chat = chats.find((one) => one.chatId === chatId);
  const { view, confirmed, level, entries, posts } = chat ?? {};
  const seen = { state: view?.state.state, confirmed, level, entries: entries?.length };
  const rest = { connection: connection.state, unacked, failed, posts, done: log.done.size };
  return `${author}: ${JSON.stringify({ ...seen, ...rest })}`;
}

/** Tries an HTTP call again while the server is down. */
export async function again<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  const started = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isLate = performance.now() - started > stepMsMax;
      if (isLate) throw new ChatStuck("the server does not answer", { cause: error });
      await pause(50);
    }
  }
}
