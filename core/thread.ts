import { EntryLog } from "./entry_log.ts";
import { type AgentId, agentsOfThread, type ChatId } from "./ids.ts";

/**
 * What two agents write to each other: entries of kind `private` in the staff stream, synced like
 * a chat's. Begun by its first message, forgotten when nobody wrote for a week. [PM1]
 */
export class Thread {
  readonly chatId: ChatId;
  readonly agentIds: readonly [AgentId, AgentId];
  readonly log: EntryLog;

  constructor(chatId: ChatId, lastOrder = 0) {
    this.chatId = chatId;
    this.agentIds = agentsOfThread(chatId);
    this.log = new EntryLog(lastOrder);
  }

  /** The other agent of the thread. */
  otherThan(agentId: AgentId): AgentId {
    const [first, second] = this.agentIds;
    return first === agentId ? second : first;
  }
}
