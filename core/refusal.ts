/**
 * Every code of a `refused` frame. Retryable: the same frame may be sent again later and may pass;
 * otherwise repeating it is useless. A refusal changes nothing.
 */
export const refusalCodes = {
  bad_frame: {
    retryable: false,
    why: "The frame is no JSON, of unknown type, or breaks its schema; `field` says where.",
  },
  binary_frame: { retryable: false, why: "Frames are text; a binary message was ignored." },
  hello_expected: { retryable: false, why: "The first frame must be a hello, and only the first." },
  rate_limited: { retryable: true, why: "More frames than allowed; wait `retryAfterMs`." },
  unavailable: { retryable: true, why: "The node could not commit; nothing was changed." },
  overloaded: { retryable: true, why: "The site has more undecided work than it may hold." },
  storage_full: {
    retryable: true,
    why: "The disk budget of the node is nearly used up; no new chats.",
  },
  unknown_chat: { retryable: false, why: "There is no such chat that you may see." },
  not_in_chat: {
    retryable: false,
    why: "The chat is not yours: another visitor's, or another agent's.",
  },
  chat_ended: { retryable: false, why: "The chat has ended; it takes no more messages." },
  chat_not_waiting: { retryable: false, why: "The chat is not waiting any more." },
  chat_taken: { retryable: false, why: "Another agent already has the chat." },
  already_chatting: {
    retryable: false,
    why: "The visitor already has a running chat; `field` names it.",
  },
  agent_not_online: { retryable: false, why: "Set the status to online before accepting a chat." },
  agent_at_limit: { retryable: false, why: "The agent has as many chats as it may have at once." },
  queue_full: { retryable: true, why: "The waiting queue is at its limit." },
  chat_full: { retryable: false, why: "The chat has as many entries as a chat may have." },
  id_reused: { retryable: false, why: "The same id was used before with other content." },
  bad_signature: {
    retryable: false,
    why: "An uploaded entry was not signed by this server for this site.",
  },
  not_asked: { retryable: false, why: "The server did not ask for these entries." },
} as const;
/** The codes of refusals. */
export type RefusalCode = keyof typeof refusalCodes;

/** A refusal as a value: the answer to a frame that changed nothing. */
export interface Refusal {
  readonly code: RefusalCode;
  /** The field at fault, as a path ("text", "chats.01ARZ….n"). */
  readonly field?: string;
  /** One sentence for a developer: what was wrong and what is allowed. */
  readonly message?: string;
  readonly retryAfterMs?: number;
}
