import type { AgentId, SiteId, VisitorId } from "../../core/ids.ts";
import { epoch } from "./virtual_clock.ts";
import { isRunning, Person, type Place } from "./person.ts";
import { agentDeeds, doOne, visitorDeeds, writePrivately } from "./deeds.ts";
import type { Errand } from "./desk.ts";
import type { Page } from "./page.ts";

const yearSeconds = 365 * 24 * 3600;
const exp = Math.floor(epoch / 1_000) + yearSeconds;

/** Asks for chats, writes, reads, leaves and comes back. */
export class Visitor extends Person {
  constructor(world: Place, { siteId, no }: { siteId: SiteId; no: number }) {
    // Born here, so here, as at a parse boundary, it gets its brand; a ULID in form.
    const id = `01V${siteId.toUpperCase().replace(/[^A-HJKMNP-TV-Z]/g, "0").padEnd(8, "0")}` +
      String(no).padStart(15, "0");
    const visitorId = id as VisitorId; // see above
    super(world, {
      name: `${siteId}-v${no}`,
      siteId,
      holder: { type: "visitor", id: visitorId },
      token: JSON.stringify({ kind: "visitor", site: siteId, sub: id, visit: `visit${no}`, exp }),
    });
  }

  protected override arrive(): void {
    this.open();
  }

  protected override act(): void {
    const { random } = this.world.stage;
    if (this.pages.length === 0) {
      if (random.chance(0.3)) this.open();
      return;
    }
    const page = this.somePage();
    if (page === undefined) return;
    if (random.chance(this.world.stage.profile.deeds)) {
      const type = doOne(page, random, visitorDeeds);
      if (type === "request_chat") this.world.stage.counts.add("chats_asked");
      if (type !== undefined) return;
    }
    const chat = page.snapshot.chats.find(isRunning);
    if (chat === undefined) return this.#ask(page);
    const dice = random.next();
    if (dice < 0.62) this.write(page, chat.chatId, "message");
    else if (dice < 0.72) page.session.typing(chat.chatId, random.chance(0.8));
    else if (dice < 0.86) this.markRead(page, chat);
    else if (dice < 0.9) page.session.viewPage("https://shop.test/cart", "Cart");
    else if (dice < 0.94) page.session.endChat(chat.chatId);
    else if (dice < 0.97) this.close(page, { told: random.chance(0.6) });
  }

  #ask(page: Page): void {
    const { random, counts } = this.world.stage;
    if (random.chance(0.4)) return;
    const asked = page.session.requestChat(random.chance(0.5) ? { name: this.name } : {});
    if (asked.type === "refused") return;
    counts.add("chats_asked");
    if (random.chance(0.7)) this.write(page, asked.id, "message");
  }
}

/** Comes online, takes chats, writes, notes, ends. */
export class Agent extends Person {
  constructor(world: Place, { siteId, agentId }: { siteId: SiteId; agentId: string }) {
    super(world, {
      name: `${siteId}-${agentId}`,
      siteId,
      holder: { type: "agent", id: agentId as AgentId }, // born here, so here it gets its brand
      token: JSON.stringify({ kind: "agent", site: siteId, sub: agentId, tokenVersion: 1, exp }),
    });
  }

  protected override arrive(): void {
    this.open().session.setStatus("online");
  }

  protected override act(): void {
    const { random } = this.world.stage;
    if (this.pages.length === 0) {
      this.open();
      return;
    }
    const page = this.somePage();
    const self = page?.snapshot.self;
    if (page === undefined || self?.type !== "agent") return;
    if (self.status !== "online") {
      if (random.chance(0.6)) page.session.setStatus("online");
      return;
    }
    if (random.chance(0.02)) {
      page.session.setStatus(random.chance(0.5) ? "away" : "offline");
      return;
    }
    this.#lookAbout(page);
    if (random.chance(this.world.stage.profile.deeds) && doOne(page, random, agentDeeds)) return;
    const waits = [...page.desk.lists.offers.values()][0]?.chat ?? page.snapshot.waiting.chats[0];
    if (waits !== undefined && random.chance(0.5)) {
      page.session.acceptChat(waits.chatId);
      return;
    }
    const chat = random.pick(page.snapshot.chats.filter(isRunning));
    if (chat === undefined) return;
    const dice = random.next();
    if (dice < 0.55) this.write(page, chat.chatId, "message");
    else if (dice < 0.68) this.write(page, chat.chatId, "note");
    else if (dice < 0.78) page.session.typing(chat.chatId, true);
    else if (dice < 0.9) this.markRead(page, chat);
    else if (dice < 0.96) page.session.endChat(chat.chatId);
  }

  /** Every list once; later other choices, and a look at some visitor. Who banned may regret it. */
  #lookAbout(page: Page): void {
    const { random } = this.world.stage;
    const { desk } = page;
    if (desk.subscribed.length === 0 || random.chance(0.02)) {
      desk.subscribe(["waiting", ...otherLists.filter(() => random.chance(0.9))]);
    }
    if (random.chance(0.03)) writePrivately(page, random);
    const visitorId = random.pick([...desk.lists.visitors.keys()]);
    if (visitorId !== undefined && random.chance(0.03)) {
      desk.say({ type: "get_visitor", visitorId });
    }
    const banId = random.pick(this.world.bansAt(this.siteId));
    if (banId !== undefined && random.chance(0.05)) {
      // An id for a command, as any other.
      const commandId = page.mint() as Extract<Errand, { type: "lift_ban" }>["commandId"];
      desk.do({ type: "lift_ban", commandId, banId });
    }
  }
}

const otherLists = ["visitors", "chats", "agents"] as const;
