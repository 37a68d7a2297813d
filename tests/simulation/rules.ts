/** What is checked after every event, and what once everything works again. Each has a canary. */
export const rules = {
  stamps: "SAFETY: per tenure and stream n = 1, 2, 3… without gap or fork, at whoever sees it",
  identity: "SAFETY: an identity is accepted once and shown once",
  order: "SAFETY: display order is above everything known in the chat",
  sites: "SAFETY: no frame crosses sites, and nobody sees another's chat",
  staff: "SAFETY: nothing of the staff stream reaches a visitor",
  kept: "SAFETY: what was committed is there after every restart and rebuild, and nothing else",
  commit_first: "SAFETY: nothing is sent before its commit",
  one_end: "SAFETY: a chat ends once, with one chat.end job, and what ended stays ended",
  jobs: "SAFETY: a job's uniqueId is published once, with one content",
  no_right: "SAFETY: who has no right to a chat gets none of its entries, and no list shows it",
  banned: "SAFETY: a banned visitor gets nothing after its ban's commit",
  agent_limit: "SAFETY: no agent is given more chats than its limit, offers counted",
  one_agent: "SAFETY: a chat has one agent; a visitor has one running chat",
  present: "SAFETY: an agent is given a chat only while online and present",
  absence: "SAFETY: absence and silence count from when they began, and never our own",
  grows: "SAFETY: what a page shows only grows, in one order",
  contract: "SAFETY: commits keep to what the journal's store takes",
  alive: "SAFETY: the engine never throws and the process never dies of its own mistake",
  stopped: "SAFETY: a page is stopped only because another one took over",
  answered: "LIVENESS: every message is on disk, or failed for a reason that is true",
  commands: "LIVENESS: every command is answered",
  equal: "LIVENESS: all transcripts are equal, as far as each may see them",
  nobody_waits: "LIVENESS: nobody waits while a fit agent is free that has not declined",
  connected:
    "LIVENESS: every page is connected, and no link is closed for entries that were on their way",
  lists: "LIVENESS: consoles list waiting chats, visitors, chats and agents as they may see them",
  baseline: "LIVENESS: memory is back to its baseline",
  disk_known: "LIVENESS: the journal knows how many bytes it keeps",
} as const;
export type RuleName = keyof typeof rules;

/** A rule that was broken, and how. */
export interface Violation {
  readonly rule: RuleName;
  readonly message: string;
  readonly at: number;
}
