/**
 * Why the server closed a WebSocket. 4000-4499: reconnect and resume; 4500-4999: stop, a person or
 * the page has to act first. The reason text of the close frame is the name.
 */
export const closeCodes = {
  drain: { code: 4000, why: "The node is stopping or being upgraded. Reconnect at once." },
  moved: { code: 4001, why: "The site is served elsewhere now. Reconnect at once." },
  resync: {
    code: 4002,
    why:
      "The node dropped what it had not yet committed, or found this side behind. Reconnect at once.",
  },
  slow_consumer: { code: 4003, why: "More than the send queue's limit was waiting to be read." },
  silent: { code: 4004, why: "Nothing was heard for longer than two heartbeats." },
  hello_timeout: { code: 4005, why: "No valid hello came in time." },
  overloaded: { code: 4006, why: "The node or the site is at its limit. Reconnect with back-off." },
  newer_console: {
    code: 4007,
    why: "A console of this agent that was started later is connected. Reconnect with back-off.",
  },
  bad_token: {
    code: 4500,
    why: "The session token is forged, of another site or of another kind. Ask for a new one.",
  },
  token_expired: { code: 4501, why: "The session token is too old. Ask for a new one." },
  replaced: { code: 4502, why: "The same page, or this agent's newer console, took over." },
  too_many_tabs: { code: 4503, why: "The visitor has as many tabs open as are allowed." },
  frame_too_big: { code: 4504, why: "A message was larger than a frame may be." },
  too_many_frames: { code: 4505, why: "Frames kept coming far beyond the rate that was told." },
  bad_protocol: {
    code: 4506,
    why: "The first frame was no hello, or of a version not spoken here.",
  },
  banned: { code: 4508, why: "The site has banned this visitor." },
  logged_out: { code: 4509, why: "The agent logged out, or may not log in any more." },
  unknown_site: { code: 4507, why: "There is no such site on this server." },
} as const;
/** The names of the close codes; the reason text of the close frame. */
export type CloseName = keyof typeof closeCodes;

/** Whether a client that is closed with this code comes back by itself. */
export function reconnects(code: number): boolean {
  return code < 4500 || code > 4999;
}
