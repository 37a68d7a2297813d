import { graceEndsAt } from "./absence.ts";
import { unreachable } from "./assert.ts";
import {
  acceptChat,
  assignWaiting,
  checkChat,
  endChat,
  readTranscript,
  requestChat,
} from "./chat_flow.ts";
import { connect, disconnect } from "./connecting.ts";
import { offerAgent, setStatus } from "./console.ts";
import type { DeadlineKey } from "./deadlines.ts";
import type { EngineFrame, Event } from "./event.ts";
import type { AgentId, ChatId, ConnectionNo, Millis, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { markRead, post, showTyping } from "./posting.ts";
import { absentAgent, type Presence } from "./presence.ts";
import { pushQueue } from "./pushing.ts";
import type { ClientFrame } from "./protocol.ts";
import type { SiteConfig } from "./site_config.ts";
import { SiteState } from "./site_state.ts";
import { answerHeartbeat, mergeEntries, sendPage } from "./syncing.ts";
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
      case "entries_uploaded": {
        const presence = this.state.connections.get(event.connection);
        if (presence === undefined) {
          turn.refuse(event.connection, "upload_entries", { code: "unavailable" });
        } else mergeEntries(turn, presence, event);
        break;
      }
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
        this.state.configure(event.config);
        for (const agentId of this.state.consoles.keys()) offerAgent(turn, agentId);
        assignWaiting(turn);
        break;
      case "transcript_asked": {
        const { chatId, reader, query } = event;
        const readerId = reader.type === "visitor" ? reader.visitorId : reader.agentId;
        readTranscript(turn, { chatId, reader: reader.type, readerId, query });
        break;
      }
      default:
        unreachable(event);
    }
    pushQueue(turn);
    return turn;
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
      default:
        return this.#sided(turn, presence, connection, frame);
    }
  }

  /** Frames of one side only; the edge's schema has kept the other side's away. */
  #sided(
    turn: Turn,
    presence: Presence,
    connection: ConnectionNo,
    frame: Extract<
      EngineFrame,
      { type: "request_chat" | "view_page" | "set_status" | "accept_chat" | "post_note" }
    >,
  ): void {
    if (presence.type === "visitor") {
      if (frame.type === "request_chat") return requestChat(turn, presence, connection, frame);
      if (frame.type === "view_page") {
        presence.url = frame.url;
        presence.title = frame.title;
        return;
      }
    } else {
      if (frame.type === "set_status") {
        setStatus(turn, presence, connection, frame);
        return assignWaiting(turn);
      }
      if (frame.type === "accept_chat") return acceptChat(turn, presence, connection, frame);
      if (frame.type === "post_note") return post(turn, presence, connection, frame);
    }
    turn.refuse(connection, causeOf(frame), { code: "bad_frame", field: "type" });
  }

  /** The node sits (again) from now on: every deadline about absence starts from zero. [IN2] */
  #seat(turn: Turn): void {
    const { state } = turn;
    state.seatedSince = turn.at;
    const graceEnds = turn.at + limits.presenceGraceMs;
    for (const [agentId, registers] of state.agents) {
      if (registers.status !== "offline" && !state.consoles.has(agentId)) {
        state.consoles.set(agentId, absentAgent(agentId, turn.at));
      }
      state.deadlines.setBy(`agent/${agentId}`, graceEnds);
      offerAgent(turn, agentId);
    }
    for (const chat of state.runningOf.values()) {
      state.deadlines.setBy(`chat/${chat.chatId}`, graceEnds);
    }
    for (const [chatId, endedAt] of state.ended) {
      state.deadlines.setBy(`forget/${chatId}`, endedAt + limits.endedChatKeptMs);
    }
    assignWaiting(turn);
  }

  #wake(turn: Turn): void {
    for (let rounds = 0; rounds < limits.eventsPerRound; rounds++) {
      if (turn.facts.length >= limits.factsPerEvent) return;
      const key = this.state.deadlines.takeDue(turn.at);
      if (key === undefined) return;
      this.#due(turn, key);
    }
  }

  #due(turn: Turn, key: DeadlineKey): void {
    const { state } = turn;
    const slash = key.indexOf("/");
    const id = key.slice(slash + 1);
    // The part behind the slash is the id that the key was made from.
    switch (key.slice(0, slash)) {
      case "chat": {
        const chat = state.chats.get(id as ChatId); // see above
        return chat === undefined ? undefined : checkChat(turn, chat);
      }
      case "forget":
        if (state.ended.has(id as ChatId)) { // see above
          turn.record({ type: "chat_forgotten", chatId: id as ChatId }); // see above
        }
        return;
      case "agent": {
        const console = state.consoles.get(id as AgentId); // see above
        if (console === undefined) return;
        const endsAt = graceEndsAt(state, console);
        if (endsAt !== undefined && endsAt > turn.at) return state.deadlines.setBy(key, endsAt);
        return offerAgent(turn, console.agentId);
      }
      case "visitor": {
        const visitor = state.visitors.get(id as VisitorId); // see above
        const endsAt = visitor === undefined ? undefined : graceEndsAt(state, visitor);
        if (visitor === undefined || endsAt === undefined) return;
        if (endsAt > turn.at) return state.deadlines.setBy(key, endsAt);
        state.visitors.delete(visitor.visitorId);
        return;
      }
      default:
        // "assign" goes on where the last event left off; handle() pushes after every event.
        if (key === "assign") assignWaiting(turn);
        return;
    }
  }
}

/** What a refusal of this frame refers to. */
export function causeOf(frame: ClientFrame): string {
  if ("messageId" in frame) return frame.messageId;
  if ("commandId" in frame) return frame.commandId;
  return frame.type;
}
