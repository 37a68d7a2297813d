import { assert } from "../../core/assert.ts";
import type { NeighbourAnswer } from "../../core/event.ts";
import { agentIdSchema, type ChatId } from "../../core/ids.ts";
import type { NeighbourRequest } from "../../core/outcome.ts";
import type { BenchOptions } from "../harness/site_bench.ts";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

type Words = Readonly<Record<string, string | undefined>>;
type Deed = (world: World, person: Person, words: Words) => void;
type Reply = (asked: NeighbourRequest, words: Words) => NeighbourAnswer;

/** What people do about a chat, and around it: their sentences behind the name. */
const deeds: readonly (readonly [RegExp, Deed])[] = [
  [/^writes to (?<to>[a-z]+) "(?<text>.*)"$/, (world, person, { to, text = "" }) => {
    const messageId = world.bench.ids.message();
    const agentId = agentIdSchema.parse(to);
    person.send(`writes to ${to}`, { type: "post_private", to: agentId, messageId, text });
  }],
  [/^wraps up "(?<category>.*)" "(?<comment>.*)"$/, (world, person, words) => {
    const { category = "", comment = "" } = words;
    const about = { commandId: world.bench.ids.command(), chatId: chatOf(person) };
    person.send(`wraps up as ${category}`, { type: "wrap_up_chat", ...about, category, comment });
  }],
  [/^rates (?<score>\d) "(?<comment>.*)"$/, (world, person, { score, comment = "" }) => {
    const about = { commandId: world.bench.ids.command(), chatId: chatOf(person) };
    person.send(`rates ${score}`, { type: "rate_chat", ...about, score: Number(score), comment });
  }],
  [/^leaves a message "(?<text>[^"]*)"(?<answers>.*)$/, leaveMessage],
  [
    /^wants the transcript(?: of (?<visitor>[a-z]+))? at "(?<email>.*)"$/,
    (world, person, words) => {
      const { visitor, email = "" } = words;
      const chatId = chatOf(visitor === undefined ? person : world.visitor(visitor));
      const commandId = world.bench.ids.command();
      person.send("wants the transcript", { type: "request_transcript", commandId, chatId, email });
    },
  ],
  [
    /^translates from (?<language>[a-z]+)$/,
    (world, person, { language = "" }) => translate(world, person, language),
  ],
  [/^stops translating$/, (world, person) => translate(world, person, null)],
  [/^attaches "(?<name>.*)"$/, (world, person, { name = "" }) => {
    const chatId = chatOf(person);
    const file = { fileId: `file-of-${name}`, name, mediaType: "application/pdf", bytes: 4_096 };
    const { session: by } = person.page;
    world.bench.handle({ type: "file_attached", chatId, by, id: `id-of-${name}`, file });
  }],
  [/^sends it again$/, (_, person) => person.repeat()],
];

/** What neighbours come back with for what they were asked last. */
const replies: readonly (readonly [NeighbourRequest["kind"], RegExp, Reply])[] = [
  ["bot", /^bot says "(?<text>.*)"$/, (_, { text = "" }) => ({ kind: "bot_message", text })],
  ["bot", /^bot hands over(?: "(?<text>.*)")?$/, (_, { text }) => ({
    kind: "bot_handed_over",
    text,
  })],
  ["translation", /^translator answers "(?<text>.*)"$/, (asked, { text = "" }) => ({
    kind: "translation",
    changes: changedBy(asked),
    text,
  })],
  ["translation", /^translator fails$/, () => ({ kind: "failed", why: "it answered 503" })],
  ["scan", /^scanner passes$/, (asked) => scanned(asked, "passed")],
  ["scan", /^scanner finds a virus$/, (asked) => scanned(asked, "infected")],
];

/** Does a command about the care of chats; false when it is another kind of command. */
export function tookCare(world: World, command: string): boolean {
  for (const [kind, pattern, reply] of replies) {
    const match = pattern.exec(command);
    if (match === null) continue;
    const asked = world.asked.findLast((request) => request.kind === kind);
    assert(asked !== undefined, `The ${kind} neighbour was asked for something`);
    const { chatId, requestId } = asked;
    const answer = reply(asked, match.groups ?? {});
    world.bench.handle({ type: "neighbour_answered", chatId, requestId, answer });
    return true;
  }
  const [, isVisitor, name = "", sentence = ""] = /^(visitor )?([a-z/]+) (.*)$/.exec(command) ?? [];
  for (const [pattern, deed] of deeds) {
    const match = pattern.exec(sentence);
    if (match === null) continue;
    const person = isVisitor === undefined ? world.people.get(name) : world.visitor(name);
    assert(person !== undefined, `${name} is somebody`);
    if (person.page.connection === undefined) person.connect();
    deed(world, person, match.groups ?? {});
    return true;
  }
  return false;
}

function chatOf({ name, chatId }: Person): ChatId {
  assert(chatId !== undefined, `${name} has a chat`);
  return chatId;
}

/** `leaves a message "…" name=Vik order=4711`: name and e-mail have places of their own. */
function leaveMessage(world: World, person: Person, { text = "", answers = "" }: Words): void {
  const pairs = [...answers.matchAll(/ ([a-z]+)=(\S+)/g)];
  const { name, email, ...fields } = Object.fromEntries(
    pairs.map(([, key = "", value = ""]) => [key, value]),
  );
  person.send("leaves a message", {
    type: "submit_offline_message",
    commandId: world.bench.ids.command(),
    text,
    fields,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
  });
}

function translate(world: World, person: Person, visitorLanguage: string | null): void {
  const about = { commandId: world.bench.ids.command(), chatId: chatOf(person) };
  const label = visitorLanguage === null ? "stops translating" : "translates";
  person.send(label, { type: "set_translation", ...about, visitorLanguage });
}

function changedBy({ entry }: NeighbourRequest): string {
  assert(entry !== undefined, "It was asked about an entry");
  return entry.id;
}

function scanned(asked: NeighbourRequest, result: "passed" | "infected"): NeighbourAnswer {
  return { kind: "scan_result", changes: changedBy(asked), result };
}

/**
 * What a scenario's first line says about care: `bot=Robo translation=en categories=Shipping,Price
 * offline=email*,order`, where an asterisk stands for a required field.
 */
export function withCare(line: string, options: BenchOptions): BenchOptions {
  const word = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];
  const [bot, agentLanguage, offline] = [word("bot"), word("translation"), word("offline")];
  const fields = offline?.split(",").map((field) => {
    const fieldId = field.replace("*", "");
    const type = fieldId === "email" ? "email" as const : "text" as const;
    return { fieldId, label: fieldId, type, required: field.endsWith("*") };
  });
  return {
    ...options,
    config: {
      ...options.config,
      wrapUpCategories: word("categories")?.split(",") ?? [],
      ...(bot === undefined ? {} : { bot: { name: bot } }),
      ...(agentLanguage === undefined ? {} : { translation: { agentLanguage } }),
      ...(fields === undefined
        ? {}
        : { campaigns: [{ campaignId: "main", name: "Main", offlineForm: { fields } }] }),
    },
  };
}
