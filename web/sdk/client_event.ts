import type { ChatId, CommandId, VisitorId } from "../../core/ids.ts";
import type { ListName } from "../../core/presence.ts";
import type { Chance } from "./connection.ts";
import type { OutboxFrame, StoredText } from "./outbox_record.ts";

/** What reached the client, without its time. */
export type ClientHappening =
  /** The page wants to be connected, with this token; also after `stopped`, with a new one. */
  | { readonly type: "start"; readonly token: string }
  | { readonly type: "stop" }
  | { readonly type: "socket_opened"; readonly socketNo: number }
  | { readonly type: "socket_received"; readonly socketNo: number; readonly text: string }
  | { readonly type: "socket_closed"; readonly socketNo: number; readonly code: number }
  /** The time of the last `wake_at` has come. Earlier or repeated wakes are harmless. */
  | { readonly type: "woke" }
  /** The device says that it is online again. */
  | { readonly type: "network_returned" }
  /** Answer to `read_storage`: every record under this holder's prefix. */
  | { readonly type: "storage_read"; readonly records: readonly StoredText[] }
  | { readonly type: "commanded"; readonly frame: OutboxFrame }
  | { readonly type: "typed"; readonly chatId: ChatId; readonly on: boolean }
  | {
    readonly type: "page_viewed";
    readonly url: string;
    readonly title: string;
    readonly referrer?: string;
    /** Visits to the site so far, this one included. */
    readonly visits?: number;
  }
  /** Custom variables, added to those set before; told again to a server that lost them. */
  | {
    readonly type: "variables_set";
    readonly commandId: CommandId;
    readonly variables: Readonly<Record<string, string>>;
  }
  /** The console wants these lists, on every connection from here on. */
  | { readonly type: "lists_wanted"; readonly lists: readonly ListName[] }
  /** The console shows this visitor's details; asked again on every connection. */
  | { readonly type: "visitor_wanted"; readonly visitorId: VisitorId | undefined }
  /** The person has seen a failed item. */
  | { readonly type: "dismissed"; readonly id: string }
  /** The person closed an ended or lost chat. */
  | { readonly type: "chat_closed"; readonly chatId: ChatId };

/** What reached the client, when, and a random number in [0, 1) for back-off. */
export type ClientEvent = ClientHappening & Chance;

/** What the client wants done; the list of one event is ordered. */
export type ClientEffect =
  | { readonly type: "open_socket"; readonly socketNo: number }
  /** No event of this socket is wanted any more. */
  | { readonly type: "close_socket"; readonly socketNo: number }
  | { readonly type: "send"; readonly socketNo: number; readonly text: string }
  /** Keep the text under this id until `forget`; other tabs read it. */
  | { readonly type: "store"; readonly id: string; readonly text: string }
  | { readonly type: "forget"; readonly id: string }
  | { readonly type: "read_storage" }
  /** Replaces the time of the last one; undefined: no wake is wanted. */
  | { readonly type: "wake_at"; readonly at: number | undefined }
  /** The snapshot is another one now. At most once per event, last. */
  | { readonly type: "changed" };
