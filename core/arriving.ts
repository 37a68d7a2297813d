import { availabilityFor } from "./availability.ts";
import type { Event } from "./event.ts";
import type { Millis, VisitorId } from "./ids.ts";
import { considerInviting } from "./inviting.ts";
import { limits } from "./limits.ts";
import { arrivedVisitor, type VisitorPresence } from "./presence.ts";
import { signIn } from "./signing_in.ts";
import { markVisitor } from "./showing.ts";
import type { Turn } from "./turn.ts";

interface Arriving {
  readonly visitorId: VisitorId;
  readonly visitId: string;
  readonly address?: string | undefined;
  /** A visit begins with the load of a page; a connection alone only takes it up again. */
  readonly isPageLoad: boolean;
}

/**
 * The visitor, known or new. Whether it is tracked is decided when it is created, and never later:
 * it leaves the list only when it is gone. [EN5, VL1]
 */
export function arrive(turn: Turn, arriving: Arriving): VisitorPresence {
  const { state } = turn;
  const { visitorId, visitId, address, isPageLoad } = arriving;
  const known = state.visitors.get(visitorId);
  if (known !== undefined) {
    known.address = address ?? known.address;
    return known;
  }
  const tracked = state.trackedVisitors.size < state.config.trackedVisitorsMax;
  const visitor = arrivedVisitor(visitorId, { visitId, at: turn.at, tracked, address });
  state.visitors.set(visitorId, visitor);
  if (tracked) state.trackedVisitors.add(visitorId);
  markVisitor(state, visitorId);
  if (isPageLoad) countVisit(turn);
  return visitor;
}

/**
 * A page was loaded. The visitor counts as here for a minute, longer while it holds a WebSocket;
 * what it may do is told to the page. [VL2]
 */
export function visitorArrived(
  turn: Turn,
  event: Extract<Event, { type: "visitor_arrived" }>,
): void {
  const { state } = turn;
  const { visitorId, address, query } = event;
  const availability = availabilityFor(turn, undefined);
  if (state.bans.of({ visitorId, address }, turn.at) !== undefined) {
    const { visitId } = event;
    const arrival = { visitId, banned: true, tracked: false, hasChat: false, availability };
    turn.sends.push({ type: "arrival", query, arrival });
    return;
  }
  const visitor = arrive(turn, { ...event, isPageLoad: true });
  if (event.signedIn !== undefined) signIn(turn, visitor, event.signedIn);
  visitor.referrer ??= event.referrer;
  if (event.visits !== undefined) visitor.visits = event.visits;
  if (event.url !== undefined) noteView(turn, visitor, event.url, event.title ?? "");
  if (visitor.tabs.length === 0) {
    visitor.lostAt = turn.at;
    state.deadlines.setBy(`visitor/${visitorId}`, turn.at + limits.pageLoadKeptMs);
  }
  const hasChat = state.runningOf.has(visitorId);
  const { tracked, visitId } = visitor;
  turn.sends.push({
    type: "arrival",
    query,
    arrival: { visitId, banned: false, tracked, hasChat, availability },
  });
}

/** Notes a page of the visit. The latest ones are kept. */
export function noteView(turn: Turn, visitor: VisitorPresence, url: string, title: string): void {
  const pages = visitor.pages ??= [];
  const last = pages.at(-1);
  // Told again after a reconnect, it is the same page still.
  if (last?.url === url) pages[pages.length - 1] = { ...last, title };
  else {
    visitor.pageCount += 1;
    pages.push({ url, title, at: turn.at });
    if (pages.length > limits.pagesKept) pages.shift();
  }
  markVisitor(turn.state, visitor.visitorId);
  considerInviting(turn, visitor);
}

/** The visitor is gone for good: it leaves the list. */
export function visitorGone(turn: Turn, visitor: VisitorPresence): void {
  const { state } = turn;
  if (!state.visitors.delete(visitor.visitorId)) return;
  markVisitor(state, visitor.visitorId);
  state.trackedVisitors.delete(visitor.visitorId);
  state.deadlines.clear(`invite/${visitor.visitorId}`);
}

/** Counts a visit; the statistics go out every five minutes, one row a site. [MQ6] */
function countVisit(turn: Turn): void {
  const { state } = turn;
  const period = periodOf(turn.at);
  if (state.visitCount.period !== period) publishVisits(turn);
  state.visitCount = { period, visits: state.visitCount.visits + 1 };
  state.deadlines.setBy("count", (period + 1) * limits.visitCountMs);
}

/** Publishes the visits of the period that is over, if there were any. */
export function publishVisits(turn: Turn): void {
  const { state } = turn;
  const { period, visits } = state.visitCount;
  state.visitCount = { period: periodOf(turn.at), visits: 0 };
  if (visits === 0) return;
  const { siteId } = state.config;
  const time = period * limits.visitCountMs;
  turn.publish({
    queue: "visit.log",
    // Counts of two tenures in one period are both true, and add up.
    uniqueId: `${turn.tenure}/${period}`,
    payload: { siteId, time, periodMs: limits.visitCountMs, visits },
  });
}

function periodOf(at: Millis): number {
  return Math.floor(at / limits.visitCountMs);
}
