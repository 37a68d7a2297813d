import type { ChatId, CommandId, ConnectionId, MessageId } from "../../core/ids.ts";
import { monotonicFactory } from "ulid";

/** Makes the ids of one page: ULIDs that sort in the order in which they were made. */
export interface IdMint {
  messageId(): MessageId;
  commandId(): CommandId;
  connectionId(): ConnectionId;
}

/** The real mint. A simulation brings its own, drawn from its seed. */
export function createIdMint(next: () => string = monotonicUlid()): IdMint {
  return {
    // Ids are born here, so here, as at a parse boundary, they get their brand.
    messageId: () => next() as MessageId,
    // The same.
    commandId: () => next() as CommandId,
    // The same.
    connectionId: () => next() as ConnectionId,
  };
}

/** A chat is named by the command that asked for it. */
export function chatIdOf(requestId: CommandId): ChatId {
  // The protocol says that both are the same ULID; only the brand differs.
  return requestId as string as ChatId;
}

const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The id of the same request made anew at this time: only the time in it is another one. */
export function renewedId(id: CommandId, at: number): CommandId {
  let time = Math.max(0, Math.round(at));
  let text = "";
  for (let place = 0; place < 10; place++) {
    text = digits.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  return `${text}${id.slice(10)}` as CommandId; // born here, as those of the mint
}

/** Whether this is what two agents write each other, no visitor's chat. */
export function isThread(chatId: ChatId): boolean {
  return chatId.startsWith("~");
}

function monotonicUlid(): () => string {
  const factory = monotonicFactory();
  return () => factory();
}
