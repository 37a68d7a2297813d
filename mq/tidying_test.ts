import assert from "node:assert/strict";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { QueueUnavailable } from "./queue.ts";
import { startTidying } from "./tidying.ts";

Deno.test("[QD22] ids are forgotten for as long as the process runs, whatever fails", async () => {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const log = { write: (_: string, event: string) => void logged.push(event) };
  let calls = 0;
  const tidy = () => {
    calls += 1;
    if (calls === 2) return Promise.reject(new QueueUnavailable("away"));
    if (calls === 3) return Promise.reject(new Error("a mistake"));
    return Promise.resolve();
  };
  const stop = startTidying({ queue: { tidy }, clock, log });
  await clock.advance(60_000);
  assert.equal(calls, 6);
  assert.deepEqual(logged, ["tidy_failed"], "a queue that is away says so itself");
  await stop();
  await clock.advance(60_000);
  assert.equal(calls, 6);
});
