import { nounOf } from "../../core/fact.ts";
import type { ChatId, TenureId, VisitorId } from "../../core/ids.ts";
import type { NeighbourRequest, Outcome } from "../../core/outcome.ts";
import { Site } from "../../core/site.ts";
import { Encoder } from "../../server/encoder.ts";
import { Journal, nameOf } from "../../server/journal.ts";
import { Signer } from "../../server/signer.ts";
import { MemoryJournalStore } from "../harness/memory_journal_store.ts";
import { benchKeys } from "../harness/node_bench.ts";
import { type BenchOptions, SiteBench } from "../harness/site_bench.ts";
import { SitePage } from "../harness/site_page.ts";
import { type Names, narrate, narrateJob, narrateRequest } from "./narration.ts";
import { Person } from "./person.ts";

const options = { unsavedLogBytes: 0, unsavedLogBytesMax: 0 };

/**
 * The world of a scenario: a real site on virtual time whose decisions go to a real journal on a
 * store in memory, and the people around it.
 */
export class World {
  readonly bench: SiteBench;
  readonly people = new Map<string, Person>();
  readonly observed: { readonly who: string; readonly at: number; readonly what: string }[] = [];
  /** What neighbours were asked for, in order. */
  readonly asked: NeighbourRequest[] = [];
  readonly #encoder = new Encoder(new Signer(benchKeys));
  readonly #store = new MemoryJournalStore();
  readonly #tenures: TenureId[] = [];
  readonly #startedAt: number;
  #journal = new Journal(this.#store, options);
  #unwritten: Outcome[] = [];
  #jobsSeen = 0;

  constructor(site: BenchOptions) {
    this.bench = new SiteBench(site);
    this.#startedAt = this.bench.at;
    this.#unwritten.push({ facts: this.bench.facts.slice(), jobs: [], sends: [] });
    this.#noteTenure();
    this.bench.decided = (outcome) => this.#unwritten.push(outcome);
    this.bench.asked = (request) => {
      this.asked.push(request);
      const { who, what } = narrateRequest(request, this.#namesFor(undefined));
      this.#observe(who, what);
    };
    this.bench.watch = (page, received) => {
      const person = [...this.people.values()].find((one) => one.page === page);
      if (person === undefined) return;
      person.hear(received);
      const names = this.#namesFor(person);
      const lines = typeof received === "string"
        ? [`closed ${received}`]
        : narrate(received, names);
      for (const what of lines) this.#observe(person.name, what);
    };
  }

  #observe(who: string, what: string): void {
    this.observed.push({ who, at: this.bench.at - this.#startedAt, what });
  }

  /** The person of this name; the first page of a visitor is made here. */
  visitor(name: string): Person {
    const known = this.people.get(name);
    if (known !== undefined) return known;
    const visitorId = this.bench.ids.visitor();
    const session = { type: "visitor", visitorId, visitId: "visit-1" } as const;
    return this.join(name, new SitePage(this.bench, session));
  }

  /** Another page of someone's session. */
  join(name: string, page: SitePage): Person {
    const person = new Person(name, page);
    this.people.set(name, person);
    return person;
  }

  /** Everybody reacts until nothing more comes, and what was decided is on the journal. */
  async settle(): Promise<void> {
    while ([...this.people.values()].map((person) => person.react()).includes(true));
    for (const outcome of this.#unwritten.splice(0)) await this.#write(outcome);
  }

  async #write({ facts, jobs }: Outcome): Promise<void> {
    if (facts.length === 0 && jobs.length === 0) return;
    const { siteId } = this.bench.site.state.config;
    const decision = { site: siteId, at: this.bench.at, facts, jobs };
    const record = new TextEncoder().encode(this.#encoder.encodeDecision(decision));
    const touched = new Set(facts.map((fact) => nameOf(siteId, nounOf(fact))));
    await this.#journal.commit([record], touched, () => this.bench.site.state);
  }

  /** The process ends and another one starts on the journal. */
  async restart(): Promise<void> {
    await this.settle();
    this.#journal = new Journal(this.#store, options);
    const site = new Site(this.bench.site.state.config);
    await this.#journal.readEnds();
    await this.#journal.recover(() => site.state);
    this.bench.takeOver(site);
    this.#noteTenure();
    await this.settle();
  }

  #noteTenure(): void {
    const { tenure } = this.bench.site.state;
    if (tenure !== undefined) this.#tenures.push(tenure);
  }

  /** Forgets what was observed so far: the preparations. */
  forget(): void {
    this.observed.length = 0;
    this.#jobsSeen = this.bench.jobs.length;
  }

  /** What was observed, as lines. */
  report(): string[] {
    const names = [...this.people.keys(), ...this.observed.map(({ who }) => who)];
    const width = Math.max(...names.map((name) => name.length), 4);
    const lines = this.observed.map(({ who, at, what }) =>
      `${seconds(at).padStart(6)}  ${who.padEnd(width)} < ${what}`
    );
    const known = this.#namesFor(undefined);
    const jobs = this.bench.jobs.slice(this.#jobsSeen).map((job) => narrateJob(job, known));
    return [
      ...lines,
      ...(jobs.length === 0 ? ["jobs    none"] : jobs.map((job) => `jobs    ${job}`)),
    ];
  }

  #namesFor(person: Person | undefined): Names {
    const visitor = (id: VisitorId) => {
      const [name] =
        [...this.people].find(([, { page }]) =>
          page.session.type === "visitor" && page.session.visitorId === id
        ) ?? [];
      return name ?? "somebody";
    };
    return {
      visitor,
      chat: (id: ChatId) => {
        const asked = this.bench.facts.find((fact) =>
          fact.type === "chat_requested" && fact.chatId === id
        );
        return asked?.type === "chat_requested" ? visitor(asked.visitorId) : "nobody";
      },
      entry: (chatId, id) => this.bench.site.state.conversation(chatId)?.log.named(id),
      start: (tenure) => this.#tenures.indexOf(tenure) + 1 || this.#tenures.length + 1,
      label: (re) => person?.labels.get(re) ?? re,
    };
  }

  /** The chat of a visitor, by its name. */
  chatOf(name: string): ChatId | undefined {
    return this.people.get(name)?.chatId;
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10}s`;
}
