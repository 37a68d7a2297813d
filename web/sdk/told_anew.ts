import type { CommandId, VisitorId } from "../../core/ids.ts";
import type { ListName } from "../../core/presence.ts";
import type { ClientHappening } from "./client_event.ts";
import type { ClientFrame } from "./frame.ts";
import type { OutboxFrame } from "./outbox_record.ts";

type Told = Extract<
  ClientHappening,
  { type: "page_viewed" | "variables_set" | "lists_wanted" | "visitor_wanted" }
>;

/** What a server knows of this page only as long as it remembers it: told with every connection. */
export class ToldAnew {
  #page: ClientFrame | undefined;
  #variables:
    | { readonly commandId: CommandId; readonly values: Record<string, string> }
    | undefined;
  #lists: readonly ListName[] = [];
  #visitorId: VisitorId | undefined;
  #refused = false;

  /** One of these was refused, retryable: all are told once more with the next heartbeat. */
  refused(re: string): void {
    if (re === "view_page" || re === "subscribe" || re === "get_rows" || re === "get_visitor") {
      this.#refused = true;
    }
  }

  /** What a heartbeat has to tell once more. */
  takeRefused(): readonly ClientFrame[] {
    if (!this.#refused) return [];
    this.#refused = false;
    return this.frames();
  }

  /** Takes a change in; the frame that tells of it, if there is one to send. */
  take(event: Told): ClientFrame | undefined {
    switch (event.type) {
      case "page_viewed": {
        const { type: _, url, title, referrer, visits } = event;
        this.#page = {
          type: "view_page",
          url,
          title,
          ...(referrer === undefined ? {} : { referrer }),
          ...(visits === undefined ? {} : { visits }),
        };
        return this.#page;
      }
      case "variables_set": {
        const values = { ...this.#variables?.values, ...event.variables };
        this.#variables = { commandId: event.commandId, values };
        return undefined;
      }
      case "lists_wanted":
        this.#lists = event.lists;
        return { type: "subscribe", lists: [...event.lists] };
      case "visitor_wanted":
        this.#visitorId = event.visitorId;
        return this.#asked();
    }
  }

  /** All custom variables of this page in one command; it goes by the outbox. */
  variables(): OutboxFrame | undefined {
    if (this.#variables === undefined) return undefined;
    const { commandId, values } = this.#variables;
    return { type: "set_variables", commandId, variables: values };
  }

  /** What a new connection is told. */
  frames(): readonly ClientFrame[] {
    const lists: ClientFrame = { type: "subscribe", lists: [...this.#lists] };
    return [this.#page, this.#lists.length === 0 ? undefined : lists, this.#asked()]
      .filter((frame) => frame !== undefined);
  }

  #asked(): ClientFrame | undefined {
    const visitorId = this.#visitorId;
    return visitorId === undefined ? undefined : { type: "get_visitor", visitorId };
  }
}
