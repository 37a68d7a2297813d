import { type Queue, QueueUnavailable } from "../../mq/queue.ts";

const away = () => Promise.reject(new QueueUnavailable("This bench has no broker"));

/** A queue whose broker is away: for benches in which nothing is to be published. */
export const noQueue: Queue = {
  capabilities: { dedupesPublish: true, forwardsOnce: true },
  publish: away,
  publishAll: away,
  createConsumer: () => {
    throw new QueueUnavailable("This bench has no broker");
  },
  ack: away,
  setAside: away,
  stats: away,
  deadLetters: away,
  replay: away,
  drop: away,
  pause: away,
  resume: away,
  tidy: away,
  erase: away,
  close: () => Promise.resolve(),
};
