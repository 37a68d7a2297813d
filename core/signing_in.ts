import { othersIn } from "./audience.ts";
import type { Event } from "./event.ts";
import type { SignedIn } from "./fact.ts";
import { askBot } from "./neighbours.ts";
import type { VisitorPresence } from "./presence.ts";
import { showChat } from "./showing.ts";
import type { Turn } from "./turn.ts";
import { describe } from "./visitor_description.ts";

/** The shell has checked the site's token for this visitor. [SI1] */
export function visitorSignedIn(
  turn: Turn,
  event: Extract<Event, { type: "visitor_signed_in" }>,
): void {
  const { connection, commandId, signedIn } = event;
  const visitor = turn.state.connections.get(connection);
  if (visitor === undefined) {
    return turn.refuse(connection, commandId, { code: "unavailable" });
  }
  // The edge has kept a sign_in of an agent away.
  if (visitor.type === "agent") {
    return turn.refuse(connection, commandId, { code: "bad_frame", field: "type" });
  }
  if ("fault" in signedIn) {
    const message = signedIn.fault;
    return turn.refuse(connection, commandId, { code: "bad_sign_in", field: "token", message });
  }
  signIn(turn, visitor, signedIn);
  turn.done(connection, commandId);
}

/**
 * The visitor is this user from here on, in its running chat too. What the site signed takes the
 * place of what was said before. The same user once more changes nothing. [SI1, SI2]
 */
export function signIn(turn: Turn, visitor: VisitorPresence, signedIn: SignedIn): void {
  const { state } = turn;
  const { visitorId } = visitor;
  visitor.signedIn = signedIn;
  const chat = state.runningOf.get(visitorId);
  const wasSignedIn = chat?.visitor.signedIn?.userId === signedIn.userId;
  describe(turn, visitorId, (before) => ({
    ...before,
    name: signedIn.name ?? before.name,
    email: signedIn.email ?? before.email,
    fields: { ...before.fields, ...signedIn.fields },
    signedIn,
  }));
  if (chat === undefined) return;
  const isWanted = chat.registers.signInWanted === true;
  if (!wasSignedIn || isWanted) {
    const entry = turn.acceptSystem(chat, "signed_in", `${chat.chatId}.${chat.log.lastOrder}`);
    turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  }
  if (!isWanted) return;
  const change = { register: "signInWanted", value: false } as const;
  const stamp = turn.stamp(chat);
  turn.record({ type: "register_set", chatId: chat.chatId, change, at: turn.at, stamp });
  showChat(turn, chat);
  if (chat.state.state === "bot") askBot(turn, chat);
}
