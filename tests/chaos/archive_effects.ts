import { type ArchiveFindings, ofEffects } from "./archive_findings.ts";
import type { ArchiveSite, Event } from "./archive_sites.ts";
import type { LivedChat } from "./chat_life.ts";

/** What lies in a queue, as tests/harness/queue_dump.ts prints it. */
export interface DumpedQueue {
  readonly queueName: string;
  readonly ready: readonly DumpedMessage[];
  readonly delayed: readonly DumpedMessage[];
  readonly dead: readonly DumpedMessage[];
}

interface DumpedMessage {
  readonly id: string;
  readonly siteId: string;
}

/** The ids of the jobs that these chats of a site must have led to, by their event. */
export function effectsOf(
  chats: readonly LivedChat[],
): Readonly<Record<Event, ReadonlySet<string>>> {
  const ids = (of: (chat: LivedChat) => string | undefined) =>
    new Set(chats.map(of).filter((id) => id !== undefined));
  return {
    "chat.end": ids(({ chatId }) => chatId),
    "offlineMessage.submit": ids(({ offlineMessage }) => offlineMessage),
    "agent.wrapup": ids(({ chatId, wrappedUp }) => wrappedUp && `${chatId}/${wrappedUp}`),
    "chat.transcript": ids(({ chatId, mailedTo }) =>
      mailedTo && `${chatId}/transcript/${mailedTo}`
    ),
  };
}

/** A job's message as it is compared: the relay puts the site before its id. */
export function messageOf(siteId: string, jobId: string): string {
  return `${siteId} ${siteId}/${jobId}`;
}

/**
 * What nobody consumes here lies in its queue once for each message of each site that asks for it;
 * nothing else lies anywhere, and nothing has died.
 */
export function checkQueues(
  sites: readonly ArchiveSite[],
  chatsOf: (siteId: string) => readonly LivedChat[],
  queues: readonly DumpedQueue[],
  findings: ArchiveFindings,
): void {
  const expected = new Map(queues.map(({ queueName }) => [queueName, new Set<string>()]));
  for (const { siteId, wants } of sites) {
    const effects = effectsOf(chatsOf(siteId));
    for (const [queueName, event] of wants) {
      const all = expected.get(queueName);
      if (all === undefined) findings.note("missingEffects", `there is no queue ${queueName}`);
      else for (const id of effects[event]) all.add(messageOf(siteId, id));
    }
  }
  for (const { queueName, ready, delayed, dead } of queues) {
    const found = [...ready, ...delayed].map(({ siteId, id }) => `${siteId} ${id}`);
    findings.compare(queueName, found, expected.get(queueName) ?? new Set(), ofEffects);
    for (const { siteId, id } of dead) {
      findings.note("missingEffects", `${siteId} ${id} is a dead letter of ${queueName}`);
    }
  }
}

/** Reads what lies in the queues of a process that is stopped. */
export async function readQueues(dataDir: string): Promise<DumpedQueue[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/harness/queue_dump.ts", dataDir],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`The queues cannot be read: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}
