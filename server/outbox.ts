import type { Millis } from "../core/ids.ts";
import { type Job, jobsOfFact } from "../core/job.ts";
import { wirePayload } from "../mq/payloads.ts";
import { type NewMessage, type Queue, QueueUnavailable } from "../mq/queue.ts";
import { retryDelay } from "../mq/retry_policy.ts";
import type { Clock } from "./clock.ts";
import type { Decision } from "./decision.ts";
import type { Journal } from "./journal.ts";
import { errorFields, type Log } from "./log.ts";
import { messageIdOf } from "./message_id.ts";
import { type PublishCounts, Publisher } from "./publisher.ts";
import { RecordSource, type RelayRecord } from "./record_source.ts";

/** What the relay stands on. */
export interface OutboxDeps {
  readonly journal: Journal;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Whether people chat so much here that the relay has to stand back. */
  readonly isBusy?: () => boolean;
  /** Stands before every queue's name. */
  readonly prefix?: string;
}

/** What became of the jobs, since the process started. */
export interface OutboxCounts extends PublishCounts {
  /** Turns that the broker did not take. */
  failures: number;
}

/**
 * Messages and bytes of records of one turn: a few milliseconds of work, then chatting has its
 * turn. One transaction of the embedded queue.
 */
const messagesPerTurn = 128;
const bytesPerTurn = 192 * 1024;
/**
 * From one turn's begin to the next: what comes meanwhile shares a transaction, here and in every
 * queue behind. With a backlog there is no pause, and a longer one while chatting needs the
 * process, unless the relay is too late already. Measured in docs/RELIABILITY.md.
 */
const turnMs = 50;
const busyTurnMs = 1_000;
const busyLagMsMax = 60_000;
/** How long the cursor on disk may be behind. */
const cursorMs = 1_000;

/** Records whose jobs are published together. */
interface Turn {
  readonly lastSeq: number;
  readonly messages: NewMessage[];
  /** When the oldest of them was committed. */
  readonly at: Millis;
}

/**
 * The relay: the only publisher of what the journal has. It follows the journal's log, publishes
 * what the records imply and moves the cursor behind them; records are deleted only then. What was
 * published before the cursor was written down is published again after a kill, under the same ids.
 * [OB4]
 */
export class Outbox {
  readonly counts: OutboxCounts = {
    published: 0,
    duplicates: 0,
    setAside: 0,
    dropped: 0,
    failures: 0,
  };
  readonly #deps: OutboxDeps;
  readonly #publisher: Publisher;
  #source: RecordSource | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #turn: Turn | undefined;
  #idleWaiters: (() => void)[] = [];
  #wakeSleeper: () => void = () => {};
  #turnAt = -Infinity;
  #isBacklog = false;
  /** When the oldest record of the last turn was committed. */
  #lastAt = Infinity;
  #cancelCursor: (() => void) | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#publisher = new Publisher(deps, this.counts);
  }

  /** Begins behind the last record that is known to be relayed. The journal must be recovered. */
  start(): void {
    const { journal, clock } = this.#deps;
    this.#isStopping = false;
    this.#turn = undefined;
    this.#source = new RecordSource(journal, journal.relayed, () => clock.now());
    this.#running = this.#run(this.#source);
  }

  /** Ends after what is being published; the rest stays in the journal. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wakeSleeper();
    this.#source?.close();
    await this.#running;
    this.#cancelCursor?.();
    this.#cancelCursor = undefined;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
    await this.#keepCursor();
  }

  /** Resolves once all that is committed is published, or the relay is stopped. */
  idle(): Promise<void> {
    if (this.#source === undefined || this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#wakeSleeper();
      this.#tellIdle();
    });
  }

  #tellIdle(): void {
    if (this.#turn !== undefined || this.#source?.isEmpty === false) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Milliseconds since the oldest record was committed that is not published; 0: there is none. */
  get lagMs(): number {
    const source = this.#source;
    const isDone = this.#turn === undefined && (source === undefined || source.isEmpty);
    const at = this.#turn?.at ?? source?.oldestAt ?? this.#lastAt;
    return isDone ? 0 : Math.max(0, this.#deps.clock.now() - at);
  }

  async #run(source: RecordSource): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      const more = source.more();
      try {
        this.#turn ??= await this.#gather(source);
        if (this.#turn === undefined) {
          this.#tellIdle();
          await more;
          await this.#standBack();
          continue;
        }
        await this.#publish(this.#turn);
        if (failures > 0) this.#deps.log.write("info", "relay_resumed", { failures });
        failures = 0;
        await this.#standBack();
      } catch (error) {
        failures += 1;
        await this.#failed(error, failures);
      }
    }
  }

  /** Waits for the next turn; who waits for the end of it all need not. */
  async #standBack(): Promise<void> {
    const { clock, isBusy } = this.#deps;
    const isBusyNow = isBusy?.() === true && clock.now() - this.#lastAt < busyLagMsMax;
    const ms = isBusyNow ? busyTurnMs : this.#isBacklog ? 0 : turnMs;
    const waitMs = this.#turnAt + ms - clock.monotonic();
    if (waitMs > 0 && this.#idleWaiters.length === 0) await this.#sleep(Math.ceil(waitMs));
    this.#turnAt = clock.monotonic();
  }

  /** The next records, up to a turn's worth; the cursor passes those that imply nothing. */
  async #gather(source: RecordSource): Promise<Turn | undefined> {
    const { clock } = this.#deps;
    const messages: NewMessage[] = [];
    let bytes = 0;
    let last: RelayRecord | undefined;
    let at = clock.now();
    while (messages.length < messagesPerTurn && bytes < bytesPerTurn) {
      const record = await source.next().catch((error) => {
        // What was taken before is published first; then it fails again.
        if (last === undefined) throw error;
        return undefined;
      });
      if (record === undefined) break;
      last = record;
      bytes += record.bytes;
      at = Math.min(at, record.at ?? record.decisions[0]?.at ?? at);
      for (const decision of record.decisions) messages.push(...this.#messagesOf(decision));
    }
    this.#isBacklog = messages.length >= messagesPerTurn || bytes >= bytesPerTurn;
    return last === undefined ? undefined : { lastSeq: last.seq, messages, at };
  }

  /** Entries before what their chat's end says of them. */
  #messagesOf(decision: Decision): NewMessage[] {
    const { clock, prefix = "" } = this.#deps;
    const { site, facts, jobs = [] } = decision;
    return [...facts.flatMap((fact) => jobsOfFact(site, fact)), ...jobs].map((job) => ({
      queueName: prefix + job.queue,
      uniqueId: messageIdOf(site, job.uniqueId),
      payload: wirePayload(job, clock.now()),
      at: decision.at ?? timeOf(job) ?? clock.now(),
    }));
  }

  async #publish(turn: Turn): Promise<void> {
    await this.#publisher.publish(turn.messages);
    this.#turn = undefined;
    this.#lastAt = turn.at;
    this.#deps.journal.setRelayed(turn.lastSeq);
    this.#keepCursorSoon();
  }

  async #failed(error: unknown, failures: number): Promise<void> {
    const { log, random } = this.#deps;
    this.counts.failures += 1;
    const isAway = error instanceof QueueUnavailable;
    if (failures === 1 || !isAway) {
      log.write(isAway ? "warn" : "error", "relay_failed", errorFields(error));
    }
    const ms = retryDelay("broker", failures, { random });
    if (ms !== "never") await this.#sleep(ms);
  }

  /** Until the time is over, or somebody calls. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wakeSleeper = () => {
        cancel();
        resolve();
      };
    });
    this.#wakeSleeper = () => {};
  }

  #keepCursorSoon(): void {
    this.#cancelCursor ??= this.#deps.clock.after(cursorMs, () => {
      this.#cancelCursor = undefined;
      void this.#keepCursor();
    });
  }

  /** What fails here is written with the next one. */
  async #keepCursor(): Promise<void> {
    const { journal, log } = this.#deps;
    try {
      await journal.keepRelayed();
    } catch (error) {
      log.write("warn", "relay_cursor_not_written", errorFields(error));
    }
  }
}

/** When a job of a record of the first builds took place, as far as it says. */
function timeOf({ payload }: Job): Millis | undefined {
  const time = payload["time"] ?? payload["endTime"] ?? payload["at"] ?? payload["leaveTime"];
  return typeof time === "number" ? time : undefined;
}
