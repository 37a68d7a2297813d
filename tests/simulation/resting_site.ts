import { graceEndsAt } from "../../core/absence.ts";
import type { Chat } from "../../core/chat.ts";
import type { AgentPresence } from "../../core/presence.ts";
import type { SiteState } from "../../core/site_state.ts";

/** Whether the agent is told of the chat: it has it, or had it at its end, or takes part. */
export function sees(chat: Chat, id: string): boolean {
  const has = chat.state.state === "ended" ? chat.agentIds.at(-1) : chat.agentId;
  return [has, ...chat.participants.keys()].some((agentId) => agentId === id);
}

/** Chats that wait although somebody who could take them is free: the checker's own words. */
export function whoWaits(state: SiteState): string[] {
  const waits: string[] = [];
  for (const chat of state.runningOf.values()) {
    if (chat.state.state === "bot" && chat.log.entries.at(-1)?.author.type !== "bot") {
      waits.push(`Chat ${chat.chatId} waits for a bot that says nothing`);
    }
    if (chat.state.state !== "waiting" || state.config.routing.mode === "manual") continue;
    if (state.offers.has(chat.chatId)) continue;
    const fit = [...state.consoles.values()].find((agent) => isFit(state, chat, agent));
    if (fit !== undefined) waits.push(`Chat ${chat.chatId} waits and ${fit.agentId} is free`);
  }
  return waits;
}

function isThere(state: SiteState, { agentId }: AgentPresence): boolean {
  const console = state.consoles.get(agentId);
  return console !== undefined && graceEndsAt(state, console) === undefined &&
    state.agents.get(agentId)?.status === "online" &&
    state.agentConfigs.get(agentId)?.disabled === false;
}

function isFit(state: SiteState, chat: Chat, agent: AgentPresence): boolean {
  const config = state.agentConfigs.get(agent.agentId);
  if (config === undefined || !isThere(state, agent)) return false;
  const load = state.ongoingOf(agent.agentId).size + agent.offers.size;
  if (load >= config.chatLimit || chat.declined.has(agent.agentId)) return false;
  const { departmentId } = chat;
  // What was asked of a department that is no more is everybody's.
  if (departmentId === undefined || !state.departments.has(departmentId)) return true;
  const own = [...state.consoles.values()].some((one) =>
    isThere(state, one) &&
    state.agentConfigs.get(one.agentId)?.departmentIds.includes(departmentId)
  );
  const backup = state.departments.get(departmentId)?.backupDepartmentId;
  const serving = own ? departmentId : backup ?? departmentId;
  return config.departmentIds.includes(serving);
}

/** What is kept in memory of something that is no more, in a word. */
export function whatIsLeft(state: SiteState): string | undefined {
  for (const [chatId, { agentId }] of state.offers) {
    const console = state.consoles.get(agentId);
    if (state.chats.get(chatId)?.state.state !== "waiting") return `offer of ${chatId}`;
    if (console?.offers.has(chatId) !== true) return `offer of ${chatId} to nobody`;
  }
  for (const { agentId, offers } of state.consoles.values()) {
    for (const chatId of offers) {
      if (state.offers.get(chatId)?.agentId !== agentId) return `${agentId} is offered ${chatId}`;
    }
  }
  for (const [agentId, chatIds] of state.attending) {
    for (const chatId of chatIds) {
      const chat = state.chats.get(chatId);
      const isThere = chat?.participants.has(agentId) && chat.state.state !== "ended";
      if (!isThere) return `${agentId} attends ${chatId}`;
    }
  }
  const { chats, threads, offers, visitors, visitorRegisters, agentConfigs, bans } = state;
  const nouns = 2 * chats.size + threads.size + offers.size + 2 * visitors.size +
    visitorRegisters.size + 2 * agentConfigs.size + bans.size;
  const single = 6; // hours, count, push, assign, bans, spent
  if (state.deadlines.size > nouns + single) return `${state.deadlines.size} deadlines`;
  for (const [agentId, chatIds] of state.threadsOf) {
    for (const chatId of chatIds) {
      if (!state.threads.has(chatId)) return `thread ${chatId} of ${agentId}`;
    }
  }
  return undefined;
}
