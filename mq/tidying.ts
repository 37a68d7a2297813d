import type { ConsumerOptions } from "./consumer_loop.ts";
import { type Queue, QueueUnavailable } from "./queue.ts";

/** What the loop stands on. */
export interface TidyingDeps extends Pick<ConsumerOptions<unknown>, "clock" | "log"> {
  readonly queue: Pick<Queue, "tidy">;
}

/** Between two: each forgets a bounded number of ids, more than are consumed in the meantime. */
const tidyMs = 10_000;

/** Housekeeping of the queue, now and then, until the answer is called. [QD22] */
export function startTidying({ queue, clock, log }: TidyingDeps): () => Promise<void> {
  let isStopped = false;
  let cancel = () => {};
  let tidying: Promise<void> = Promise.resolve();
  const tidy = async () => {
    try {
      await queue.tidy();
    } catch (error) {
      // A queue that is away says so itself.
      if (!(error instanceof QueueUnavailable)) {
        log.write("error", "tidy_failed", { error: String(error) });
      }
    }
    later();
  };
  const later = () => {
    if (!isStopped) cancel = clock.after(tidyMs, () => tidying = tidy());
  };
  later();
  return async () => {
    isStopped = true;
    cancel();
    await tidying;
  };
}
