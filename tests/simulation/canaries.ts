import type { Job } from "../../core/job.ts";
import { BanList } from "../../core/ban.ts";
import { AgentPool } from "../../core/assignment.ts";
import { EntryLog } from "../../core/entry_log.ts";
import { limits } from "../../core/limits.ts";
import { Site } from "../../core/site.ts";
import { SpentIds } from "../../core/spent_ids.ts";
import { StreamsHeld } from "../../core/streams_held.ts";
import { WaitingQueue } from "../../core/waiting_queue.ts";
import type { Decision } from "../../server/decision.ts";
import type { Encoder } from "../../server/encoder.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Page } from "./page.ts";
import { type Profile, profileOf } from "./profile.ts";
import type { RuleName } from "./rules.ts";
import type { Sabotage } from "./world.ts";

/** One rule, and a way to break it on purpose that has to be found. */
export interface Canary {
  readonly rule: RuleName;
  readonly what: string;
  readonly profile?: (seed: number) => Profile;
  /** Anew for each world. */
  sabotage(): Sabotage;
}

/** Puts another function in the place of a method; the answer puts it back. */
function replace<Target extends object>(
  target: Target,
  name: keyof Target & string,
  make: (
    original: (...args: unknown[]) => unknown,
    self: unknown,
  ) => (...args: unknown[]) => unknown,
): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") throw new Error(`No method ${name}`);
  const called = function (this: unknown, ...args: unknown[]): unknown {
    return make((...given) => Reflect.apply(original, this, given), this)(...args);
  };
  Object.defineProperty(target, name, { value: called, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

/** The node runs with another limit than it should. */
function withLimit(name: keyof typeof limits, value: number): Sabotage {
  return {
    install() {
      const before = limits[name];
      Reflect.set(limits, name, value);
      return () => void Reflect.set(limits, name, before);
    },
  };
}

/** Changes what is written of each decision. */
function decisions(change: (text: string, count: number) => string): Sabotage {
  let count = 0;
  return {
    node: ({ life }: NodeProcess) => {
      if (life === undefined) return;
      const encoder: Encoder = life.node.encoder;
      replace(encoder, "encodeDecision", (original) => (...args) => {
        count += 1;
        return change(String(original(...args)), count);
      });
    },
  };
}

/** Loses frames on their way to pages. */
function lost(isLost: (frame: ServerFrame, page: Page) => boolean): Sabotage {
  return {
    heard(page, text) {
      const lines = text.split("\n").filter((line) => {
        const frame: ServerFrame = JSON.parse(line);
        return !isLost(frame, page);
      });
      return lines.length === 0 ? undefined : lines.join("\n");
    },
  };
}

function onNode(change: (life: NonNullable<NodeProcess["life"]>, process: NodeProcess) => void) {
  return {
    node: (process: NodeProcess) => {
      if (process.life !== undefined) change(process.life, process);
    },
  } satisfies Sabotage;
}

/** Agents who may have many chats, so that only their status keeps them from more. */
function generous(seed: number): Profile {
  const profile = profileOf(seed);
  const sites = profile.sites.map((site) => ({
    ...site,
    agents: site.agents.map((agent) => ({ ...agent, chatLimit: 50 })),
  }));
  return { ...profile, sites };
}

function wordy(seed: number): Profile {
  return { ...profileOf(seed), textCharsMax: 16_000, unsavedLogBytes: 400_000 };
}

/** People who do more than talk. */
function busy(seed: number): Profile {
  return { ...profileOf(seed), deeds: 0.6 };
}

/** At least one for each rule. */
export const canaries: readonly Canary[] = [
  {
    rule: "stamps",
    what: "the journal skips an n",
    sabotage: () =>
      decisions((text, count) =>
        count < 20 ? text : text.replace(/"n":(\d+)/, (_, n) => `"n":${Number(n) + 1}`)
      ),
  },
  {
    rule: "stamps",
    what: "a link changes what somebody wrote",
    sabotage: () => ({ heard: (_, text) => text.replace(/"text":"(\w+-\w+ 3)/, '"text":"no $1') }),
  },
  {
    rule: "identity",
    what: "the engine does not recognise a repeat",
    sabotage: () => ({
      install: () => replace(EntryLog.prototype, "find", () => () => undefined),
    }),
  },
  {
    rule: "order",
    what: "an entry gets a place among older ones",
    sabotage: () =>
      decisions((text, count) =>
        count < 20 ? text : text.replace(/"order":(\d+)/, (_, order) => `"order":${order - 9e6}`)
      ),
  },
  {
    rule: "sites",
    what: "the hub sends a site's frames to another site",
    sabotage: () =>
      onNode(({ node: { hub } }) => {
        replace(hub, "gather", (original) => (to, text) => {
          original(to, text);
          const [no] = Array.isArray(to) ? to : [];
          const own = [...hub].find((connection) => connection.no === no);
          const other = [...hub].find(({ slot }) => slot.siteId !== own?.slot.siteId);
          if (other !== undefined && own !== undefined) original([other.no], text);
        });
      }),
  },
  {
    rule: "staff",
    what: "a visitor's vector names the staff stream",
    sabotage: () => ({
      install: () =>
        replace(
          StreamsHeld.prototype,
          "publicVector",
          (_, self) => () => self instanceof StreamsHeld ? self.vector() : {},
        ),
    }),
  },
  {
    rule: "kept",
    what: "a restart loses the last record",
    sabotage: () => ({
      node: ({ disk }) => {
        const last = disk.under(["log"], undefined).at(-1);
        if (last !== undefined) disk.write({ puts: [], deletes: [last.key] });
      },
    }),
  },
  {
    rule: "commit_first",
    what: "the store says that a commit is on disk before it is",
    sabotage: () =>
      onNode(({ store }) => {
        let before: Promise<unknown> = Promise.resolve();
        replace(store, "commit", (original) => (write) => {
          before = before.then(() => original(write)).catch(() => {});
          return Promise.resolve();
        });
      }),
  },
  {
    rule: "one_end",
    what: "a chat's end is published twice",
    sabotage: () =>
      onNode(({ node: { encoder } }) => {
        replace(encoder, "encodeDecision", (original) => (given) => {
          const decision = given as Decision; // what encodeDecision() is given
          const all: readonly Job[] = decision.jobs ?? [];
          const ends = all.filter(({ queue }) => queue === "chat.end");
          return original({ ...decision, jobs: [...all, ...ends] });
        });
      }),
  },
  {
    rule: "jobs",
    what: "the queue's log names the same cause with another time",
    sabotage: () =>
      onNode(({ node: { encoder } }) => {
        replace(encoder, "encodeDecision", (original) => (given) => {
          const decision = given as Decision; // what encodeDecision() is given
          const all: readonly Job[] = decision.jobs ?? [];
          const again = all.filter(({ queue }) => queue === "chatQueue.log")
            .map((job) => ({ ...job, payload: { ...job.payload, leaveTime: 1 } }));
          return original({ ...decision, jobs: [...all, ...again] });
        });
      }),
  },
  {
    rule: "no_right",
    what: "an agent that gave a chat away still hears what is said in it",
    sabotage: () =>
      onNode(({ node: { hub } }) => {
        replace(hub, "gather", (original) => (to, text) => {
          const consoles = [...hub].filter(({ session }) => session?.type === "agent");
          const site = [...hub].find(({ no }) => Array.isArray(to) && to.includes(no))?.slot;
          const own = consoles.filter(({ slot }) => slot === site).map(({ no }) => no);
          original(String(text).startsWith('{"type":"entry"') ? own : to, text);
        });
      }),
  },
  {
    rule: "banned",
    what: "a ban closes nothing and keeps nobody out",
    profile: busy,
    sabotage: () => ({
      install: () => replace(BanList.prototype, "of", () => () => undefined),
    }),
  },
  {
    rule: "agent_limit",
    what: "an agent at its limit stays in the pool",
    sabotage: () => ({
      install: () => replace(AgentPool.prototype, "withdraw", () => () => undefined),
    }),
  },
  {
    rule: "one_agent",
    what: "a chat that is taken still waits",
    sabotage: () => ({
      install: () => replace(WaitingQueue.prototype, "remove", () => () => undefined),
    }),
  },
  {
    rule: "one_agent",
    what: "the id of a forgotten chat is taken again",
    profile: (seed) => profileOf(20 * seed + 4),
    sabotage: () => ({
      install: () => replace(SpentIds.prototype, "has", () => () => false),
    }),
  },
  {
    rule: "present",
    what: "an agent who goes away stays in the pool",
    profile: generous,
    sabotage: () => ({
      install: () => replace(AgentPool.prototype, "withdraw", () => () => undefined),
    }),
  },
  {
    rule: "absence",
    what: "a visitor counts as gone after five seconds",
    sabotage: () => withLimit("presenceGraceMs", 5_000),
  },
  {
    rule: "grows",
    what: "a page drops an entry that it showed",
    sabotage: () => {
      let count = 0;
      return {
        heard: (page, text) => {
          const entries = page.snapshot.chats[0]?.entries;
          count += 1;
          // The live array, which nobody but the SDK may change.
          if (count % 50 === 0 && entries !== undefined) Reflect.apply([].shift, entries, []);
          return text;
        },
      };
    },
  },
  {
    rule: "contract",
    what: "values are larger than the store takes",
    profile: wordy,
    sabotage: () => withLimit("kvValueBytesMax", 400_000),
  },
  {
    rule: "alive",
    what: "the engine throws",
    sabotage: () => {
      let count = 0;
      return {
        install: () =>
          replace(Site.prototype, "handle", (original) => (event) => {
            count += 1;
            if (count === 100) throw new Error("a canary");
            return original(event);
          }),
      };
    },
  },
  {
    rule: "stopped",
    what: "the hub tells a page that another one took over",
    sabotage: () =>
      onNode(({ node: { hub } }) => {
        let count = 0;
        replace(hub, "flush", (original) => () => {
          original();
          count += 1;
          const [first] = hub;
          if (count % 40 === 0 && first?.session?.type === "visitor") hub.close(first, "replaced");
        });
      }),
  },
  {
    rule: "answered",
    what: "a browser forgets what was not acknowledged when its page is reloaded",
    sabotage: () => ({ person: ({ storage }) => void replace(storage, "keys", () => () => []) }),
  },
  {
    rule: "commands",
    what: "what is done is not told",
    sabotage: () => lost((frame) => frame.type === "done"),
  },
  {
    rule: "equal",
    what: "a console is not told how its chats change",
    sabotage: () => lost((frame, { holder }) => holder.type === "agent" && frame.type === "chat"),
  },
  {
    rule: "nobody_waits",
    what: "the pool forgets agents",
    sabotage: () => {
      let count = 0;
      return {
        install: () =>
          replace(AgentPool.prototype, "offer", (original) => (...args) => {
            count += 1;
            if (count < 12) original(...args);
          }),
      };
    },
  },
  {
    rule: "connected",
    what: "a visitor's welcome never arrives",
    sabotage: () => lost(({ type }, { name }) => type === "welcome" && name.includes("-v1.")),
  },
  {
    rule: "lists",
    what: "consoles are not told how the queue changes",
    sabotage: () => lost(({ type }) => type === "waiting"),
  },
  {
    rule: "baseline",
    what: "the hub keeps connections that are gone",
    sabotage: () => onNode(({ node: { hub } }) => void replace(hub, "remove", () => () => {})),
  },
  {
    rule: "disk_known",
    what: "the journal does not count what it keeps",
    sabotage: () =>
      onNode(({ journal }) => void Object.defineProperty(journal, "bytes", { get: () => 1 })),
  },
];
