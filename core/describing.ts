import { noteView } from "./arriving.ts";
import { compact, sideOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { VisitorDescription } from "./fact.ts";
import type { Answers } from "./form.ts";
import type { ConnectionNo } from "./ids.ts";
import { considerInviting } from "./inviting.ts";
import { limits } from "./limits.ts";
import { visitorView } from "./list_rows.ts";
import { may } from "./permission.ts";
import type { AgentPresence, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import type { Refusal } from "./refusal.ts";
import type { Turn } from "./turn.ts";
import { changed, describe, isTooMuch } from "./visitor_description.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/** The visitor turned to another page. Volatile, not answered. */
export function viewPage(
  turn: Turn,
  visitor: VisitorPresence,
  _connection: ConnectionNo,
  frame: FrameOf<"view_page">,
): void {
  visitor.referrer ??= frame.referrer;
  if (frame.visits !== undefined) visitor.visits = frame.visits;
  noteView(turn, visitor, frame.url, frame.title);
}

/**
 * The page says something about its visitor, in the site's custom variables. They are of this visit
 * only: a page tells them again to a server that does not know them. [VL4]
 */
export function setVariables(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"set_variables">,
): void {
  const { state } = turn;
  const { commandId } = frame;
  if (visitor.commands?.includes(commandId)) return turn.done(connection, commandId);
  const known = new Set(state.config.customVariables.map(({ name }) => name));
  const stranger = Object.keys(frame.variables).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const field = `variables.${stranger}`;
    return turn.refuse(connection, commandId, { code: "unknown_variable", field });
  }
  const before = state.runningOf.get(visitor.visitorId)?.visitor.variables ?? {};
  const variables = changed({ ...before, ...visitor.variables }, frame.variables);
  if (isTooMuch(variables)) {
    return turn.refuse(connection, commandId, { code: "too_many", field: "variables" });
  }
  visitor.commands = [...visitor.commands ?? [], commandId].slice(-limits.variableCommandsKept);
  visitor.variables = variables;
  describe(turn, visitor.visitorId, (described) => ({ ...described, variables }));
  considerInviting(turn, visitor);
  turn.done(connection, commandId);
}

/** An agent says what is known of a visitor. What the site signed cannot be overwritten. [SI2] */
export function setVisitor(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"set_visitor">,
): void {
  const { state } = turn;
  const { visitorId, commandId } = frame;
  if (turn.isRepeat(agent, commandId, connection)) return;
  const visitor = state.visitors.get(visitorId);
  const chat = state.runningOf.get(visitorId);
  const before = chat?.visitor.fields ?? visitor?.fields ?? {};
  const fields = changed(before, frame.fields ?? {});
  const refusal = whyNotSet(turn, agent, frame, fields);
  if (refusal !== undefined) return turn.refuse(connection, commandId, refusal);
  turn.remember(agent, frame);
  if (visitor !== undefined) {
    visitor.fields = fields;
    if (frame.name !== undefined) visitor.name = frame.name || undefined;
    if (frame.email !== undefined) visitor.email = frame.email || undefined;
  }
  describe(turn, visitorId, (described) => ({
    ...described,
    name: frame.name === undefined ? described.name : frame.name || undefined,
    email: frame.email === undefined ? described.email : frame.email || undefined,
    fields,
  }));
  turn.publish({
    queue: "visitor.save",
    uniqueId: commandId,
    payload: {
      siteId: state.config.siteId,
      visitorId,
      agentId: agent.agentId,
      ...compact({ name: frame.name, email: frame.email, fields: frame.fields }),
      time: turn.at,
    },
  });
  turn.done(connection, commandId);
}

function whyNotSet(
  turn: Turn,
  agent: AgentPresence,
  frame: FrameOf<"set_visitor">,
  fields: Answers,
): Refusal | undefined {
  const { state } = turn;
  const visitor = state.visitors.get(frame.visitorId);
  const chat = state.runningOf.get(frame.visitorId);
  if (visitor === undefined && chat === undefined) {
    return { code: "unknown_visitor", field: "visitorId" };
  }
  const isManaged = may(state.agentConfigs.get(agent.agentId), "manage_chats", chat?.departmentId);
  if (!isManaged && (chat === undefined || !writesIn(agent, chat))) return { code: "forbidden" };
  const signed = signedFieldIn(frame, chat?.visitor.signedIn ?? visitor?.signedIn);
  if (signed !== undefined) return { code: "forbidden", field: signed };
  return isTooMuch(fields) ? { code: "too_many", field: "fields" } : undefined;
}

function writesIn(agent: AgentPresence, chat: Chat): boolean {
  return chat.agentId === agent.agentId || chat.participants.get(agent.agentId) === "joined";
}

/** The first thing of the frame that the site's own pages have vouched for. */
function signedFieldIn(
  frame: FrameOf<"set_visitor">,
  signedIn: VisitorDescription["signedIn"],
): string | undefined {
  if (signedIn === undefined) return undefined;
  if (frame.name !== undefined && signedIn.name !== undefined) return "name";
  if (frame.email !== undefined && signedIn.email !== undefined) return "email";
  const fieldId = Object.keys(frame.fields ?? {}).find((id) => signedIn.fields[id] !== undefined);
  return fieldId === undefined ? undefined : `fields.${fieldId}`;
}

/** All that is known of a visitor on the site. */
export function getVisitor(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"get_visitor">,
): void {
  const { state } = turn;
  const { visitorId } = frame;
  const visitor = state.visitors.get(visitorId);
  const chat = state.runningOf.get(visitorId);
  const isOwn = chat !== undefined && sideOf(agent, chat) !== undefined;
  const mayAsk = isOwn || may(state.agentConfigs.get(agent.agentId), "visitors", undefined);
  // Of a visitor that is not tracked, those see more who are in its chat.
  const view = visitorView(state, visitorId, { inFull: true, untrackedToo: isOwn });
  if (!mayAsk || visitor === undefined || view === undefined) {
    return turn.refuse(connection, "get_visitor", { code: "unknown_visitor", field: "visitorId" });
  }
  turn.send(
    connection,
    compact({
      type: "visitor" as const,
      visitor: view,
      email: chat?.visitor.email ?? visitor.email,
      fields: { ...chat?.visitor.fields ?? visitor.fields },
      variables: { ...chat?.visitor.variables, ...visitor.variables },
      address: visitor.address,
      pages: [...(visitor.pages ?? [])].slice(-limits.pagesKept),
    }),
  );
}
