import type { Entry } from "../../core/entry.ts";
import type { SiteState } from "../../core/site_state.ts";
import type { ChatId, SiteId } from "../../core/ids.ts";
import { readRecord } from "../../web/sdk/outbox_record.ts";
import { outboxPrefix } from "../../web/sdk/chat_session.ts";
import type { ChatSnapshot } from "../../web/sdk/snapshot.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Page } from "./page.ts";
import type { Person, Posted } from "./person.ts";
import type { RuleName } from "./rules.ts";
import { restoreConfigs } from "./reconfiguring.ts";
import { sees, whatIsLeft, whoWaits } from "./resting_site.ts";
import { whyListsDiffer } from "./shown_lists.ts";
import { differenceOf, sameEntry } from "./state_difference.ts";
import type { Scene } from "./scene.ts";

/** A rule that does not hold yet. */
export interface Wrong {
  readonly rule: RuleName;
  readonly message: string;
}

/** All links up, all nodes awake, everybody at a page. */
export function heal(world: Scene): void {
  const { stage, nodes } = world;
  stage.healed = true;
  world.backbone.heal();
  for (const node of nodes) if (node.frozen) node.thaw();
  restoreConfigs(world);
  for (const link of nodes.flatMap((node) => [...node.links])) {
    link.up.shape = link.down.shape = stage.profile.calmLink;
    link.up.resume();
    link.down.resume();
    if (!link.alive) link.cut({ pageMs: 20, serverMs: 20 });
  }
  for (const person of world.people) settle(person);
  operate(world);
}

/** Somebody who was put out is at a page again, if it may be. */
function comeBack(world: Scene, person: Person): void {
  const { bans } = world.stage.checker.truth(person.siteId).state;
  const isBanned = [...bans.all()].some(({ target }) =>
    target.type === "visitor" && target.visitorId === person.holder.id
  );
  for (const page of [...person.pages]) {
    if (page.state === "stopped" || isBanned) person.close(page, { told: true });
  }
  if (person.pages.length === 0 && !isBanned) person.open();
}

/** An operator starts a node again that is down, or gave a site up; people come back. */
export function operate(world: Scene): void {
  for (const person of world.people) comeBack(world, person);
  for (const node of world.nodes) {
    const failed = node.life?.node.failedSites() ?? [];
    if (failed.length > 0) node.die({ told: true });
    if (node.state === "down") node.start();
  }
}

function settle(person: Person): void {
  for (const page of [...person.pages]) {
    page.shape = undefined;
    if (page.state === "stopped") person.close(page, { told: true });
  }
  const isAgent = person.holder.type === "agent";
  // One console stays: a second one would stop it again.
  while (isAgent && person.pages.length > 1) {
    const [first] = person.pages;
    if (first !== undefined) person.close(first, { told: true });
  }
  for (const page of person.pages) page.session.networkReturned();
}

/** What is not yet as it has to be in the end. */
export function stillWrong(world: Scene): Wrong[] {
  const down = world.nodes.find(({ life, state }) => life === undefined || state !== "up");
  if (down !== undefined) return [{ rule: "connected", message: `Node ${down.name} is down` }];
  const wrong: Wrong[] = [];
  for (const page of world.pages.filter(({ gone }) => !gone)) {
    const { sight } = world.stage.checker.truth(page.siteId);
    const isAgent = page.holder.type === "agent";
    wrong.push(...wrongOfPage(page, {
      isTurnedAway: isTurnedAway(world, page),
      mayKnow: (chatId) => !isAgent || sight.now(chatId, page.holder.id),
    }));
  }
  for (const person of world.people) {
    if (person.pages.some((page) => isTurnedAway(world, page))) continue;
    if (person.pages.length > 0) wrong.push(...wrongOfPosts(world, person));
  }
  for (const { siteId } of world.stage.sites.all) wrong.push(...wrongOfSlot(world, siteId));
  for (const node of world.nodes) wrong.push(...wrongOfNode(world, node));
  return wrong;
}

function wrongOfSlot(world: Scene, siteId: SiteId): Wrong[] {
  const slot = world.nodeOf(siteId).life?.node.slot(siteId);
  if (slot === undefined) return [];
  if (slot.state !== "serving") {
    return [{ rule: "connected", message: `Site ${siteId} is ${slot.state}` }];
  }
  const wrong = wrongOfSite(world, slot.site.state);
  const difference = differenceOf(slot.site.state, world.stage.checker.truth(siteId).state);
  if (difference !== undefined) wrong.push({ rule: "kept", message: `${siteId}: ${difference}` });
  if (slot.waiting > 0) {
    wrong.push({ rule: "baseline", message: `${slot.waiting} events wait at ${siteId}` });
  }
  return wrong;
}

function wrongOfNode(world: Scene, node: NodeProcess): Wrong[] {
  const wrong = wrongOfDisk(node);
  const open =
    world.pages.filter(({ gone, state, siteId }) =>
      !gone && state === "open" && world.nodeOf(siteId) === node
    ).length;
  const known = node.life?.node.hub.size;
  if (known !== open) {
    wrong.push({ rule: "baseline", message: `${known} connections of ${open} pages` });
  }
  return wrong;
}

/** Whether the site has no place for this visitor's chat: its request is tried again and again. */
function isTurnedAway(world: Scene, { siteId, holder }: Page): boolean {
  const slot = world.nodeOf(siteId).life?.node.slot(siteId);
  if (slot?.state !== "serving" || holder.type !== "visitor") return false;
  const { state } = slot.site;
  const { queue } = state.config;
  const isFull = state.waiting.of(undefined).size >= queue.lengthMax;
  const isEmpty = !queue.whileNobodyOnline && state.pools.capacity(undefined).agents === 0;
  return !state.runningOf.has(holder.id) && (isFull || isEmpty);
}

function wrongOfPage(
  page: Page,
  { isTurnedAway, mayKnow }: { isTurnedAway: boolean; mayKnow: (chatId: ChatId) => boolean },
): Wrong[] {
  const { connection, unacked, chats } = page.snapshot;
  const wrong: Wrong[] = [];
  if (connection.state !== "open") {
    wrong.push({ rule: "connected", message: `${page.name} is ${connection.state}` });
  }
  for (const { type } of page.desk.errands.values()) {
    wrong.push({ rule: "commands", message: `${page.name} waits for the answer to ${type}` });
  }
  if (unacked > 0 && !isTurnedAway) {
    wrong.push({ rule: "answered", message: `${page.name} waits for ${unacked}` });
  }
  for (const { chatId, level } of chats) {
    if (!level && mayKnow(chatId)) {
      wrong.push({ rule: "equal", message: `${page.name} is not level in ${chatId}` });
    }
  }
  return wrong;
}

/** Every message is on disk, or its browser says why not, truly. */
function wrongOfPosts(world: Scene, person: Person): Wrong[] {
  const prefix = outboxPrefix(person.siteId, person.holder);
  const wrong: Wrong[] = [];
  for (const key of person.storage.keys(prefix)) {
    const record = readRecord(person.storage.get(key) ?? "");
    if (record === undefined || record.failure !== undefined) continue;
    wrong.push({ rule: "answered", message: `${person.name} still keeps ${key}` });
  }
  for (const posted of person.posted) {
    // Browsers keep one message of an id; of mischief only its first answer can be told.
    if (posted.mischief) continue;
    const why = whyUnanswered(world, person, posted);
    if (why !== undefined) wrong.push({ rule: "answered", message: `${person.name}: ${why}` });
  }
  return wrong;
}

function whyUnanswered(world: Scene, person: Person, posted: Posted): string | undefined {
  const { siteId, holder } = person;
  const truth = world.stage.checker.truth(siteId);
  const { chatId, id, text } = posted;
  const entry = truth.identityOf(chatId, holder, id);
  if (entry !== undefined && entry.text === text) return undefined;
  if (entry !== undefined) return `${id} is on disk with another text`;
  const record = readRecord(person.storage.get(outboxPrefix(siteId, holder) + id) ?? "");
  const code = record?.failure?.code;
  const chat = truth.chats.get(chatId);
  switch (code) {
    case undefined:
      return `${id} is neither on disk nor failed`;
    case "chat_ended":
      return chat?.ended ? undefined : `${id} failed as its chat had ended, which it had not`;
    case "chat_refused":
      return chat === undefined || truth.refusedRequests.has(chatId)
        ? undefined
        : `${id} failed as its chat was refused: it is there`;
    case "unknown_chat":
      return truth.state.chats.has(chatId) ? `${id} failed as its chat was unknown` : undefined;
    case "not_in_chat": {
      // An agent may have had it again later.
      const isSole = chat?.seenBy.size === 1 && truth.state.chats.get(chatId)?.agentId;
      return holder.type === "agent" && isSole !== holder.id
        ? undefined
        : `${id} failed as not in its chat`;
    }
    case "expired":
      return undefined;
    default:
      return `${id} failed: ${code}`;
  }
}

function wrongOfSite(world: Scene, state: SiteState): Wrong[] {
  const wrong: Wrong[] = [];
  const { siteId } = state.config;
  const pages = world.pages.filter((page) => !page.gone && page.siteId === siteId);
  for (const message of whoWaits(state)) wrong.push({ rule: "nobody_waits", message });
  const leftover = whatIsLeft(state);
  if (leftover !== undefined) wrong.push({ rule: "baseline", message: `${siteId}: ${leftover}` });
  const sessions = pages.filter(({ state }) => state === "open").length;
  if (state.connections.size !== sessions) {
    const message = `${siteId} knows ${state.connections.size} connections of ${sessions}`;
    wrong.push({ rule: "baseline", message });
  }
  const visitors = new Set(
    pages.filter(({ holder }) => holder.type === "visitor")
      .map(({ holder }) => holder.id),
  );
  if (state.visitors.size !== visitors.size) {
    const message = `${siteId} remembers ${state.visitors.size} visitors of ${visitors.size}`;
    wrong.push({ rule: "baseline", message });
  }
  for (const page of pages) wrong.push(...wrongOfShown(page, state, world.nodeOf(siteId).wall()));
  return wrong;
}

function wrongOfShown(page: Page, state: SiteState, at: number): Wrong[] {
  const wrong: Wrong[] = [];
  const { chats } = page.snapshot;
  if (page.holder.type === "agent") {
    const why = whyListsDiffer(page, state, at);
    if (why !== undefined) wrong.push({ rule: "lists", message: `${page.name} ${why}` });
  }
  for (const chat of chats) {
    const why = whyUnequal(page, chat, state);
    if (why !== undefined) wrong.push({ rule: "equal", message: `${page.name}: ${why}` });
  }
  wrong.push(...wrongOfThreads(page, state));
  const mine = page.holder.type === "visitor"
    ? state.runningOf.get(page.holder.id)?.chatId
    : [...state.ongoingOf(page.holder.id)].find((chatId) =>
      !chats.some((chat) => chat.chatId === chatId)
    );
  if (mine !== undefined && !chats.some(({ chatId }) => chatId === mine)) {
    wrong.push({ rule: "equal", message: `${page.name} does not show its chat ${mine}` });
  }
  return wrong;
}

function wrongOfThreads(page: Page, state: SiteState): Wrong[] {
  const wrong: Wrong[] = [];
  const { holder } = page;
  if (holder.type !== "agent") return wrong;
  for (const chatId of state.threadsOf.get(holder.id) ?? []) {
    const real = state.threads.get(chatId)?.log.entries ?? [];
    const shown = page.snapshot.threads.find((chat) => chat.chatId === chatId)?.entries ?? [];
    const isSame = real.length === shown.length &&
      real.every((entry, index) => {
        const other = shown[index];
        return other !== undefined && sameEntry(entry, other);
      });
    if (isSame) continue;
    const message = `${page.name} has ${shown.length} of ${real.length} entries of ${chatId}`;
    wrong.push({ rule: "equal", message });
  }
  return wrong;
}

function whyUnequal(page: Page, chat: ChatSnapshot, state: SiteState): string | undefined {
  const { chatId, entries, view } = chat;
  const real = state.chats.get(chatId);
  // Forgotten at the node, or never there: shown as it was last known. Without a view it is not
  // shown
  // as a chat, but as the place of a message that failed.
  if (real === undefined || view === undefined) return undefined;
  const isVisitor = page.holder.type === "visitor";
  // Whoever left a chat keeps what it saw of it.
  if (!isVisitor && !sees(real, page.holder.id)) return undefined;
  // It never heard that it had the chat once more, before that ended: it shows it as not current.
  if (!isVisitor && !chat.confirmed && real.state.state === "ended") return undefined;
  const may: Entry[] = real.log.transcript().filter(({ stream }) =>
    stream === "public" || !isVisitor
  );
  if (entries.length !== may.length) {
    return `shows ${entries.length} of ${may.length} entries of ${chatId}`;
  }
  for (const [index, shown] of entries.entries()) {
    const entry = may[index];
    if (entry === undefined || !sameEntry(entry, shown)) {
      return `entry ${index + 1} of ${chatId} differs`;
    }
  }
  if (view.state.state !== real.state.state) {
    return `${chatId} is shown ${view.state.state} and is ${real.state.state}`;
  }
  const { visitor, agent } = view.read;
  const isRunning = real.state.state !== "ended";
  if (isRunning && !isVisitor && (visitor !== real.read.visitor || agent !== real.read.agent)) {
    return `read marks of ${chatId} differ`;
  }
  return undefined;
}

function wrongOfDisk({ disk, life }: NodeProcess): Wrong[] {
  const real = ["log", "noun", "segment"].reduce((sum, part) => sum + disk.bytesUnder(part), 0);
  const believed = life?.journal.bytes ?? 0;
  if (believed > real * 0.6 - 2_000 && believed < real * 1.6 + 2_000) return [];
  return [{ rule: "disk_known", message: `The journal keeps ${real} bytes and says ${believed}` }];
}
