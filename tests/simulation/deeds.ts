import type { AgentId, ChatId, VisitorId } from "../../core/ids.ts";
import type { Errand } from "./desk.ts";
import type { Page } from "./page.ts";
import { isRunning } from "./person.ts";
import type { RandomSource } from "./random_source.ts";

/** One who does something, on one of its pages. */
interface Doer {
  readonly page: Page;
  readonly random: RandomSource;
}

/** A command without its id. */
interface Draft {
  readonly type: Errand["type"];
  readonly [field: string]: unknown;
}

type Deed = (doer: Doer) => Draft | undefined;

function someChat({ page, random }: Doer): ChatId | undefined {
  return random.pick(page.snapshot.chats)?.chatId;
}

function running({ page, random }: Doer): ChatId | undefined {
  return random.pick(page.snapshot.chats.filter(isRunning))?.chatId;
}

/** A chat of somebody else that this agent may see. */
function others({ page, random }: Doer): ChatId | undefined {
  return random.pick([...page.desk.lists.chats.keys()]);
}

function waiting({ page, random }: Doer): ChatId | undefined {
  const offered = random.pick([...page.desk.lists.offers.keys()]);
  return offered ?? random.pick(page.snapshot.waiting.chats)?.chatId;
}

function someVisitor({ page, random }: Doer): VisitorId | undefined {
  return random.pick([...page.desk.lists.visitors.keys()]);
}

function colleague({ page, random }: Doer): AgentId | undefined {
  const { agents } = page.desk.lists;
  return random.pick([...agents.keys()].filter((agentId) => agentId !== page.holder.id));
}

/** The command about a chat, if there is one to be about. */
function about(chatId: ChatId | undefined, frame: Draft): Draft | undefined {
  return chatId === undefined ? undefined : { ...frame, chatId };
}

/** What agents do besides talking, each as often as its weight says. */
export const agentDeeds: readonly (readonly [weight: number, deed: Deed])[] = [
  [6, (doer) => about(waiting(doer), { type: "refuse_chat" })],
  [6, (doer) => about(waiting(doer), { type: "accept_chat" })],
  [5, (doer) => {
    const agentId = colleague(doer);
    const to = doer.random.chance(0.5) && agentId !== undefined
      ? { type: "agent", agentId }
      : { type: "department", departmentId: doer.random.pick(["sales", "help"]) };
    return about(running(doer), { type: "transfer_chat", to });
  }],
  [5, (doer) => about(others(doer), { type: "join_chat", mode: "joined" })],
  [5, (doer) => about(others(doer), { type: "join_chat", mode: "monitoring" })],
  [4, (doer) => about(running(doer), { type: "leave_chat" })],
  [3, (doer) => about(others(doer), { type: "take_over_chat" })],
  [4, (doer) => about(someChat(doer), { type: "wrap_up_chat", category: "sale" })],
  [3, (doer) => {
    const visitorId = someVisitor(doer);
    return visitorId === undefined
      ? undefined
      : { type: "set_visitor", visitorId, fields: { phone: doer.page.mint() } };
  }],
  [3, (doer) =>
    about(running(doer), {
      type: "set_translation",
      visitorLanguage: doer.random.chance(0.7) ? "fr" : null,
    })],
  [1, (doer) => {
    const visitorId = someVisitor(doer);
    return visitorId === undefined
      ? undefined
      : { type: "ban", target: { type: "visitor", visitorId } };
  }],
  [3, (doer) => {
    const visitorId = someVisitor(doer);
    return visitorId === undefined
      ? undefined
      : { type: "invite_visitor", visitorId, text: "May I help?" };
  }],
  [2, ({ page }) => ({ type: "save_preferences", preferences: page.mint() })],
  [2, (doer) => about(someChat(doer), { type: "use_canned", cannedId: "hi" })],
  [2, (doer) => about(someChat(doer), { type: "capture_chat_conversion", goal: "sale" })],
  [2, (doer) => about(someChat(doer), { type: "request_transcript", email: "ana@shop.test" })],
  [2, () => ({ type: "set_status", status: "away", reason: "lunch" })],
  [1, () => ({ type: "log_out" })],
];

/** What visitors do besides talking. */
export const visitorDeeds: readonly (readonly [weight: number, deed: Deed])[] = [
  [4, ({ page }) => ({ type: "set_variables", variables: { cart: page.mint() } })],
  [2, () => ({ type: "submit_offline_message", text: "Call me", name: "Vera" })],
  [
    4,
    (doer) =>
      about(someChat(doer), { type: "rate_chat", score: doer.random.between(1, 5), comment: "ok" }),
  ],
  [6, ({ page, random }) => {
    const invitationId = page.desk.lists.invitation?.invitationId;
    const answer = random.pick(["shown", "accepted", "refused"]);
    return invitationId === undefined
      ? undefined
      : { type: "answer_invitation", invitationId, answer };
  }],
  [2, () => ({ type: "capture_conversion", goal: "signed_up" })],
  [2, (doer) => about(someChat(doer), { type: "request_transcript", email: "vera@shop.test" })],
  [1, () => ({ type: "sign_in", token: "nobody.signed.this" })],
  [6, ({ page, random }) => {
    if (page.snapshot.chats.some(isRunning)) return undefined;
    const departmentId = random.pick(["sales", "help"]);
    const invitationId = page.desk.lists.invitation?.invitationId;
    return {
      type: "request_chat",
      name: "Vera",
      ...(random.chance(0.6) ? { departmentId } : {}),
      ...(invitationId === undefined ? {} : { invitationId }),
    };
  }],
];

/** Does one of these, if it can be done here; its type. */
export function doOne(
  page: Page,
  random: RandomSource,
  deeds: readonly (readonly [number, Deed])[],
): string | undefined {
  const total = deeds.reduce((sum, [weight]) => sum + weight, 0);
  let dice = random.next() * total;
  const [, deed] = deeds.find(([weight]) => (dice -= weight) < 0) ?? [];
  const frame = deed?.({ page, random });
  if (frame === undefined) return undefined;
  // Made of parts above; the node's own schema judges the whole.
  page.desk.do({ ...frame, commandId: page.mint() } as unknown as Errand);
  return frame.type;
}

/** Writes to another agent, by the SDK. */
export function writePrivately(page: Page, random: RandomSource): void {
  const to = colleague({ page, random });
  if (to !== undefined) page.session.postPrivate(to, `psst ${page.mint()}`);
}
