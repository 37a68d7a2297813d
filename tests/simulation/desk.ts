import type { ListName } from "../../core/presence.ts";
import type { ClientFrame } from "../../core/protocol.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { Holder } from "../../web/sdk/holder.ts";
import { type ListFrame, SiteLists } from "../../web/sdk/site_lists.ts";

/** A command that its sender repeats under its id until it is answered. */
export type Errand = Extract<ClientFrame, { commandId: unknown }>;

/** What a desk works with. */
export interface DeskPorts {
  readonly holder: Holder;
  send(frame: ClientFrame): void;
  after(ms: number, run: () => void): void;
}

/** Refusals after which the same is tried again; of the others a person is told. */
const passing: ReadonlySet<string> = new Set(["unavailable", "overloaded", "rate_limited"]);
const listTypes: ReadonlySet<string> = new Set([
  "visitors",
  "chats",
  "agents",
  "visitor",
  "offer",
  "offer_ended",
  "invitation",
  "invitation_ended",
  "availability",
  "sign_in_wanted",
]);

/**
 * What a page does beside the SDK's session on the same socket: commands that the session has no
 * method for, lists, private threads.
 */
export class Desk {
  readonly lists = new SiteLists();
  /** Commands on their way, by id. */
  readonly errands = new Map<string, Errand>();
  subscribed: readonly ListName[] = [];
  readonly #ports: DeskPorts;
  #isOpen = false;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** Begins a command. */
  do(frame: Errand): void {
    this.errands.set(frame.commandId, frame);
    if (this.#isOpen) this.#ports.send(frame);
  }

  /** Says something once, if there is a connection. */
  say(frame: ClientFrame): void {
    if (this.#isOpen) this.#ports.send(frame);
  }

  subscribe(lists: readonly ListName[]): void {
    this.subscribed = lists;
    this.say({ type: "subscribe", lists: [...lists] });
  }

  closed(): void {
    this.#isOpen = false;
  }

  /** Takes in what is for here; all of it is for the SDK, too. */
  hear(text: string): void {
    for (const line of text.split("\n")) {
      const frame: ServerFrame = JSON.parse(line);
      this.#answered(frame);
      if (listTypes.has(frame.type)) this.#list(frame as ListFrame); // by its type, as just said
      if (frame.type === "welcome") this.#welcome(frame);
    }
  }

  #welcome({ availability }: Extract<ServerFrame, { type: "welcome" }>): void {
    this.#isOpen = true;
    this.lists.reset(availability);
    if (this.subscribed.length > 0) this.subscribe(this.subscribed);
    for (const frame of this.errands.values()) this.#ports.send(frame);
  }

  #list(frame: ListFrame): void {
    this.lists.take(frame);
    const { type } = frame;
    const isPaged = type === "visitors" || type === "chats" || type === "agents";
    if (isPaged && frame.more === true) this.say({ type: "get_rows", list: type });
  }

  #answered(frame: ServerFrame): void {
    if (frame.type === "done") this.errands.delete(frame.commandId);
    if (frame.type !== "refused") return;
    const errand = this.errands.get(frame.re);
    if (errand === undefined) return;
    if (!passing.has(frame.code)) return void this.errands.delete(frame.re);
    this.#ports.after(frame.retryAfterMs ?? 1_000, () => {
      if (this.errands.has(frame.re)) this.say(errand);
    });
  }
}
