import { assignWaiting, markChat } from "./assigning.ts";
import { waitEndsAt } from "./ending.ts";
import { estimatedWaitMs } from "./assignment.ts";
import { isClosed } from "./availability.ts";
import type { Chat } from "./chat.ts";
import type { VisitorDescription } from "./fact.ts";
import { checkForm } from "./form.ts";
import { type ChatId, type ConnectionNo, type DepartmentId, timeOfUlid } from "./ids.ts";
import { limits } from "./limits.ts";
import { takeInvitation } from "./inviting.ts";
import { askBot } from "./neighbours.ts";
import { servingDepartment } from "./routing.ts";
import { showChat } from "./showing.ts";
import type { VisitorPresence } from "./presence.ts";
import type { VisitorFrame } from "./protocol.ts";
import type { Refusal } from "./refusal.ts";
import type { CampaignConfig } from "./campaign.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

type RequestChat = Extract<VisitorFrame, { type: "request_chat" }>;

/**
 * A visitor asks for a chat. The commandId becomes the chatId, so a repeat finds its chat. [CH1]
 */
export function requestChat(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: RequestChat,
): void {
  const { state } = turn;
  // A ULID is one by its pattern; that of the command names the chat from here on.
  const chatId = frame.commandId as string as ChatId;
  const known = state.chats.get(chatId);
  if (known !== undefined) {
    if (!isSameRequest(known, visitor, frame)) {
      return turn.refuse(connection, frame.commandId, { code: "id_reused", field: "commandId" });
    }
    return turn.done(connection, frame.commandId, chatId);
  }
  const refusal = whyNotName(turn, chatId) ?? whyNotRequest(turn, visitor, frame);
  if (refusal !== undefined) return turn.refuse(connection, frame.commandId, refusal);
  const { campaign, departmentId } = destinationOf(state, frame);
  const invitation = visitor.invitation;
  const isInvited = invitation !== undefined && invitation.invitationId === frame.invitationId;
  turn.record({
    type: "chat_requested",
    chatId,
    visitorId: visitor.visitorId,
    visitId: visitor.visitId,
    campaignId: campaign?.campaignId,
    departmentId,
    invitationId: frame.invitationId,
    invitedBy: isInvited ? invitation.agentId : undefined,
    visitor: descriptionOf(visitor, frame),
    withBot: state.config.bot === undefined ? undefined : true,
    at: turn.at,
    stamp: { order: turn.at, tenure: turn.tenure },
  });
  turn.done(connection, frame.commandId, chatId);
  const chat = state.chats.get(chatId);
  if (chat === undefined) return;
  takeInvitation(turn, visitor, frame.invitationId);
  markChat(turn, chat);
  if (chat.state.state === "bot") askBot(turn, chat);
  assignWaiting(turn);
  if (chat.state.state === "active") return;
  state.waiting.of(departmentId).tell(chatId);
  const endsAt = waitEndsAt(turn, chat);
  if (endsAt !== undefined) state.deadlines.setBy(`chat/${chatId}`, endsAt);
  showChat(turn, chat);
}

/** A chat's id names one chat for good: queues and archive know those that are forgotten. [CH7] */
function whyNotName({ state, at }: Turn, chatId: ChatId): Refusal | undefined {
  const refused = { code: "id_reused", field: "commandId" } as const;
  if (state.spentIds.has(chatId)) {
    const message = "A chat of this id is over, or may have been: ask with a ULID made now";
    return { ...refused, message };
  }
  if (timeOfUlid(chatId) <= at + limits.idAheadMsMax) return undefined;
  const minutes = limits.idAheadMsMax / 60_000;
  const message =
    `The time in this ULID is more than ${minutes} minutes ahead: ask with one of now`;
  return { ...refused, message };
}

function isSameRequest(chat: Chat, visitor: VisitorPresence, frame: RequestChat): boolean {
  const { requested } = chat;
  const { signedIn } = requested.visitor;
  return chat.visitorId === visitor.visitorId &&
    (frame.campaignId === undefined || requested.campaignId === frame.campaignId) &&
    isSame(frame.name, requested.visitor.name, signedIn?.name) &&
    isSame(frame.email, requested.visitor.email, signedIn?.email);
}

/** Whether this was said then, where nothing that the site signed stood in its place. */
function isSame(said: string | undefined, taken: string | undefined, signed: string | undefined) {
  return said === undefined || signed !== undefined || said === taken;
}

/** The campaign and department that a request or an offline message goes to. */
export function destinationOf(
  state: SiteState,
  frame: Pick<RequestChat, "campaignId" | "departmentId">,
): { campaign: CampaignConfig | undefined; departmentId: DepartmentId | undefined } {
  const campaign = frame.campaignId === undefined
    ? state.config.campaigns[0]
    : state.campaigns.get(frame.campaignId);
  return { campaign, departmentId: frame.departmentId ?? campaign?.departmentId };
}

function whyNotRequest(
  turn: Turn,
  visitor: VisitorPresence,
  frame: RequestChat,
): Refusal | undefined {
  const { state } = turn;
  const running = state.runningOf.get(visitor.visitorId);
  if (running !== undefined) return { code: "already_chatting", field: running.chatId };
  if (state.config.signIn?.enforce && visitor.signedIn === undefined) {
    return { code: "sign_in_required" };
  }
  const unknown = whatIsUnknown(state, frame);
  if (unknown !== undefined) return unknown;
  const { campaign, departmentId } = destinationOf(state, frame);
  if (campaign?.preChat !== undefined || frame.fields !== undefined) {
    const { name, email } = identityOf(visitor, frame);
    const answers = {
      ...frame.fields,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
    };
    const fault = checkForm(withIdentity(campaign), answers);
    if (fault !== undefined) {
      const isApart = (fault.field === "name" || fault.field === "email") &&
        frame[fault.field] !== undefined;
      const field = isApart ? fault.field : `fields.${fault.field}`;
      return { code: "bad_answer", field, message: fault.message };
    }
  }
  return whyNotWait(turn, departmentId);
}

/** What the request names and the site does not have. */
export function whatIsUnknown(
  state: SiteState,
  frame: Pick<RequestChat, "campaignId" | "departmentId">,
): Refusal | undefined {
  if (frame.campaignId !== undefined && !state.campaigns.has(frame.campaignId)) {
    return { code: "unknown_campaign", field: "campaignId" };
  }
  if (frame.departmentId !== undefined && !state.departments.has(frame.departmentId)) {
    return { code: "unknown_department", field: "departmentId" };
  }
  return undefined;
}

/** Name and e-mail may be given whether or not the form asks for them. */
function withIdentity(campaign: CampaignConfig | undefined) {
  const fields = campaign?.preChat?.fields ?? [];
  const asked = new Set(fields.map(({ fieldId }) => fieldId));
  const more = ["name", "email"].filter((fieldId) => !asked.has(fieldId));
  const free = { type: "text", required: false, options: [] } as const;
  return {
    fields: [...fields, ...more.map((id) => ({ ...free, options: [], fieldId: id, label: id }))],
  };
}

/**
 * Closed, nobody there, the queue at its caps: a message can be left. Whoever gets an agent at once
 * does not wait, whatever the caps. [QU1, QU3, QU4]
 */
function whyNotWait(turn: Turn, departmentId: DepartmentId | undefined): Refusal | undefined {
  const { state } = turn;
  const { queue, routing } = state.config;
  if (isClosed(turn, departmentId)) return { code: "closed" };
  const serving = servingDepartment(state, departmentId);
  if (state.pools.capacity(serving).agents === 0 && !queue.whileNobodyOnline) {
    return { code: "nobody_online" };
  }
  if (routing.mode !== "manual" && state.pools.of(serving).size > 0) return undefined;
  const waiting = state.waiting.of(departmentId).size;
  if (waiting >= queue.lengthMax || state.waiting.size >= limits.waitingChatsMax) {
    return { code: "queue_full", retryAfterMs: 30_000 };
  }
  if (queue.estimatedWaitMsMax === undefined) return undefined;
  const estimateMs = estimatedWaitMs(
    waiting + 1,
    state.pools.capacity(departmentId).chats,
    state.durations.mean(),
  );
  return estimateMs !== undefined && estimateMs > queue.estimatedWaitMsMax
    ? { code: "wait_too_long", retryAfterMs: 30_000 }
    : undefined;
}

/** Name and e-mail: as signed, else as said, else as known before. [SI2] */
function identityOf(
  visitor: VisitorPresence,
  frame: RequestChat,
): Pick<VisitorDescription, "name" | "email"> {
  const { signedIn } = visitor;
  return {
    name: signedIn?.name ?? frame.name ?? frame.fields?.["name"] ?? visitor.name,
    email: signedIn?.email ?? frame.email ?? frame.fields?.["email"] ?? visitor.email,
  };
}

/** What is known of the visitor at the request. What the site signed is not overwritten. [SI2] */
function descriptionOf(visitor: VisitorPresence, frame: RequestChat): VisitorDescription {
  const { signedIn } = visitor;
  return {
    ...identityOf(visitor, frame),
    fields: { ...visitor.fields, ...frame.fields, ...signedIn?.fields },
    variables: visitor.variables ?? {},
    signedIn,
  };
}
