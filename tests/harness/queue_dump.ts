/**
 * Prints what lies in the queues of a stopped process's data folder, a line of JSON a queue: every
 * message as the file has it, so that one that is there twice is printed twice.
 */
import { queueDefinitions } from "../../mq/definitions.ts";
import {
  keyOf,
  parseLetter,
  parseMessage,
  parsePayload,
  type StoredMessage,
  textOfParts,
} from "../../mq/kv_record.ts";
import { KvQueue } from "../../mq/queue_kv.ts";

/** A message as it lies there; siteId: what its payload says. */
export interface DumpedMessage {
  readonly id: string;
  readonly siteId: string;
}

/** One line: what is to be delivered, and what is not. */
export interface DumpedQueue {
  readonly queueName: string;
  readonly ready: readonly DumpedMessage[];
  readonly delayed: readonly DumpedMessage[];
  readonly dead: readonly DumpedMessage[];
}

const [dataDir] = Deno.args;
const path = `${dataDir}/queue.kv`;
const definitions = queueDefinitions();
// Finishes what a killed process had decided, as every start does.
await (await KvQueue.open({ path, definitions, now: Date.now })).close();
const kv = await Deno.openKv(path);

/** The messages under a prefix, each with its payload read. */
async function dumped(
  queueName: string,
  prefix: Deno.KvKey,
  parse: (value: unknown) => Omit<StoredMessage, "seq"> | undefined,
): Promise<DumpedMessage[]> {
  const messages: DumpedMessage[] = [];
  for await (const { key, value } of kv.list({ prefix })) {
    const message = parse(value);
    if (message === undefined) throw new Error(`Damaged: ${key.join("/")}`);
    const { id, body, parts } = message;
    const values = [];
    for (let part = 0; part < parts; part++) {
      values.push((await kv.get(keyOf.body(queueName, body, part))).value);
    }
    const siteId = parsePayload(textOfParts(values))?.["siteId"];
    messages.push({ id, siteId: typeof siteId === "string" ? siteId : "unreadable" });
  }
  return messages;
}

for (const { name: queueName } of definitions) {
  const queue: DumpedQueue = {
    queueName,
    ready: await dumped(queueName, keyOf.message(queueName, 0).slice(0, 2), parseMessage),
    delayed: await dumped(queueName, keyOf.delayed(queueName, 0, 0).slice(0, 2), parseMessage),
    dead: await dumped(queueName, keyOf.letter(queueName, "").slice(0, 2), parseLetter),
  };
  // deno-lint-ignore no-console -- what it prints is what it is for
  console.log(JSON.stringify(queue));
}
kv.close();
