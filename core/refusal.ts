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
  forbidden: { retryable: false, why: "Your role or department does not allow this." },
  unknown_agent: { retryable: false, why: "There is no such agent of this site." },
  unknown_department: { retryable: false, why: "There is no such department of this site." },
  unknown_campaign: { retryable: false, why: "There is no such campaign of this site." },
  unknown_visitor: { retryable: false, why: "No such visitor is on the site." },
  unknown_invitation: { retryable: false, why: "This invitation does not stand (any more)." },
  unknown_ban: { retryable: false, why: "There is no such ban." },
  unknown_canned: { retryable: false, why: "There is no such canned message of this site." },
  unknown_variable: {
    retryable: false,
    why: "The site has no such custom variable; `field` names it.",
  },
  bad_answer: {
    retryable: false,
    why: "An answer does not fit its form; `field` says which, the message what is allowed.",
  },
  bad_sign_in: {
    retryable: false,
    why: "The sign-in token is unsigned, forged, expired or for somebody else.",
  },
  sign_in_required: { retryable: false, why: "The site asks its visitors to sign in first." },
  closed: { retryable: true, why: "Outside the business hours; leave an offline message." },
  nobody_online: { retryable: true, why: "No agent is online; leave an offline message." },
  wait_too_long: {
    retryable: true,
    why: "The estimated wait is longer than allowed; leave an offline message.",
  },
  target_unavailable: {
    retryable: true,
    why: "Nobody is there to take the chat: the agent is not online, the department closed.",
  },
  last_agent: {
    retryable: false,
    why: "Nobody else could go on with the chat: transfer or end it instead of leaving.",
  },
  not_chatted: { retryable: false, why: "No agent was in the chat: there is nothing to rate." },
  already_wrapped_up: { retryable: false, why: "The chat was wrapped up before." },
  visitor_busy: { retryable: false, why: "The visitor is chatting, or was invited already." },
  banned: { retryable: false, why: "The visitor is banned." },
  too_many: { retryable: false, why: "There are as many of these as there may be." },
  id_reused: {
    retryable: false,
    why: "The id was used before: with other content, or for a chat that is over.",
  },
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
