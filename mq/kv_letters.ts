import type { Millis } from "../core/ids.ts";
import type { KvFile } from "./kv_file.ts";
import type { Held, KvLane } from "./kv_lane.ts";
import { consumed, laneOf, marked, recordBytes } from "./kv_marks.ts";
import {
  keyOf,
  type LetterRecord,
  type MessageRecord,
  messageRecord,
  type Mutation,
  parseLetter,
  parseMark,
  partCount,
  remove,
  removeBody,
  set,
  setBody,
  shortError,
} from "./kv_record.ts";
import type { KvChange, Read } from "./kv_writer.ts";
import type { CheckedMessage } from "./message_check.ts";

/** Keeps a message for ops, though it was not published. */
export function settingAside(file: KvFile, checked: CheckedMessage, error: string): KvChange {
  const { queueName, uniqueId } = checked.message;
  const lane = laneOf(file, queueName);
  const applied: (() => void)[] = [];
  return {
    reads: [keyOf.letter(queueName, uniqueId)],
    mutations: 4 + partCount(checked.bytes.length),
    bytes: recordBytes + checked.bytes.length,
    decide(read) {
      applied.length = 0;
      return laidAside(file, lane, checked, { read, error, applied });
    },
    applied: () => applied.forEach((task) => task()),
  };
}

/** A letter of a message that is not published. */
export function laidAside(
  file: KvFile,
  lane: KvLane,
  { message, bytes }: CheckedMessage,
  { read, error, applied }: {
    readonly read: Read;
    readonly error: string;
    readonly applied: (() => void)[];
  },
): Mutation[] {
  const body = file.nextSeq();
  const { uniqueId: id, at } = message;
  const record = { id, at, attempts: 0, body, parts: partCount(bytes.length) };
  const letter = { ...record, seq: body, diedAt: file.now(), kind: "set_aside", error } as const;
  return [
    ...setBody(lane.name, body, bytes),
    ...lettered(lane, letter, { read, applied }),
  ];
}

/** The letter, instead of one of that id. */
function lettered(
  lane: KvLane,
  letter: LetterRecord,
  { read, applied }: { readonly read: Read; readonly applied: (() => void)[] },
): Mutation[] {
  const old = parseLetter(read(keyOf.letter(lane.name, letter.id)));
  if (old === undefined) applied.push(() => lane.dead += 1);
  return [
    ...(old === undefined ? [] : [remove(keyOf.dead(lane.name, old.seq))]),
    ...(old === undefined || old.body === letter.body ? [] : removeBody(lane.name, old)),
    set(keyOf.letter(lane.name, letter.id), { ...letter, error: shortError(letter.error) }),
    set(keyOf.dead(lane.name, letter.seq), letter.id),
  ];
}

/** Makes dead letters of messages. Fills `done` with those that were still held. */
export function burying(
  file: KvFile,
  lane: KvLane,
  all: readonly { readonly held: Held; readonly error: string }[],
  done: Set<Held>,
): KvChange {
  const applied: (() => void)[] = [];
  const bury = (read: Read, held: Held, error: string): Mutation[] => {
    if (!lane.isHeld(held)) return [];
    done.add(held);
    const { message } = held;
    const seq = file.nextSeq();
    const letter = { ...messageRecord(message), seq, diedAt: file.now(), kind: "dead" } as const;
    applied.push(() => {
      lane.takeOut(message);
      lane.live -= 1;
      lane.times.remove(message.at);
      lane.moves.came(message, keyOf.letter(lane.name, message.id));
    });
    return [
      remove(keyOf.message(lane.name, message.seq)),
      ...lettered(lane, { ...letter, error }, { read, applied }),
      marked(lane.name, message.id, "dead"),
    ];
  };
  return {
    reads: all.map(({ held }) => keyOf.letter(lane.name, held.message.id)),
    mutations: all.length * 6,
    bytes: all.length * 2 * recordBytes,
    decide(read) {
      done.clear();
      applied.length = 0;
      return all.flatMap(({ held, error }) => bury(read, held, error));
    },
    applied: () => applied.forEach((task) => task()),
  };
}

/** What becomes of a record that cannot be read: a letter under a name of our own. */
export function damaged(file: KvFile, queue: string, key: Deno.KvKey, value: unknown): Mutation[] {
  const seq = file.nextSeq();
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
  const body = new TextEncoder().encode(JSON.stringify({ unreadable: text.slice(0, 1_000) }));
  const at: Millis = file.now();
  const letter: LetterRecord = {
    id: `unreadable:${seq}`,
    at,
    attempts: 0,
    body: seq,
    parts: partCount(body.length),
    seq,
    diedAt: at,
    kind: "dead",
    error: `The record at ${JSON.stringify(key).slice(0, 500)} is damaged`,
  };
  return [
    remove(key),
    ...setBody(queue, seq, body),
    set(keyOf.letter(queue, letter.id), letter),
    set(keyOf.dead(queue, seq), letter.id),
  ];
}

/** Delivers a dead letter again. */
export function replaying(
  file: KvFile,
  lane: KvLane,
  id: string,
  done: { isDone: boolean },
): KvChange {
  const seq = file.nextSeq();
  let again: MessageRecord | undefined;
  return {
    reads: [keyOf.letter(lane.name, id), keyOf.mark(lane.name, id)],
    mutations: 10,
    bytes: 2 * recordBytes,
    decide(read) {
      const letter = parseLetter(read(keyOf.letter(lane.name, id)));
      done.isDone = letter !== undefined;
      again = undefined;
      if (letter === undefined) return [];
      const unlettered = unletter(lane.name, letter);
      // It is on its way already: set aside, then published after all.
      if (parseMark(read(keyOf.mark(lane.name, id))) === "live") {
        return [...unlettered, ...removeBody(lane.name, letter)];
      }
      const { at, body, parts } = letter;
      again = { id, at, attempts: 0, body, parts };
      return [
        ...unlettered,
        set(keyOf.message(lane.name, seq), again),
        marked(lane.name, id, "live"),
      ];
    },
    applied() {
      if (!done.isDone) return;
      lane.dead -= 1;
      if (again === undefined) return;
      lane.live += 1;
      lane.times.add(again.at);
      lane.moves.came(again, keyOf.message(lane.name, seq));
      lane.offer({ ...again, seq });
    },
  };
}

/** Deletes a dead letter; its id stays remembered if it was published. */
export function dropping(
  file: KvFile,
  lane: KvLane,
  id: string,
  done: { isDone: boolean },
): KvChange {
  return {
    reads: [keyOf.letter(lane.name, id), keyOf.mark(lane.name, id)],
    mutations: 10,
    bytes: recordBytes,
    decide(read) {
      const letter = parseLetter(read(keyOf.letter(lane.name, id)));
      done.isDone = letter !== undefined;
      if (letter === undefined) return [];
      const isDead = parseMark(read(keyOf.mark(lane.name, id))) === "dead";
      return [
        ...unletter(lane.name, letter),
        ...removeBody(lane.name, letter),
        ...(isDead ? consumed(file, lane.name, [id]) : []),
      ];
    },
    applied() {
      if (done.isDone) lane.dead -= 1;
    },
  };
}

function unletter(queue: string, letter: LetterRecord): Mutation[] {
  return [remove(keyOf.letter(queue, letter.id)), remove(keyOf.dead(queue, letter.seq))];
}
