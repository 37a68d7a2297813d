import type { SiteConfig } from "../../core/site_config.ts";
import { SiteState } from "../../core/site_state.ts";
import { Journal } from "../../server/journal.ts";
import type { JournalStore } from "../../server/journal_store.ts";

/** All of a site that must outlive the process, in a form that compares well. */
export function durableStateOf(state: SiteState): unknown {
  const chats = [...state.chats.values()].sort((a, b) => a.chatId < b.chatId ? -1 : 1);
  const durable = {
    tenure: state.tenure,
    chats: chats.map((chat) => ({
      ...chat.snapshot(),
      entries: chat.log.entries,
      vector: chat.log.vector(),
      transcript: chat.log.transcript().map(({ tenure, n }) => `${tenure}/${n}`),
    })),
    // Registers nobody ever set are made by looking at them.
    agents: [...state.agents].filter(([, { commands }]) => commands.length > 0).toSorted(),
    waiting: [...state.waiting].map(([key, queue]) => [key, [...queue]]).filter(([, chats]) =>
      chats?.length !== 0
    ).toSorted(),
    threads: [...state.threads.values()].map((
      { chatId, log },
    ) => [chatId, log.entries, log.vector()])
      .toSorted(),
    visitors: [...state.visitorRegisters].toSorted(),
    bans: [...state.bans].toSorted((a, b) => a.banId < b.banId ? -1 : 1),
    lifted: [...state.bans.lifted].toSorted(),
    spent: [...state.spentIds.all()].toSorted(),
    outdatedUntil: state.spentIds.outdatedUntil,
    attending: [...state.attending].filter(([, chats]) => chats.size > 0)
      .map(([agentId, chats]) => [agentId, [...chats].toSorted()]).toSorted(),
    running: [...state.runningOf.values()].map(({ chatId }) => chatId).toSorted(),
    ongoing: [...state.ongoing].filter(([, chats]) => chats.size > 0)
      .map(([agentId, chats]) => [agentId, [...chats].toSorted()]).toSorted(),
    ended: [...state.ended].toSorted(),
  };
  // As JSON, as a fact keeps a field that is undefined and its journaled form does not.
  return JSON.parse(JSON.stringify(durable));
}

/** A site as a process that starts on this store now would have it, before its own tenure. */
export async function recoveredFrom(store: JournalStore, config: SiteConfig): Promise<SiteState> {
  const journal = new Journal(store);
  const state = new SiteState(config);
  await journal.readEnds();
  await journal.recover((siteId) => siteId === config.siteId ? state : undefined);
  state.sortEnded();
  return state;
}
