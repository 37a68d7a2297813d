import type { ChatId } from "../../core/ids.ts";
import { assert } from "./assert.ts";
import { agent, FakeNetwork, type FakePage, visitor } from "./fake_network.ts";
import { chatIdOf } from "./ids.ts";
import { memoryStorage } from "./storage.ts";
import type { SignedEntry } from "../../core/entry.ts";

/** mulberry32: small, seeded, good enough to shuffle a test. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A chat of two tabs and a console; messages are numbered by who writes them. */
export class World {
  readonly random: () => number;
  readonly network: FakeNetwork;
  readonly storage = memoryStorage();
  readonly posted: string[] = [];
  readonly chatId: ChatId;
  readonly done = new Map<string, number>();
  pages: FakePage[];
  count = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.network = new FakeNetwork({ random: this.random });
    const first = this.network.open(visitor(), this.storage);
    const second = this.network.open(visitor(), this.storage);
    const ana = this.network.open(agent());
    this.network.settle();
    const commandId = first.ids.commandId();
    this.chatId = chatIdOf(commandId);
    first.handle({ type: "commanded", frame: { type: "request_chat", commandId } });
    this.network.settle();
    const accept = { type: "accept_chat", commandId: ana.ids.commandId() } as const;
    ana.handle({ type: "commanded", frame: { ...accept, chatId: this.chatId } });
    this.network.settle();
    this.pages = [first, second, ana];
  }

  pick(): FakePage {
    const page = this.pages[Math.floor(this.random() * this.pages.length)];
    assert(page !== undefined, "there are pages");
    return page;
  }

  /** One thing happens: mostly something moves, now and then something breaks. */
  step(): void {
    this.network.now += Math.floor(this.random() * 40);
    const page = this.pick();
    const what = this.random();
    const did = (name: string) => this.done.set(name, (this.done.get(name) ?? 0) + 1);
    if (what < 0.45) page.deliver("toServer");
    else if (what < 0.8) page.deliver("toPage");
    else if (what < 0.92) this.post(page);
    else if (what < 0.95) {
      page.drop({ told: this.random() < 0.7, code: this.random() < 0.5 ? 1006 : 4000 });
      did("drop");
    } else if (what < 0.965) {
      this.network.server.refuseOnce("post_message", "unavailable");
      did("refusal");
    } else if (what < 0.975) {
      this.network.server.refuseOnce("upload_entries", "overloaded");
      this.network.server.refuseOnce("get_entries", "overloaded");
    } else if (what < 0.982) {
      this.reload(page);
      did("reload");
    } else if (what < 0.988) {
      this.restart();
      did("restart");
    } else {
      this.network.now += Math.floor(this.random() * 9_000);
      for (const each of this.pages) each.handle({ type: "woke" });
    }
  }

  post(page: FakePage): void {
    const messageId = page.ids.messageId();
    const { chatId } = this;
    const text = `${this.pages.indexOf(page)}:${this.count++}`;
    this.posted.push(text);
    page.handle({ type: "commanded", frame: { type: "post_message", chatId, messageId, text } });
  }

  reload(page: FakePage): void {
    page.close();
    const again = this.network.open(page.holder, page.storage);
    this.pages = this.pages.map((each) => each === page ? again : each);
  }

  /** The server forgets the tail of its streams, but nothing that no page holds. */
  restart(): void {
    const held = new Set(
      this.pages.flatMap((page) => this.shown(page)).map(({ id, tenure }) => `${id}@${tenure}`),
    );
    const from = Math.floor(this.random() * 30);
    this.network.server.restart(({ id, tenure, n }) => n <= from || !held.has(`${id}@${tenure}`));
    // What a page held may be on no other page: a reload now would lose the last copy.
    for (const page of this.pages) page.drop({ told: true, code: 1006 });
    this.network.advance(60_000);
  }

  shown(page: FakePage): readonly SignedEntry[] {
    const { chats } = page.client.snapshot();
    return chats.find(({ chatId }) => chatId === this.chatId)?.entries ?? [];
  }

  /** Everything works again; whatever is un-acked gets its answer. */
  heal(): void {
    for (const page of this.pages) page.drop({ told: true });
    this.network.advance(180_000);
  }
}
