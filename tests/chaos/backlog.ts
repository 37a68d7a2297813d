import { type NodeProcess, pause } from "./node_process.ts";

/** What is on its way in a process, as its metrics say. */
export interface Backlog {
  /** Journal records whose jobs are not published. */
  readonly outbox: number;
  /** Messages that are not consumed yet, but for those that nobody consumes here. */
  readonly queued: number;
}

/** Queues whose adapters are not in this process: what lies in them is compared at the end. */
const unconsumed = /\.(email|ticket|webhook|salesforce|zendesk)$|^chat\.transcript$/;

/** How long a drain may take, and how long it may stand still. */
const drainMsMax = 60_000;
const stallMsMax = 15_000;

/** Asks the process what is on its way; throws when it does not answer. */
export async function readBacklog(node: NodeProcess): Promise<Backlog> {
  const response = await fetch(`${node.internalUrl}/metrics`);
  const text = await response.text();
  let outbox: number | undefined;
  let queued: number | undefined;
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === "chatnode_outbox_records") outbox = Number(value);
    if (name !== "chatnode_queue_messages" || labels.includes('state="dead"')) continue;
    const queue = /queue="([^"]+)"/.exec(labels)?.[1] ?? "";
    queued = (queued ?? 0) + (unconsumed.test(queue) ? 0 : Number(value));
  }
  if (outbox === undefined || queued === undefined) {
    throw new Error(`${node.internalUrl}/metrics does not say what is on its way`);
  }
  return { outbox, queued };
}

/** Waits until all has arrived, or nothing moves any more: how long that took, what is left. */
export async function drain(
  node: NodeProcess,
): Promise<{ readonly ms: number; readonly left: number }> {
  const started = performance.now();
  let movedAt = started;
  let left = Infinity;
  for (;;) {
    const { outbox, queued } = await readBacklog(node);
    const now = performance.now();
    if (outbox + queued !== left) movedAt = now;
    left = outbox + queued;
    const isLate = now - started > drainMsMax || now - movedAt > stallMsMax;
    if (left === 0 || isLate) return { ms: Math.round(now - started), left };
    await pause(50);
  }
}
