import type { KvFile } from "./kv_file.ts";
import type { KvLane } from "./kv_lane.ts";
import {
  encodeMark,
  keyOf,
  type Mark,
  type MessageRecord,
  type Mutation,
  remove,
  removeBody,
  set,
} from "./kv_record.ts";

/** Mark, record and keys of a message, about. */
export const recordBytes = 400;

/** A message and its payload are deleted. */
export function gone(queue: string, message: MessageRecord & { readonly seq: number }): Mutation[] {
  return [remove(keyOf.message(queue, message.seq)), ...removeBody(queue, message)];
}

/** Ids that took effect now, or never will. */
export function consumed(file: KvFile, queue: string, ids: readonly string[]): Mutation[] {
  if (ids.length === 0) return [];
  const mark = { consumedAt: file.now() };
  return [
    ...ids.map((id) => marked(queue, id, mark)),
    set(keyOf.consumed(queue, file.today(), file.nextSeq()), ids),
  ];
}

/** What becomes of an id. */
export function marked(queue: string, id: string, mark: Mark): Mutation {
  return { type: "set", key: keyOf.mark(queue, id), value: encodeMark(mark) };
}

/** The lane of a queue whose name was checked. */
export function laneOf(file: KvFile, queueName: string): KvLane {
  const lane = file.lanes.get(queueName);
  if (lane === undefined) throw new Error(`No lane of ${queueName}`);
  return lane;
}
