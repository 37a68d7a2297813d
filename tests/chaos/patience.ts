import type { ChatId } from "../../core/ids.ts";
import { pause } from "./node_process.ts";
import type { Person } from "./people.ts";

/** Why a chat did not come to its end. */
export class ChatStuck extends Error {
  override name = "ChatStuck";
}

const stepMsMax = 60_000;

/** Until it holds; the server may be killed meanwhile, so this takes as long as it takes. */
export async function until(
  what: string,
  holds: () => boolean,
  state: () => string = () => "",
): Promise<void> {
  const started = performance.now();
  while (!holds()) {
    if (performance.now() - started > stepMsMax) throw new ChatStuck(`${what} ${state()}`);
    await pause(10);
  }
}

/** How a chat looks to its people, for whoever has to find out why it is stuck. */
export function seenBy(chatId: ChatId, ...people: readonly Person[]): string {
  return people.map(({ author, session, log }) => {
    const { chats, connection, unacked, failed } = session.snapshot();
    const chat = chats.find((one) => one.chatId === chatId);
    const { view, confirmed, level, entries, posts } = chat ?? {};
    const seen = { state: view?.state.state, confirmed, level, entries: entries?.length };
    const rest = { connection: connection.state, unacked, failed, posts, done: log.done.size };
    return `${author}: ${JSON.stringify({ ...seen, ...rest })}`;
  }).join("; ");
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
