import type { ConnectionNo } from "./ids.ts";
import { checkForm, type Form } from "./form.ts";
import type { AgentPresence, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { destinationOf, whatIsUnknown } from "./requesting.ts";
import type { Turn } from "./turn.ts";
import { compact, sideOf } from "./audience.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/** A message while nobody is there. Taken once, whatever the site's agents do. [OM1] */
export function submitOfflineMessage(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"submit_offline_message">,
): void {
  const { state } = turn;
  const { visitorId, visitId } = visitor;
  const { commandId, name, email, subject, text, fields } = frame;
  if (turn.isRepeat(visitor, commandId, connection)) return;
  const unknown = whatIsUnknown(state, frame);
  if (unknown !== undefined) return turn.refuse(connection, commandId, unknown);
  const { campaign, departmentId } = destinationOf(state, frame);
  const form = withSender(campaign?.offlineForm ?? { fields: [] });
  const fault = checkForm(form, { ...fields, ...compact({ name, email }) });
  if (fault !== undefined) {
    const { message } = fault;
    const isApart = (fault.field === "name" || fault.field === "email") &&
      frame[fault.field] !== undefined;
    const field = isApart ? fault.field : `fields.${fault.field}`;
    return turn.refuse(connection, commandId, { code: "bad_answer", field, message });
  }
  turn.remember(visitor, frame);
  turn.publish({
    queue: "offlineMessage.submit",
    uniqueId: commandId,
    payload: {
      id: commandId,
      siteId: state.config.siteId,
      visitorId,
      sessionId: visitId,
      campaignId: frame.campaignId ?? null,
      departmentId: departmentId ?? null,
      name: visitor.signedIn?.name ?? name ?? fields?.["name"] ?? visitor.name ?? null,
      email: visitor.signedIn?.email ?? email ?? fields?.["email"] ?? visitor.email ?? null,
      subject: subject ?? null,
      content: text,
      fields: fields ?? {},
      time: turn.at,
    },
  });
  turn.done(connection, commandId);
}

/** Who writes may be said whether or not the form asks for it; an e-mail address must be one. */
function withSender(form: Form): Form {
  const asked = new Set(form.fields.map(({ fieldId }) => fieldId));
  const more = (["name", "email"] as const).filter((fieldId) => !asked.has(fieldId));
  const free = more.map((fieldId) => ({
    fieldId,
    label: fieldId,
    type: fieldId === "email" ? "email" as const : "text" as const,
    required: false,
    options: [],
  }));
  return { fields: [...form.fields, ...free] };
}

/** The page says that its visitor did what the site wants. [CV1] */
export function captureConversion(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"capture_conversion">,
): void {
  const { visitorId, visitId } = visitor;
  const { commandId } = frame;
  if (turn.isRepeat(visitor, commandId, connection)) return;
  turn.remember(visitor, frame);
  const chatId = turn.state.runningOf.get(visitorId)?.chatId ?? null;
  publishConversion(turn, frame, { visitorId, sessionId: visitId, chatId, agentId: null });
  turn.done(connection, commandId);
}

/** An agent says that the visitor of its chat did what the site wants. [CV1] */
export function captureChatConversion(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"capture_chat_conversion">,
): void {
  const { commandId, chatId } = frame;
  const { agentId } = agent;
  if (turn.isRepeat(agent, commandId, connection, chatId)) return;
  const chat = turn.state.chats.get(chatId);
  if (chat === undefined || sideOf(agent, chat) === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, commandId, { code, field: "chatId" });
  }
  turn.record({ type: "agent_acted", agentId, commandId, command: frame.type, at: turn.at });
  const { visitorId, visitId } = chat;
  publishConversion(turn, frame, { visitorId, sessionId: visitId, chatId, agentId });
  turn.done(connection, commandId, chatId);
}

function publishConversion(
  turn: Turn,
  frame: FrameOf<"capture_conversion"> | FrameOf<"capture_chat_conversion">,
  about: Readonly<Record<"visitorId" | "sessionId" | "chatId" | "agentId", string | null>>,
): void {
  turn.publish({
    queue: "conversion.log",
    uniqueId: frame.commandId,
    payload: {
      siteId: turn.state.config.siteId,
      goal: frame.goal,
      value: frame.value ?? null,
      ...about,
      time: turn.at,
    },
  });
}
