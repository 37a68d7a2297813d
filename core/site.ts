// deno-lint-ignore-file camelcase -- the wire's own names
import { graceEndsAt } from "./absence.ts";
import { acceptChat, refuseChat } from "./accepting.ts";
import { publishVisits, visitorArrived, visitorGone } from "./arriving.ts";
import { unreachable } from "./assert.ts";
import { assignWaiting, missOffer } from "./assigning.ts";
import { withdrawOffers } from "./offering.ts";
import { eraseVisitor } from "./erasing.ts";
import { bansDue, banVisitor, liftBan } from "./banning.ts";
import { rateChat, requestTranscript, setTranslation, useCanned, wrapUpChat } from "./chat_care.ts";
import { connect, disconnect } from "./connecting.ts";
import type { DeadlineKey } from "./deadlines.ts";
import { getVisitor, setVariables, setVisitor, viewPage } from "./describing.ts";
import { checkChat, endChat } from "./ending.ts";
import type { EngineFrame, Event } from "./event.ts";
import type { AgentId, ChatId, ConnectionNo, Millis, VisitorId } from "./ids.ts";
import { forgetDue, spentIdsDue, waitForOldest } from "./forgetting.ts";
import { answerInvitation, inviteDue, inviteVisitor } from "./inviting.ts";
import {
  leaveChats,
  leaveDue,
  logOut,
  savePreferences,
  setStatus,
  staffChanged,
} from "./leaving.ts";
import { limits } from "./limits.ts";
import { askBotAgain, attachFile, giveUpOnBot, takeAnswer } from "./neighbours.ts";
import { captureChatConversion, captureConversion, submitOfflineMessage } from "./submitting.ts";
import type { Outcome } from "./outcome.ts";
import { joinChat, leaveChat, takeOverChat } from "./participating.ts";
import { markRead, post, showTyping } from "./posting.ts";
import { absentAgent, type AgentPresence, type VisitorPresence } from "./presence.ts";
import { postPrivate } from "./private_message.ts";
import { availabilityMayChange, pushLists } from "./pushing.ts";
import type { ClientFrame } from "./protocol.ts";
import { requestChat } from "./requesting.ts";
import { offerAgent } from "./routing.ts";
import { visitorSignedIn } from "./signing_in.ts";
import type { SiteConfig } from "./site_config.ts";
import { SiteState } from "./site_state.ts";
import { getRows, showListsAnew, subscribe } from "./subscribing.ts";
import { answerHeartbeat, mergeEntries, sendPage } from "./syncing.ts";
import { readTranscript } from "./transcript.ts";
import { transferChat } from "./transferring.ts";
import { Turn } from "./turn.ts";

/**
 * The rules of one site. handle() decides an event and applies what it decided; nothing of it may
 * leave the process before the outcome's facts are committed. Synchronous, without clock or
 * randomness. One writer: whoever owns the site calls handle() for one event after the other. [EN1]
 */
export class Site {
  readonly state: SiteState;

  constructor(config: SiteConfig) {
    this.state = new SiteState(config);
  }

  /** When the site wants a `woken` event at the latest. */
  get wakeAt(): Millis | undefined {
    return this.state.deadlines.next;
  }

  /** Decides one event. Throws only on a mistake of ours; the site must then be rebuilt. */
  handle(event: Event): Outcome {
    const turn = new Turn(this.state, event.at);
    switch (event.type) {
      case "frame_received":
        this.#frame(turn, event.connection, event.frame);
        break;
      case "connected":
        connect(turn, event);
        break;
      case "disconnected":
        disconnect(turn, event.connection);
        break;
      case "visitor_arrived":
        visitorArrived(turn, event);
        break;
      case "visitor_signed_in":
        visitorSignedIn(turn, event);
        break;
      case "entries_uploaded": {
        const presence = this.state.connections.get(event.connection);
        if (presence === undefined) {
          turn.refuse(event.connection, "upload_entries", { code: "unavailable" });
        } else mergeEntries(turn, presence, event);
        break;
      }
      case "file_attached":
        attachFile(turn, event);
        break;
      case "neighbour_answered":
        takeAnswer(turn, event);
        break;
      case "woken":
        this.#wake(turn);
        break;
      case "activated":
        turn.record({ type: "tenure_started", tenure: event.tenure, at: event.at });
        this.state.sortEnded();
        this.#seat(turn);
        break;
      case "stalled":
        this.#seat(turn);
        break;
      case "config_changed":
        this.#reconfigure(turn, event.config);
        break;
      case "visitor_erased":
        eraseVisitor(turn, event);
        break;
      case "transcript_asked":
        readTranscript(turn, event);
        break;
      default:
        unreachable(event);
    }
    // Whatever freed an agent, it takes the next chat at once. [RT1]
    if (this.state.pools.changed) assignWaiting(turn);
    pushLists(turn);
    return turn;
  }

  #reconfigure(turn: Turn, config: SiteConfig): void {
    const before = this.state.config;
    this.state.configure(config);
    staffChanged(turn);
    showListsAnew(turn, before);
  }

  #frame(turn: Turn, connection: ConnectionNo, frame: EngineFrame): void {
    const presence = this.state.connections.get(connection);
    if (presence === undefined) {
      return turn.refuse(connection, causeOf(frame), { code: "unavailable" });
    }
    switch (frame.type) {
      case "post_message":
        return post(turn, presence, connection, frame);
      case "typing":
        return showTyping(turn, presence, connection, frame);
      case "mark_read":
        return markRead(turn, presence, connection, frame);
      case "heartbeat":
        return answerHeartbeat(turn, presence, connection, frame);
      case "get_entries":
        return sendPage(turn, presence, connection, frame);
      case "end_chat":
        return endChat(turn, presence, connection, frame);
      case "request_transcript":
        return requestTranscript(turn, presence, connection, frame);
    }
    // The edge's schema has kept the other side's frames away.
    const isHandled = presence.type === "visitor"
      ? visitorFrame(turn, presence, connection, frame)
      : agentFrame(turn, presence, connection, frame);
    if (!isHandled) turn.refuse(connection, causeOf(frame), { code: "bad_frame", field: "type" });
  }

  /** The node sits (again) from now on: every deadline about absence starts from zero. [IN2] */
  #seat(turn: Turn): void {
    const { state } = turn;
    state.seatedSince = turn.at;
    const graceEnds = turn.at + limits.presenceGraceMs;
    for (const [agentId, registers] of state.agents) {
      if (registers.status !== "offline" && !state.consoles.has(agentId)) {
        const onlineSince = registers.since ?? turn.at;
        state.consoles.set(agentId, { ...absentAgent(agentId, turn.at), onlineSince });
      }
      state.deadlines.setBy(`agent/${agentId}`, graceEnds);
      offerAgent(turn, agentId);
    }
    for (const agentId of [...state.ongoing.keys(), ...state.attending.keys()]) {
      state.deadlines.setBy(`agent/${agentId}`, graceEnds);
    }
    for (const chat of state.runningOf.values()) {
      state.deadlines.setBy(`chat/${chat.chatId}`, graceEnds);
      askBotAgain(turn, chat);
    }
    const { acceptWithinMs } = state.config.routing;
    for (const [chatId, offer] of state.offers) {
      const until = turn.at + (acceptWithinMs ?? 0);
      state.offers.set(chatId, { ...offer, until });
      state.deadlines.setBy(`offer/${chatId}`, until);
    }
    for (const [chatId, endedAt] of state.ended) {
      state.deadlines.setBy(`forget/${chatId}`, endedAt + limits.endedChatKeptMs);
    }
    for (const [chatId, { log }] of state.threads) {
      state.deadlines.setBy(`forget/${chatId}`, log.lastOrder + limits.threadKeptMs);
    }
    if (state.bans.size + state.bans.lifted.size > 0) state.deadlines.setBy("bans", turn.at);
    waitForOldest(turn);
    for (const [visitorId, { at }] of state.visitorRegisters) {
      state.deadlines.setBy(`acted/${visitorId}`, at + limits.visitorKeptMs);
    }
    assignWaiting(turn);
    availabilityMayChange(turn);
  }

  #wake(turn: Turn): void {
    for (let rounds = 0; rounds < limits.eventsPerRound; rounds++) {
      if (turn.isFull) return;
      const key = this.state.deadlines.takeDue(turn.at);
      if (key === undefined) return;
      due(turn, key);
    }
  }
}

function visitorFrame(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: EngineFrame,
): boolean {
  switch (frame.type) {
    case "request_chat":
      requestChat(turn, visitor, connection, frame);
      return true;
    case "view_page":
      viewPage(turn, visitor, connection, frame);
      return true;
    case "set_variables":
      setVariables(turn, visitor, connection, frame);
      return true;
    case "submit_offline_message":
      submitOfflineMessage(turn, visitor, connection, frame);
      return true;
    case "rate_chat":
      rateChat(turn, visitor, connection, frame);
      return true;
    case "answer_invitation":
      answerInvitation(turn, visitor, connection, frame);
      return true;
    case "capture_conversion":
      captureConversion(turn, visitor, connection, frame);
      return true;
    default:
      return false;
  }
}

type AgentHandlers = {
  readonly [Type in EngineFrame["type"]]?: (
    turn: Turn,
    agent: AgentPresence,
    connection: ConnectionNo,
    frame: Extract<EngineFrame, { type: Type }>,
  ) => void;
};

const agentHandlers: AgentHandlers = {
  set_status: setStatus,
  log_out: logOut,
  save_preferences: savePreferences,
  accept_chat: acceptChat,
  refuse_chat: refuseChat,
  transfer_chat: transferChat,
  join_chat: joinChat,
  leave_chat: leaveChat,
  take_over_chat: takeOverChat,
  post_note: post,
  post_private: postPrivate,
  wrap_up_chat: wrapUpChat,
  set_visitor: setVisitor,
  set_translation: setTranslation,
  get_visitor: getVisitor,
  ban: banVisitor,
  lift_ban: liftBan,
  invite_visitor: inviteVisitor,
  use_canned: useCanned,
  capture_chat_conversion: captureChatConversion,
  subscribe,
  get_rows: getRows,
};

function agentFrame(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: EngineFrame,
): boolean {
  // The table's type pairs each frame's type with a handler of that frame.
  const handler = agentHandlers[frame.type] as
    | ((turn: Turn, agent: AgentPresence, connection: ConnectionNo, frame: EngineFrame) => void)
    | undefined;
  handler?.(turn, agent, connection, frame);
  return handler !== undefined;
}

/** A deadline has come. */
function due(turn: Turn, key: DeadlineKey): void {
  const { state } = turn;
  const slash = key.indexOf("/");
  // The part behind the slash is the id that the key was made from.
  const id = key.slice(slash + 1) as ChatId & AgentId & VisitorId;
  switch (key.slice(0, slash)) {
    case "chat": {
      const chat = state.chats.get(id);
      return chat === undefined ? undefined : checkChat(turn, chat);
    }
    case "forget":
      return forgetDue(turn, id);
    case "offer":
      return missOffer(turn, id);
    case "bot":
      return giveUpOnBot(turn, id);
    case "invite":
      return inviteDue(turn, id);
    case "leave":
      return leaveDue(turn, id);
    case "acted": {
      const registers = state.visitorRegisters.get(id);
      if (registers === undefined) return;
      const endsAt = registers.at + limits.visitorKeptMs;
      if (endsAt > turn.at) return state.deadlines.setBy(key, endsAt);
      return turn.record({ type: "visitor_forgotten", visitorId: id });
    }
    case "agent":
      return agentDue(turn, key, id);
    case "visitor": {
      const visitor = state.visitors.get(id);
      const endsAt = visitor === undefined ? undefined : graceEndsAt(state, visitor);
      if (visitor === undefined || endsAt === undefined) return;
      if (endsAt > turn.at) return state.deadlines.setBy(key, endsAt);
      return visitorGone(turn, visitor);
    }
    default:
      // "assign" goes on where the last event left off; handle() pushes after every event.
      if (key === "assign") assignWaiting(turn);
      if (key === "hours") availabilityMayChange(turn);
      if (key === "count") publishVisits(turn);
      if (key === "bans") bansDue(turn);
      if (key === "spent") spentIdsDue(turn);
  }
}

/** An agent's grace is over: it counts as absent, and its chats go by the site's policy. */
function agentDue(turn: Turn, key: DeadlineKey, agentId: AgentId): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  const endsAt = console === undefined ? undefined : graceEndsAt(state, console);
  if (console !== undefined && endsAt === undefined) return;
  if (endsAt !== undefined && endsAt > turn.at) return state.deadlines.setBy(key, endsAt);
  offerAgent(turn, agentId);
  withdrawOffers(turn, agentId);
  leaveChats(turn, agentId);
}

/** What a refusal of this frame refers to. */
export function causeOf(frame: ClientFrame): string {
  if ("messageId" in frame) return frame.messageId;
  if ("commandId" in frame) return frame.commandId;
  return frame.type;
}
