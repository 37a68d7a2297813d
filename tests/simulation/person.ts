import type { ChatId, SiteId } from "../../core/ids.ts";
import type { ChatSnapshot } from "../../web/sdk/snapshot.ts";
import type { Holder } from "../../web/sdk/holder.ts";
import { type ClientStorage, memoryStorage } from "../../web/sdk/storage.ts";
import type { LinkShape } from "./direction.ts";
import type { Page, PageOptions } from "./page.ts";
import type { Stage } from "./stage.ts";

/** Where people live. */
export interface Place {
  readonly stage: Stage;
  page(options: PageOptions): Page;
  /** Bans that stand at a site. */
  bansAt(siteId: SiteId): readonly string[];
}

/** Something that a person wrote and handed to the SDK. */
export interface Posted {
  readonly chatId: ChatId;
  readonly kind: "message" | "note";
  readonly id: string;
  readonly text: string;
  /** The id was used before, on purpose. */
  readonly mischief: boolean;
}

/** A visitor or an agent with a browser: pages that share one storage. */
export abstract class Person {
  readonly name: string;
  readonly siteId: SiteId;
  readonly holder: Holder;
  readonly posted: Posted[] = [];
  storage: ClientStorage = memoryStorage();
  pages: Page[] = [];
  protected readonly world: Place;
  readonly #token: string;
  #pageCount = 0;
  #textCount = 0;

  constructor(
    world: Place,
    { name, siteId, holder, token }: {
      name: string;
      siteId: SiteId;
      holder: Holder;
      token: string;
    },
  ) {
    this.world = world;
    this.name = name;
    this.siteId = siteId;
    this.holder = holder;
    this.#token = token;
  }

  /** Opens another page, or the first. */
  open(shape?: LinkShape): Page {
    const { siteId, holder, storage } = this;
    this.#pageCount += 1;
    const name = `${this.name}.${this.#pageCount}`;
    const page = this.world.page({ name, siteId, holder, storage, token: this.#token });
    page.shape = shape;
    this.pages.push(page);
    page.start();
    return page;
  }

  /** A page is left; what it had not sent stays in the browser's storage. */
  close(page: Page, how: { readonly told: boolean }): void {
    page.close(how);
    this.pages = this.pages.filter((other) => other !== page);
  }

  reload(page: Page, how: { readonly told: boolean }): Page {
    this.close(page, how);
    return this.open();
  }

  /** Begins to act now and then, until the world heals. */
  begin(): void {
    const { clock, random, profile } = this.world.stage;
    const next = () => {
      clock.after(random.waitFor(60_000 / profile.actMs), () => {
        if (this.world.stage.healed) return;
        this.act();
        next();
      });
    };
    clock.after(random.between(0, 5_000), () => {
      this.arrive();
      next();
    });
  }

  protected abstract arrive(): void;
  protected abstract act(): void;

  /** A page to act on. A person whose page was stopped may press its button, or go elsewhere. */
  protected somePage(): Page | undefined {
    const { random } = this.world.stage;
    const page = random.pick(this.pages);
    if (page === undefined || page.state !== "stopped") return page;
    if (this.pages.length > 1) this.close(page, { told: true });
    else page.start();
    return undefined;
  }

  /** Hands a text to the SDK and notes that it did. */
  write(page: Page, chatId: ChatId, kind: "message" | "note", text = this.#text()): void {
    const { session } = page;
    const mischief = page.forcedIds.length > 0;
    const posted = kind === "note" ? session.postNote(chatId, text) : session.post(chatId, text);
    if (posted.type === "refused") return;
    this.posted.push({ chatId, kind, id: posted.id, text, mischief });
    const { stage } = this.world;
    stage.counts.add(kind === "note" ? "notes" : "messages");
    stage.trace.add(stage.clock.now, `${page.name} writes ${kind} ${posted.id} in ${chatId}`);
    if (!stage.random.chance(stage.profile.reloadAfterPost)) return;
    stage.counts.add("reloads_after_post");
    this.reload(page, { told: stage.random.chance(0.5) });
  }

  protected markRead(page: Page, chat: ChatSnapshot): void {
    const last = chat.entries.at(-1);
    if (last !== undefined) page.session.markRead(chat.chatId, last.order);
  }

  #text(): string {
    const { random, profile } = this.world.stage;
    this.#textCount += 1;
    const length = random.between(0, profile.textCharsMax);
    return `${this.name} ${this.#textCount}${" lorem".repeat(Math.floor(length / 6))}`;
  }
}

/** Whether the chat runs, as far as a page knows. */
export function isRunning(chat: ChatSnapshot): boolean {
  if (chat.view !== undefined) return chat.view.state.state !== "ended";
  return chat.posts.some((post) => post.now.state === "pending");
}
