import type { KvFile } from "./kv_file.ts";
import type { Held, KvLane } from "./kv_lane.ts";
import { burying, laidAside } from "./kv_letters.ts";
import { consumed, gone, laneOf, marked, recordBytes } from "./kv_marks.ts";
import {
  keyOf,
  messageRecord,
  type Mutation,
  parseMark,
  partCount,
  remove,
  set,
  setBody,
  shortError,
} from "./kv_record.ts";
import type { KvChange, Read } from "./kv_writer.ts";
import type { CheckedMessage } from "./message_check.ts";
import type { GiveBack, PublishResult } from "./queue.ts";
import type { ReadyMessage } from "./ready_window.ts";

/**
 * Publishes what is new; fills `results` in order. What took place before `since` may be a repeat
 * of an id that was forgotten, and is set aside.
 */
export function publishing(
  file: KvFile,
  messages: readonly CheckedMessage[],
  results: PublishResult[],
  since = file.now() - file.rememberMs,
): KvChange {
  const applied: (() => void)[] = [];
  const takeIn = (read: Read, checked: CheckedMessage): [PublishResult, readonly Mutation[]] => {
    const { queueName, uniqueId, at } = checked.message;
    const lane = laneOf(file, queueName);
    if (parseMark(read(keyOf.mark(queueName, uniqueId))) !== undefined) return ["duplicate", []];
    if (at >= since) return ["published", added(file, lane, checked, applied)];
    const error = "Older than ids are remembered for, so it may be a repeat";
    return ["set_aside", laidAside(file, lane, checked, { read, error, applied })];
  };
  return {
    reads: messages.flatMap(({ message: { queueName, uniqueId, at } }) =>
      at >= since ? [] : [keyOf.letter(queueName, uniqueId)]
    ),
    newKeys: messages.map(({ message }) => keyOf.mark(message.queueName, message.uniqueId)),
    mutations: messages.reduce((sum, { bytes }) => sum + 3 + partCount(bytes.length), 0),
    bytes: messages.reduce((sum, { bytes }) => sum + recordBytes + bytes.length, 0),
    decide(read) {
      results.length = 0;
      applied.length = 0;
      const inCall = new Map<string, PublishResult>();
      return messages.flatMap((checked) => {
        const name = `${checked.message.queueName} ${checked.message.uniqueId}`;
        const earlier = inCall.get(name);
        const [result, mutations]: [PublishResult, readonly Mutation[]] = earlier === undefined
          ? takeIn(read, checked)
          : [earlier === "set_aside" ? earlier : "duplicate", []];
        inCall.set(name, result);
        results.push(result);
        return mutations;
      });
    },
    applied: () => applied.forEach((task) => task()),
  };
}

function added(
  file: KvFile,
  lane: KvLane,
  { message, bytes, json }: CheckedMessage,
  applied: (() => void)[],
): Mutation[] {
  const seq = file.nextSeq();
  const { uniqueId: id, at } = message;
  const record = { id, at, attempts: 0, body: seq, parts: partCount(bytes.length) };
  applied.push(() => {
    lane.live += 1;
    lane.times.add(at);
    lane.offer({ ...record, seq, json });
  });
  return [
    ...setBody(lane.name, seq, bytes),
    set(keyOf.message(lane.name, seq), record),
    marked(lane.name, id, "live"),
  ];
}

/** Counts a delivery of each, before anybody sees it: a kill then uses up an attempt. */
export function counting(lane: KvLane, all: readonly Held[]): KvChange {
  return {
    reads: [],
    mutations: all.length,
    bytes: all.length * recordBytes,
    decide: () =>
      all.filter((held) => lane.isHeld(held)).map(({ message }) =>
        set(keyOf.message(lane.name, message.seq), messageRecord(message))
      ),
    applied() {},
  };
}

/** They took effect. Fills `acked` with those that were still held. */
export function acking(
  file: KvFile,
  lane: KvLane,
  all: readonly Held[],
  acked: Set<Held>,
): KvChange {
  return {
    reads: [],
    mutations: all.reduce((sum, { message }) => sum + 3 + message.parts, 1),
    bytes: all.length * recordBytes,
    decide() {
      acked.clear();
      for (const held of all) if (lane.isHeld(held)) acked.add(held);
      const ids = [...acked].map(({ message }) => message.id);
      return [
        ...[...acked].flatMap(({ message }) => gone(lane.name, message)),
        ...consumed(file, lane.name, ids),
      ];
    },
    applied() {
      for (const held of acked) {
        lane.takeOut(held.message);
        lane.live -= 1;
        lane.times.remove(held.message.at);
      }
    },
  };
}

/**
 * Acks and publishes in one, or neither when the message is not held any more. As this happens once
 * to a message, what is forwarded is no repeat, however old it is. [QD24]
 */
export function forwarding(ack: KvChange, publish: KvChange, isHeld: () => boolean): KvChange {
  let isDone = false;
  return {
    reads: publish.reads,
    newKeys: publish.newKeys ?? [],
    mutations: ack.mutations + publish.mutations,
    bytes: ack.bytes + publish.bytes,
    decide(read) {
      isDone = isHeld();
      const acks = ack.decide(read);
      return isDone ? [...acks, ...publish.decide(read)] : [];
    },
    applied() {
      if (!isDone) return;
      ack.applied();
      publish.applied();
    },
  };
}

/** Gives messages back so that they are ready at once, this delivery not counted. */
export function returning(lane: KvLane, all: readonly Held[]): KvChange {
  const uncounted = (held: Held) => ({ ...held.message, attempts: held.message.attempts - 1 });
  const returned: Held[] = [];
  return {
    reads: [],
    mutations: all.length,
    bytes: all.length * recordBytes,
    decide() {
      returned.splice(0, returned.length, ...all.filter((held) => lane.isHeld(held)));
      return returned.map((held) =>
        set(keyOf.message(lane.name, held.message.seq), messageRecord(uncounted(held)))
      );
    },
    applied() {
      for (const held of returned) putBack(lane, uncounted(held));
    },
  };
}

/** Gives a message back as it was asked for. Fills `done` with it when it was still held. */
export function givingBack(
  file: KvFile,
  lane: KvLane,
  held: Held,
  how: GiveBack,
  done: Set<Held>,
): KvChange {
  const { delayMs, error, counts = true } = how;
  const { message } = held;
  const isSpent = counts && message.attempts >= lane.definition.attemptsMax;
  if (delayMs === "never" || isSpent) return burying(file, lane, [{ held, error }], done);
  const attempts = message.attempts - (counts ? 0 : 1);
  const { json: _, ...stored } = { ...message, attempts, error: shortError(error) };
  const due = delayMs > 0 ? file.now() + delayMs : 0;
  return {
    reads: [],
    mutations: 2,
    bytes: recordBytes + error.length,
    decide() {
      done.clear();
      if (!lane.isHeld(held)) return [];
      done.add(held);
      const record = messageRecord(stored);
      if (due === 0) return [set(keyOf.message(lane.name, stored.seq), record)];
      return [
        remove(keyOf.message(lane.name, stored.seq)),
        set(keyOf.delayed(lane.name, due, stored.seq), record),
      ];
    },
    applied() {
      if (!done.has(held)) return;
      if (due === 0) return putBack(lane, stored);
      lane.takeOut(stored);
      lane.live -= 1;
      lane.delayed += 1;
      lane.moves.came(stored, keyOf.delayed(lane.name, due, stored.seq));
      lane.dueAt(due);
    },
  };
}

/** It is ready as it stands on disk, whoever had it. */
function putBack(lane: KvLane, message: ReadyMessage): void {
  lane.takeOut(message);
  lane.offer(message);
}
