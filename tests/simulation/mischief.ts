import { outboxPrefix } from "../../web/sdk/chat_session.ts";
import type { Page } from "./page.ts";
import { isRunning, type Person } from "./person.ts";
import type { Scene } from "./scene.ts";

/** Uses an id again: in another chat, in another's name, with other text, in an ended chat. */
export function mischief(world: Scene): void {
  const { random } = world.stage;
  const people = world.people.filter(({ pages }) => pages.length > 0);
  const person = random.pick(people);
  const page = random.pick(person?.pages ?? []);
  if (person === undefined || page === undefined) return;
  const kinds = [inAnotherChat, inAnothersName, withOtherText, intoEndedChat, againIntoEndedChat];
  const from = random.between(0, kinds.length - 1);
  // The first that is possible here.
  for (let i = 0; i < kinds.length; i++) {
    const name = kinds[(from + i) % kinds.length]?.(world, person, page);
    if (name === undefined) continue;
    world.stage.counts.add(`case_${name}`);
    return;
  }
}

type Name = string | undefined;

/** Lets the next post have this id; false while the same browser still has one of it on its way. */
function force(person: Person, page: Page, id: string): boolean {
  if (person.storage.get(outboxPrefix(person.siteId, person.holder) + id) !== undefined) {
    return false;
  }
  if (page.snapshot.chats.some(({ posts }) => posts.some((post) => post.id === id))) return false;
  page.forcedIds.push(id);
  return true;
}

function ownEntries(page: Page) {
  return page.snapshot.chats.flatMap(({ entries }) =>
    entries.filter(({ author }) => author.id === page.holder.id)
  );
}

function inAnotherChat(world: Scene, person: Person, page: Page): Name {
  const entry = world.stage.random.pick(ownEntries(page));
  const other = page.snapshot.chats.find((chat) =>
    isRunning(chat) && chat.chatId !== entry?.chatId &&
    !person.posted.some(({ id, chatId }) => id === entry?.id && chatId === chat.chatId)
  );
  if (entry === undefined || other === undefined) return undefined;
  if (!force(person, page, entry.id)) return undefined;
  person.write(page, other.chatId, "message");
  return "same_id_in_two_chats";
}

function inAnothersName(world: Scene, person: Person, page: Page): Name {
  const { random } = world.stage;
  const chat = random.pick(page.snapshot.chats.filter(isRunning));
  const entry = random.pick(
    chat?.entries.filter(({ author, kind }) =>
      kind === "message" && author.id !== page.holder.id && author.type !== "system"
    ) ?? [],
  );
  if (chat === undefined || entry === undefined) return undefined;
  if (person.posted.some(({ id }) => id === entry.id)) return undefined;
  if (!force(person, page, entry.id)) return undefined;
  person.write(page, chat.chatId, "message");
  return "same_id_in_anothers_name";
}

function withOtherText(world: Scene, person: Person, page: Page): Name {
  const entry = world.stage.random.pick(ownEntries(page));
  if (entry === undefined || !force(person, page, entry.id)) return undefined;
  person.write(page, entry.chatId, "message");
  return "same_id_with_other_text";
}

function intoEndedChat(world: Scene, person: Person, page: Page): Name {
  const chat = world.stage.random.pick(
    page.snapshot.chats.filter(({ view }) => view?.state.state === "ended"),
  );
  if (chat === undefined) return undefined;
  person.write(page, chat.chatId, "message");
  return "message_into_ended_chat";
}

function againIntoEndedChat(world: Scene, person: Person, page: Page): Name {
  const ended = page.snapshot.chats.filter(({ view }) => view?.state.state === "ended");
  const entry = world.stage.random.pick(
    ended.flatMap(({ entries }) =>
      entries.filter(({ author, kind }) => author.id === page.holder.id && kind === "message")
    ),
  );
  if (entry === undefined || !force(person, page, entry.id)) return undefined;
  person.write(page, entry.chatId, "message", entry.text);
  return "repeat_into_ended_chat";
}
