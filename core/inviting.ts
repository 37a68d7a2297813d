import type { ConnectionNo, VisitorId } from "./ids.ts";
import { dueAt, type Visit } from "./invitation.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import type { AgentPresence, OpenInvitation, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { availabilityFor } from "./availability.ts";
import { markVisitor } from "./showing.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/** Invites the visitor by the site's rules: now, or when only time is missing. [IV1, IV2] */
export function considerInviting(turn: Turn, visitor: VisitorPresence): void {
  const { state } = turn;
  state.deadlines.clear(`invite/${visitor.visitorId}`);
  if (visitor.tabs.length === 0 || visitor.invitation !== undefined) return;
  if (state.runningOf.has(visitor.visitorId)) return;
  const visit = visitOf(visitor);
  let soonest = Infinity;
  for (const { invitations, departmentId } of state.config.campaigns) {
    for (const invitation of invitations) {
      const { invitationId, text } = invitation;
      if (visitor.invited?.has(invitationId)) continue;
      const at = dueAt(invitation, visit);
      if (at === undefined) continue;
      if (at > turn.at) soonest = Math.min(soonest, at);
      else if (availabilityFor(turn, departmentId) === "online") {
        return show(turn, visitor, { invitationId, text, at: turn.at });
      } else {
        // Nobody is invited to a chat that nobody would answer; somebody may come.
        soonest = Math.min(soonest, turn.at + limits.invitationRetryMs);
      }
    }
  }
  if (soonest < Infinity) state.deadlines.setBy(`invite/${visitor.visitorId}`, soonest);
}

/** A time that a rule waits for has come. */
export function inviteDue(turn: Turn, visitorId: VisitorId): void {
  const visitor = turn.state.visitors.get(visitorId);
  if (visitor !== undefined) considerInviting(turn, visitor);
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
    variables: visitor.variables ?? {},
  };
}

function show(turn: Turn, visitor: VisitorPresence, invitation: OpenInvitation): void {
  const { state } = turn;
  const { invitationId, text, agentId } = invitation;
  visitor.invitation = invitation;
  visitor.invited = new Set(visitor.invited).add(invitationId);
  markVisitor(state, visitor.visitorId);
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
    // What a visit was shown is known in memory only: after a restart it may be shown again.
    uniqueId: `${visitId}/${invitationId}/${invitation.at}/${outcome}`,
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
  turn.remember(agent, frame);
  const invitationId = invitationIdOf(commandId);
  show(turn, visitor, { invitationId, text: frame.text, agentId, at: turn.at });
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
  turn.remember(visitor, frame);
  if (answer === "refused") {
    log(turn, visitor, open, answer);
    closeInvitation(turn, visitor, connection);
  } else noteAnswer(turn, visitor, answer);
  turn.done(connection, commandId);
}

/** Each answer is logged once, whichever of the visitor's tabs gave it first. */
function noteAnswer(turn: Turn, visitor: VisitorPresence, answer: "shown" | "accepted"): void {
  const open = visitor.invitation;
  if (open === undefined || open.answered === answer || open.answered === "accepted") return;
  open.answered = answer;
  log(turn, visitor, open, answer);
}

/** A chat begins that names this invitation, or any other: none stands any more. [IV4] */
export function takeInvitation(
  turn: Turn,
  visitor: VisitorPresence,
  invitationId: string | undefined,
): void {
  if (visitor.invitation?.invitationId === invitationId) noteAnswer(turn, visitor, "accepted");
  closeInvitation(turn, visitor, undefined);
}

/** The invitation stands no more: it was refused, or a chat began. */
function closeInvitation(
  turn: Turn,
  visitor: VisitorPresence,
  but: ConnectionNo | undefined,
): void {
  const open = visitor.invitation;
  if (open === undefined) return;
  visitor.invitation = undefined;
  markVisitor(turn.state, visitor.visitorId);
  const others = visitor.tabs.map((tab) => tab.connection).filter((one) => one !== but);
  turn.send(others, { type: "invitation_ended", invitationId: open.invitationId });
}
