import { noteView } from "./arriving.ts";
import { markWaiting } from "./assigning.ts";
import { compact, othersIn } from "./audience.ts";
import type { Event } from "./event.ts";
import type { VisitorDescription } from "./fact.ts";
import type { ConnectionNo } from "./ids.ts";
import { considerInviting } from "./inviting.ts";
import { limits } from "./limits.ts";
import { askBot } from "./neighbours.ts";
import { may } from "./permission.ts";
import { showChat } from "./showing.ts";
import type { AgentPresence, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { visitorView } from "./pushing.ts";
import type { Turn } from "./turn.ts";

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

/** The page says something about its visitor, in the site's custom variables. [VL4] */
export function setVariables(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"set_variables">,
): void {
  const { state } = turn;
  const known = new Set(state.config.customVariables.map(({ name }) => name));
  const stranger = Object.keys(frame.variables).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const field = `variables.${stranger}`;
    return turn.refuse(connection, frame.commandId, { code: "unknown_variable", field });
  }
  visitor.variables = changed(visitor.variables, frame.variables);
  const variables = Object.fromEntries(visitor.variables);
  describe(turn, visitor.visitorId, (before) => ({ ...before, variables }));
  considerInviting(turn, visitor);
  turn.done(connection, frame.commandId);
}

function changed(
  before: Map<string, string> | undefined,
  values: Readonly<Record<string, string>>,
): Map<string, string> {
  const after = new Map(before);
  for (const [name, value] of Object.entries(values)) {
    if (value === "") after.delete(name);
    else after.set(name, value);
  }
  return after;
}

/** Changes what the visitor's running chat knows of it, if it has one and that changes. */
function describe(
  turn: Turn,
  visitorId: VisitorPresence["visitorId"],
  change: (before: VisitorDescription) => VisitorDescription,
): void {
  const { state } = turn;
  state.feeds.visitors.mark(visitorId);
  const chat = state.runningOf.get(visitorId);
  if (chat === undefined) return;
  const value = change(chat.visitor);
  if (JSON.stringify(value) === JSON.stringify(chat.visitor)) return;
  turn.record({
    type: "register_set",
    chatId: chat.chatId,
    change: { register: "visitor", value },
    at: turn.at,
    stamp: turn.stamp(chat),
  });
  markWaiting(state, chat);
  state.feeds.chats.mark(chat.chatId);
  showChat(turn, chat);
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
  const visitor = state.visitors.get(visitorId);
  const chat = state.runningOf.get(visitorId);
  if (visitor === undefined && chat === undefined) {
    return turn.refuse(connection, commandId, { code: "unknown_visitor", field: "visitorId" });
  }
  const isOwn = chat !== undefined &&
    (chat.agentId === agent.agentId || chat.participants.get(agent.agentId) === "joined");
  const isManaged = may(state.agentConfigs.get(agent.agentId), "manage_chats", chat?.departmentId);
  if (!isOwn && !isManaged) return turn.refuse(connection, commandId, { code: "forbidden" });
  const signedIn = chat?.visitor.signedIn ?? visitor?.signedIn;
  const signed = signedFieldIn(frame, signedIn);
  if (signed !== undefined) {
    return turn.refuse(connection, commandId, { code: "forbidden", field: signed });
  }
  if (turn.isRepeat(agent, commandId, connection)) return;
  const { agentId } = agent;
  turn.record({ type: "agent_acted", agentId, commandId, command: frame.type, at: turn.at });
  const fields = Object.fromEntries(
    changed(new Map(Object.entries(chat?.visitor.fields ?? {})), frame.fields ?? {}),
  );
  if (visitor !== undefined) {
    visitor.fields = changed(visitor.fields, frame.fields ?? {});
    if (frame.name !== undefined) visitor.name = frame.name || undefined;
    if (frame.email !== undefined) visitor.email = frame.email || undefined;
  }
  describe(turn, visitorId, (before) => ({
    ...before,
    name: frame.name === undefined ? before.name : frame.name || undefined,
    email: frame.email === undefined ? before.email : frame.email || undefined,
    fields,
  }));
  turn.publish({
    queue: "visitor.save",
    uniqueId: commandId,
    payload: {
      siteId: state.config.siteId,
      visitorId,
      agentId,
      ...compact({ name: frame.name, email: frame.email, fields: frame.fields }),
      time: turn.at,
    },
  });
  turn.done(connection, commandId);
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

/** The shell has checked the site's token for this visitor. [SI1] */
export function visitorSignedIn(
  turn: Turn,
  event: Extract<Event, { type: "visitor_signed_in" }>,
): void {
  const { state } = turn;
  const { connection, commandId, signedIn } = event;
  const visitor = state.connections.get(connection);
  if (visitor?.type !== "visitor") {
    return turn.refuse(connection, commandId, { code: "unavailable" });
  }
  if ("fault" in signedIn) {
    const message = signedIn.fault;
    return turn.refuse(connection, commandId, { code: "bad_sign_in", field: "token", message });
  }
  visitor.signedIn = signedIn;
  const chat = state.runningOf.get(visitor.visitorId);
  const wasSignedIn = chat?.visitor.signedIn?.userId === signedIn.userId;
  describe(turn, visitor.visitorId, (before) => ({
    ...before,
    name: signedIn.name ?? before.name,
    email: signedIn.email ?? before.email,
    fields: { ...before.fields, ...signedIn.fields },
    signedIn,
  }));
  if (chat !== undefined && !wasSignedIn) {
    const entry = turn.acceptSystem(chat, "signed_in", `${chat.chatId}.${commandId}`);
    turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
    if (chat.registers.signInWanted === true) {
      const change = { register: "signInWanted", value: false } as const;
      const stamp = turn.stamp(chat);
      turn.record({ type: "register_set", chatId: chat.chatId, change, at: turn.at, stamp });
      showChat(turn, chat);
      if (chat.state.state === "bot") askBot(turn, chat);
    }
  }
  turn.done(connection, commandId);
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
  const mayAsk = may(state.agentConfigs.get(agent.agentId), "visitors", undefined);
  // Of a visitor that is not tracked, those see more who chat with it.
  const view = visitorView(state, visitorId, { untrackedToo: chat?.agentId === agent.agentId });
  if (!mayAsk || visitor === undefined || view === undefined) {
    return turn.refuse(connection, "get_visitor", { code: "unknown_visitor", field: "visitorId" });
  }
  turn.send(
    connection,
    compact({
      type: "visitor" as const,
      visitor: view,
      email: chat?.visitor.email ?? visitor.email,
      fields: { ...(chat?.visitor.fields ?? Object.fromEntries(visitor.fields ?? [])) },
      variables: Object.fromEntries(visitor.variables ?? []),
      address: visitor.address,
      pages: [...(visitor.pages ?? [])].slice(-limits.pagesKept),
    }),
  );
}
