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

/** Whether this is what two agents write each other, no visitor's chat. */
export function isThread(chatId: ChatId): boolean {
  return chatId.startsWith("~");
}

function monotonicUlid(): () => string {
  const factory = monotonicFactory();
  return () => factory();
}
