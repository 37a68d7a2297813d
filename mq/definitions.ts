import { distribution } from "./distribution.ts";
import { type EventName, faultOf, payloadSchemas } from "./payloads.ts";
import type { QueueDefinition } from "./queue.ts";

type Timing = Pick<QueueDefinition, "leaseMs" | "attemptsMax">;

/** A distributor or an archive write takes milliseconds; who is slower than this hangs or died. */
const ours: Timing = {
  leaseMs: 30_000,
  /**
   * A part that is away uses up no attempt: these are failures of our own code, or of one message.
   * Twenty are spread over about an hour; then ops read why.
   */
  attemptsMax: 20,
};

/** A call of somebody else's system: its time-out and the handling of a batch of answers. */
const neighbours: Timing = {
  leaseMs: 120_000,
  /** With the pauses for a neighbour, up to an hour each, half a day: longer than most outages. */
  attemptsMax: 32,
};

/** Consumers that call somebody else's system. */
const callsNeighbour = /\.(email|webhook|salesforce|zendesk|transcript)$/;

/**
 * Every queue of a deployment: the events themselves and, behind those that are distributed, one
 * queue a consumer. A prefix tells installations on one broker apart. [OB2]
 */
export function queueDefinitions(prefix = ""): readonly QueueDefinition[] {
  return queueNames().map(({ queueName, event }) => {
    const schema = payloadSchemas[event];
    const timing = callsNeighbour.test(queueName) ? neighbours : ours;
    return {
      name: prefix + queueName,
      ...timing,
      check: (payload) => faultOf(schema, payload),
    };
  });
}

/** All queues, each with the event that travels on it. */
export function queueNames(): { readonly queueName: string; readonly event: EventName }[] {
  const events = Object.keys(payloadSchemas) as EventName[]; // the keys of that very table
  const seconds = Object.entries(distribution).flatMap(([event, entries]) =>
    // and of this one
    entries.map(({ queueName }) => ({ queueName, event: event as EventName }))
  );
  return [...events.map((event) => ({ queueName: event, event })), ...seconds];
}
