import type { Page } from "./page.ts";
import type { Scene } from "./scene.ts";
import { sleepers } from "./sleeping.ts";

/** People who follow a script instead of acting at random; false when the profile has none. */
export function startScripts(world: Scene): boolean {
  switch (world.stage.profile.name) {
    case "long_chats":
      longChats(world);
      return true;
    case "crowd":
      crowd(world);
      return true;
    case "sleepers":
      sleepers(world);
      return true;
    default:
      return false;
  }
}

const messagesPerChat = 110;
const textChars = 1_500;
/** A third-generation phone in a train. */
const slowBytesPerMs = 40;

/** Twenty chats become long; then the agent's console is reloaded on a slow link. */
function longChats(world: Scene): void {
  const { clock } = world.stage;
  const [agent, ...visitors] = world.people;
  if (agent === undefined) return;
  agent.open().session.setStatus("online");
  visitors.forEach((visitor, index) => {
    clock.after(200 + index * 40, () => {
      const page = visitor.open();
      const asked = page.session.requestChat({ name: visitor.name });
      if (asked.type === "refused") return;
      for (let i = 0; i < messagesPerChat; i++) {
        visitor.write(page, asked.id, "message", `${i} ${"lorem ".repeat(textChars / 6)}`);
      }
    });
  });
  clock.after(60_000, () => {
    const [page] = agent.pages;
    if (page === undefined) return;
    const bytes = page.snapshot.chats.reduce(
      (sum, { entries }) => sum + entries.reduce((all, { text }) => all + text.length + 350, 0),
      0,
    );
    const slow = { ...world.stage.profile.link, bytesPerMs: slowBytesPerMs, latencyMsMin: 200 };
    agent.close(page, { told: true });
    const again = agent.open(slow);
    watchFetch(world, again, {
      bytes,
      from: clock.now,
      entries: visitors.length * messagesPerChat,
    });
  });
}

/** Three times what the bytes alone take, and half a minute: more would be no progress. */
function watchFetch(
  world: Scene,
  page: Page,
  { bytes, from, entries }: { bytes: number; from: number; entries: number },
): void {
  const { clock, counts, checker } = world.stage;
  const allowed = 3 * bytes / slowBytesPerMs + 30_000;
  const look = () => {
    const shown = page.snapshot.chats.reduce((sum, chat) => sum + chat.entries.length, 0);
    const level = page.snapshot.chats.every((chat) => chat.level) && shown >= entries;
    if (level) {
      counts.add("case_twenty_long_chats_on_a_slow_link");
      counts.add("slow_link_seconds", Math.round((clock.now - from) / 1_000));
      world.busyUntil(clock.now);
    } else if (clock.now - from > allowed) {
      const seconds = Math.round((clock.now - from) / 1_000);
      checker.violate(
        "connected",
        `${page.name} has ${shown} of ${entries} entries after ${seconds} s`,
      );
    } else {
      world.busyUntil(clock.now + 2_000);
      clock.after(1_000, look);
    }
  };
  look();
}

/** A hundred and twenty visitors wait; then one agent comes who may take a hundred. */
function crowd(world: Scene): void {
  const { clock, random } = world.stage;
  const [agent, ...visitors] = world.people;
  if (agent === undefined) return;
  visitors.forEach((visitor, index) => {
    clock.after(index * 20, () => {
      const page = visitor.open();
      const asked = page.session.requestChat({ name: visitor.name });
      if (asked.type === "posted") visitor.write(page, asked.id, "message");
    });
  });
  clock.after(random.between(5_000, 30_000), () => {
    agent.open().session.setStatus("online");
    world.stage.counts.add("case_crowd_taken_at_once");
  });
  // Most leave together: their chats end in the same moment.
  clock.after(60_000, () => {
    for (const visitor of visitors) {
      if (random.chance(0.2)) continue;
      for (const page of [...visitor.pages]) visitor.close(page, { told: true });
    }
  });
}
