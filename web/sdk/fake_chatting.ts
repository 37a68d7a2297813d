import type { ChatId } from "../../core/ids.ts";
import { assert } from "./assert.ts";
import { agent, FakeNetwork, type FakePage, visitor } from "./fake_network.ts";
import { chatIdOf } from "./ids.ts";
import type { ChatSnapshot } from "./snapshot.ts";

/** Posts a message; answers its id. */
export function post(page: FakePage, chatId: ChatId, text: string): string {
  const messageId = page.ids.messageId();
  page.handle({ type: "commanded", frame: { type: "post_message", chatId, messageId, text } });
  return messageId;
}

/** Asks for a chat. */
export function request(page: FakePage): ChatId {
  const commandId = page.ids.commandId();
  page.handle({ type: "commanded", frame: { type: "request_chat", commandId } });
  return chatIdOf(commandId);
}

/** Takes a waiting chat. */
export function accept(page: FakePage, chatId: ChatId): void {
  const commandId = page.ids.commandId();
  page.handle({ type: "commanded", frame: { type: "accept_chat", commandId, chatId } });
}

/** A chat as the page has it. */
export function chatOf(page: FakePage, chatId: ChatId): ChatSnapshot {
  const chat = page.client.snapshot().chats.find((each) => each.chatId === chatId);
  assert(chat !== undefined, `no chat ${chatId}`);
  return chat;
}

/** What the page shows of a chat. */
export function texts(page: FakePage, chatId: ChatId): string[] {
  return chatOf(page, chatId).entries.map(({ text }) => text);
}

/** A visitor vik and an agent ana in an active chat. */
export function chatting() {
  const network = new FakeNetwork();
  const vik = network.open(visitor());
  const ana = network.open(agent());
  network.settle();
  const chatId = request(vik);
  network.settle();
  accept(ana, chatId);
  network.settle();
  return { network, vik, ana, chatId };
}
