import type { ChatId } from "../../core/ids.ts";
import type { Page } from "./page.ts";
import type { Person } from "./person.ts";
import type { Scene } from "./scene.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

/** When the days pass that nobody sees, and how many. The second is longer than ids are kept. */
const nights = [
  { at: 6 * minute, days: 2 },
  { at: 10 * minute, days: 10 },
] as const;

interface Sleeper {
  readonly page: Page;
  readonly chatId: ChatId;
  /** How many nights it sleeps through. */
  readonly nights: number;
  /** Whether its clock goes on meanwhile. */
  readonly knows: boolean;
}

/**
 * Visitors ask for a chat and say something. Of some the answer to the request is lost, of others
 * the ack of what they said; then their devices fall asleep, their chats end, and days pass on the
 * node in which everything is forgotten. When they wake, they go on with what is unanswered.
 */
export function sleepers(world: Scene): void {
  const { clock, random } = world.stage;
  const [agent, ...visitors] = world.people;
  if (agent === undefined) return;
  const asleep: Sleeper[] = [];
  agent.open().session.setStatus("online");
  visitors.forEach((visitor, index) => {
    clock.after(1_000 + index * 100, () => fallAsleep(world, visitor, asleep));
  });
  clock.after(2 * minute, () => {
    for (const page of [...agent.pages]) agent.close(page, { told: random.chance(0.5) });
  });
  nights.forEach(({ at, days }, index) => {
    clock.after(at, () => {
      for (const node of world.nodes) {
        node.wallOffset += days * day;
        // Whoever was away before counts as here for a while: it looks like a stall.
        node.seatedAt = clock.now;
      }
    });
    clock.after(at + minute, () => {
      for (const one of asleep) if (one.nights === index + 1) wake(world, one);
    });
  });
  clock.after(8 * minute, () => agent.open().session.setStatus("online"));
}

function fallAsleep(world: Scene, visitor: Person, asleep: Sleeper[]): void {
  const { clock, random } = world.stage;
  const page = visitor.open();
  const isRequestLost = random.chance(0.6);
  clock.after(1_000, () => {
    if (isRequestLost) page.link?.halfDie("down");
    const asked = page.session.requestChat({ name: visitor.name });
    if (asked.type === "refused") return;
    visitor.write(page, asked.id, "message");
    clock.after(2_000, () => {
      page.link?.halfDie("down");
      visitor.write(page, asked.id, "message");
      clock.after(1_000, () => {
        page.sleep();
        const nightsSlept = random.between(1, nights.length);
        const knows = random.chance(0.5);
        asleep.push({ page, chatId: asked.id, nights: nightsSlept, knows });
      });
    });
  });
}

function wake(world: Scene, { page, chatId, nights: count, knows }: Sleeper): void {
  const { clock, counts } = world.stage;
  const slept = nights.slice(0, count).reduce((sum, { days }) => sum + days * day, 0);
  page.wake({ aheadMs: knows ? slept : 0 });
  counts.add("case_slept_for_days");
  clock.after(2 * minute, () => {
    const { failed, chats } = page.snapshot;
    const isAnother = chats.some((chat) =>
      chat.chatId !== chatId && chat.chatId.endsWith(chatId.slice(10))
    );
    if (isAnother) counts.add("case_slept_and_asked_anew");
    if (failed.some(({ failure }) => failure.code === "expired")) counts.add("case_slept_too_long");
  });
}
