import type { ConnectionNo, VisitorId } from "./ids.ts";
import { dueAt, type InvitationConfig, type Visit } from "./invitation.ts";
import { may } from "./permission.ts";
import type { AgentPresence, OpenInvitation, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { availabilityFor } from "./availability.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/** Invites the visitor by the site's rules: now, or when only time is missing. [IV1, IV2] */
export function considerInviting(turn: Turn, visitor: VisitorPresence): void {
  const { state } = turn;
  state.deadlines.clear(`invite/${visitor.visitorId}`);
  if (visitor.tabs.length === 0 || visitor.invitation !== undefined) return;
  if (state.runningOf.has(visitor.visitorId)) return;
  let soonest = Infinity;
  for (const invitation of invitationsOf(turn)) {
    if (visitor.invited?.has(invitation.invitationId)) continue;
    const at = dueAt(invitation, visitOf(visitor));
    if (at === undefined) continue;
    if (at <= turn.at) {
      // Nobody is invited to a chat that nobody would answer.
      if (availabilityFor(turn, undefined) !== "online") return;
      return show(turn, visitor, {
        invitationId: invitation.invitationId,
        text: invitation.text,
        at: turn.at,
        shown: false,
      });
    }
    soonest = Math.min(soonest, at);
  }
  if (soonest < Infinity) state.deadlines.setBy(`invite/${visitor.visitorId}`, soonest);
}

/** A time that a rule waits for has come. */
export function inviteDue(turn: Turn, visitorId: VisitorId): void {
  const visitor = turn.state.visitors.get(visitorId);
  if (visitor !== undefined) considerInviting(turn, visitor);
}

function invitationsOf(turn: Turn): readonly InvitationConfig[] {
  return turn.state.config.campaigns.flatMap(({ invitations }) => invitations);
}

function visitOf(visitor: VisitorPresence): Visit {
  const page = visitor.pages?.at(-1);
  return {
    url: page?.url,
    referrer: visitor.referrer,
    arrivedAt: visitor.arrivedAt,
    pageSince: page?.at ?? visitor.arrivedAt,
    pageCount: visitor.pageCount,
    visits: visitor.visits,
    variables: visitor.variables ?? new Map(),
  };
}

function show(turn: Turn, visitor: VisitorPresence, invitation: OpenInvitation): void {
  const { state } = turn;
  const { invitationId, text, agentId } = invitation;
  visitor.invitation = invitation;
  visitor.invited = new Set(visitor.invited).add(invitationId);
  state.feeds.visitors.mark(visitor.visitorId);
  turn.send(visitor.tabs.map((tab) => tab.connection), {
    type: "invitation",
    invitationId,
    text,
    ...(agentId === undefined ? {} : { agentName: state.agentConfigs.get(agentId)?.name ?? "" }),
  });
  log(turn, visitor, invitation, "sent");
}

function log(
  turn: Turn,
  visitor: VisitorPresence,
  invitation: OpenInvitation,
  outcome: "sent" | "shown" | "accepted" | "refused",
): void {
  const { visitorId, visitId } = visitor;
  const { invitationId, agentId } = invitation;
  turn.publish({
    queue: "invitation.log",
    uniqueId: `${visitId}/${invitationId}/${outcome}`,
    payload: {
      siteId: turn.state.config.siteId,
      visitorId,
      sessionId: visitId,
      invitationId,
      agentId: agentId ?? null,
      outcome,
      time: turn.at,
    },
  });
}

/** An agent invites a visitor who is on the site and not chatting. [IV3] */
export function inviteVisitor(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"invite_visitor">,
): void {
  const { state } = turn;
  const { visitorId, commandId } = frame;
  const { agentId } = agent;
  if (turn.isRepeat(agent, commandId, connection)) return;
  if (!may(state.agentConfigs.get(agentId), "invite", undefined)) {
    return turn.refuse(connection, commandId, { code: "forbidden" });
  }
  const visitor = state.visitors.get(visitorId);
  const banned = state.bans.of({ visitorId, address: visitor?.address }, turn.at);
  if (banned !== undefined) {
    return turn.refuse(connection, commandId, { code: "banned", field: "visitorId" });
  }
  if (visitor === undefined || !visitor.tracked || visitor.tabs.length === 0) {
    return turn.refuse(connection, commandId, { code: "unknown_visitor", field: "visitorId" });
  }
  if (state.runningOf.has(visitorId) || visitor.invitation !== undefined) {
    return turn.refuse(connection, commandId, { code: "visitor_busy", field: "visitorId" });
  }
  turn.record({ type: "agent_acted", agentId, commandId, command: frame.type, at: turn.at });
  const invitationId = invitationIdOf(commandId);
  show(turn, visitor, { invitationId, text: frame.text, agentId, at: turn.at, shown: false });
  turn.done(connection, commandId);
}

function invitationIdOf(commandId: FrameOf<"invite_visitor">["commandId"]) {
  return commandId as string as OpenInvitation["invitationId"]; // a ULID names an invitation too
}

/** What became of the invitation at the visitor. Accepting is followed by request_chat. [IV4] */
export function answerInvitation(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"answer_invitation">,
): void {
  const { commandId, invitationId, answer } = frame;
  if (turn.isRepeat(visitor, commandId, connection)) return;
  const open = visitor.invitation;
  if (open === undefined || open.invitationId !== invitationId) {
    const field = "invitationId";
    return turn.refuse(connection, commandId, { code: "unknown_invitation", field });
  }
  const { visitorId } = visitor;
  turn.record({ type: "visitor_acted", visitorId, commandId, command: frame.type, at: turn.at });
  log(turn, visitor, open, answer);
  if (answer === "shown") open.shown = true;
  if (answer === "refused") closeInvitation(turn, visitor, connection);
  turn.done(connection, commandId);
}

/** The invitation stands no more: it was refused, or a chat began. */
export function closeInvitation(
  turn: Turn,
  visitor: VisitorPresence,
  but: ConnectionNo | undefined,
): void {
  const open = visitor.invitation;
  if (open === undefined) return;
  visitor.invitation = undefined;
  turn.state.feeds.visitors.mark(visitor.visitorId);
  const others = visitor.tabs.map((tab) => tab.connection).filter((one) => one !== but);
  turn.send(others, { type: "invitation_ended", invitationId: open.invitationId });
}
