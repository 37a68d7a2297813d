import { assert } from "../../core/assert.ts";
import type { CloseName } from "../../core/close_code.ts";
import type { Vector } from "../../core/cursor.ts";
import type { Entry } from "../../core/entry.ts";
import type { EngineFrame, Session } from "../../core/event.ts";
import {
  type ChatId,
  chatIdSchema,
  type CommandId,
  type ConnectionId,
  type ConnectionNo,
  type MessageId,
} from "../../core/ids.ts";
import type { AgentStatus, ChatView } from "../../core/views.ts";
import type { Hello } from "../../core/client_frames.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import { protocolVersion } from "../../core/protocol.ts";
import type { SiteBench } from "./site_bench.ts";

/** What a page received; entries without signatures, as the engine lets them go. */
export type Received =
  | ServerFrame
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "ack"; readonly entry: Entry }
  | {
    readonly type: "entries";
    readonly chatId: ChatId;
    readonly entries: readonly Entry[];
    readonly vector: Vector;
    readonly more: boolean;
    readonly before?: number | undefined;
  };
type ReceivedOf<Type> = Extract<Received, { type: Type }>;

/** One page of a visitor or the console of an agent, as the engine sees it. */
export class SitePage {
  readonly bench: SiteBench;
  /** As it says hello the next time. */
  session: Session;
  address: string | undefined;
  connectionId: ConnectionId;
  /** The live connection; undefined while offline. */
  connection: ConnectionNo | undefined;
  closedWith: CloseName | undefined;
  #received: Received[] = [];

  constructor(bench: SiteBench, session: Session) {
    this.bench = bench;
    this.session = session;
    this.connectionId = bench.ids.connection();
  }

  /** Says hello on a new connection and returns what came back. */
  connect(hello: Partial<Hello> = {}): Received[] {
    this.connection = this.bench.open(this);
    this.closedWith = undefined;
    this.bench.handle({
      type: "connected",
      connection: this.connection,
      address: this.address,
      session: this.session,
      hello: {
        type: "hello",
        protocol: protocolVersion,
        token: "checked by the edge",
        connectionId: this.connectionId,
        term: 1,
        chats: {},
        unacked: 0,
        ...hello,
      },
    });
    return this.take();
  }

  /** The network goes: the node notices at once. */
  lose(): void {
    const { connection } = this;
    assert(connection !== undefined, "Only a connected page can be lost");
    this.connection = undefined;
    this.bench.handle({ type: "disconnected", connection });
  }

  /** Sends a frame and returns what this page received since it last looked. */
  send(frame: EngineFrame): Received[] {
    const { connection } = this;
    assert(connection !== undefined, "Only a connected page sends");
    this.bench.handle({ type: "frame_received", connection, frame });
    return this.take();
  }

  /** Uploads entries whose signatures are right, and ids of some that were forged. */
  upload(chatId: ChatId, entries: readonly Entry[], forged: readonly string[] = []): Received[] {
    const { connection } = this;
    assert(connection !== undefined, "Only a connected page sends");
    this.bench.handle({ type: "entries_uploaded", connection, chatId, entries, forged });
    return this.take();
  }

  receive(frame: Received): void {
    this.#received.push(frame);
  }

  closed(code: CloseName): void {
    this.closedWith = code;
  }

  /** What came since the last look. */
  take(): Received[] {
    return this.#received.splice(0);
  }

  /** The frames of one type that came since the last look. */
  takeOf<Type extends Received["type"]>(type: Type): ReceivedOf<Type>[] {
    return ofType(this.take(), type);
  }

  /** A visitor asks for a chat. */
  requestChat(
    options: { commandId?: CommandId; name?: string; email?: string } = {},
  ): ChatId {
    const { commandId = this.bench.ids.command(), ...prechat } = options;
    this.send({ type: "request_chat", commandId, ...prechat });
    return chatIdSchema.parse(commandId);
  }

  post(chatId: ChatId, text: string, messageId: MessageId = this.bench.ids.message()): Received[] {
    return this.send({ type: "post_message", chatId, messageId, text });
  }

  note(chatId: ChatId, text: string, messageId: MessageId = this.bench.ids.message()): Received[] {
    return this.send({ type: "post_note", chatId, messageId, text });
  }

  setStatus(status: AgentStatus, commandId: CommandId = this.bench.ids.command()): Received[] {
    return this.send({ type: "set_status", commandId, status });
  }

  accept(chatId: ChatId, commandId: CommandId = this.bench.ids.command()): Received[] {
    return this.send({ type: "accept_chat", commandId, chatId });
  }

  endChat(chatId: ChatId, commandId: CommandId = this.bench.ids.command()): Received[] {
    return this.send({ type: "end_chat", commandId, chatId });
  }

  markRead(chatId: ChatId, order: number, commandId = this.bench.ids.command()): Received[] {
    return this.send({ type: "mark_read", commandId, chatId, order });
  }

  heartbeat(chats: Hello["chats"] = {}): Received[] {
    return this.send({ type: "heartbeat", chats });
  }

  getEntries(chatId: ChatId, have: Vector = {}, before?: number): Received[] {
    return this.send({
      type: "get_entries",
      chatId,
      have,
      ...(before === undefined ? {} : { before }),
    });
  }
}

/** The frames of one type. */
export function ofType<Type extends Received["type"]>(
  frames: readonly Received[],
  type: Type,
): ReceivedOf<Type>[] {
  return frames.filter((frame): frame is ReceivedOf<Type> => frame.type === type);
}

/** The only frame of a type. */
export function onlyOf<Type extends Received["type"]>(
  frames: readonly Received[],
  type: Type,
): ReceivedOf<Type> {
  const [first, second] = ofType(frames, type);
  const types = frames.map((frame) => frame.type).join(", ");
  assert(first !== undefined && second === undefined, `One ${type} among [${types}]`);
  return first;
}

/** The entry behind the only ack: the engine's acks carry it whole. */
export function ackedEntry(frames: readonly Received[]): Entry {
  const ack = onlyOf(frames, "ack");
  assert("entry" in ack, "The engine's acks carry their entry");
  return ack.entry;
}

/** Code and field of the only refusal. */
export function refusal(frames: readonly Received[]): string {
  const { code, field } = onlyOf(frames, "refused");
  return field === undefined ? code : `${code} ${field}`;
}

/** The chats named by the only welcome. */
export function welcomedChats(frames: readonly Received[]): readonly ChatView[] {
  return onlyOf(frames, "welcome").chats;
}

/** Texts of the entries that came as live frames or as a page. */
export function textsIn(frames: readonly Received[]): string[] {
  return frames.flatMap((frame) => {
    if (frame.type === "entry") return [frame.entry.text];
    return frame.type === "entries" ? frame.entries.map((entry) => entry.text) : [];
  });
}
