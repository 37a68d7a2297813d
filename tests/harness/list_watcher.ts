import { SiteLists } from "../../web/sdk/site_lists.ts";
import { WaitingList } from "../../web/sdk/waiting_list.ts";
import type { Received, SitePage } from "./site_page.ts";

/** Every list that a console can ask for. */
export const allLists = ["waiting", "visitors", "chats", "agents"] as const;

/** The lists of a console, kept as the SDK keeps them. */
export class ListWatcher {
  readonly console: SitePage;
  readonly lists = new SiteLists();
  readonly waiting = new WaitingList();

  constructor(console: SitePage) {
    this.console = console;
    this.console.send({ type: "subscribe", lists: [...allLists] }).forEach((one) => this.take(one));
  }

  connect(): void {
    for (const frame of this.console.connect()) this.take(frame);
    this.console.send({ type: "subscribe", lists: [...allLists] }).forEach((one) => this.take(one));
  }

  catchUp(): void {
    for (const frame of this.console.take()) this.take(frame);
  }

  take(frame: Received): void {
    if (frame.type === "welcome") {
      this.waiting.reset(frame.waiting);
      this.lists.reset(frame.availability);
    } else if (frame.type === "waiting") this.waiting.change(frame);
    else if (frame.type === "visitors" || frame.type === "chats" || frame.type === "agents") {
      this.lists.take(frame);
      if (frame.more) {
        this.console.send({ type: "get_rows", list: frame.type }).forEach((one) => this.take(one));
      }
    }
  }
}
