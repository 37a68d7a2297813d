import assert from "node:assert/strict";
import { effectsOf, messageOf, readQueues } from "./archive_effects.ts";
import { ArchiveFindings } from "./archive_findings.ts";
import { type ArchiveSite, archiveSites } from "./archive_sites.ts";
import { liveChat, type LivedChat, openAgent } from "./chat_life.ts";
import { checkAll, checkDisk, Findings } from "./checker.ts";
import { Gate } from "./client_log.ts";
import { HistoryReader } from "./history_reader.ts";
import { NodeProcess, passwordHash, pause, site } from "./node_process.ts";
import { type Chat, openChats, peopleOf, type Person, settle } from "./people.ts";

const talkSite = {
  siteId: site.siteId,
  name: "Talk",
  agents: ["agent0", "agent1"].map((agentId) => ({
    agentId,
    name: agentId,
    passwordHash: passwordHash(),
    chatLimit: 10,
  })),
};
const sites = archiveSites.filter(({ siteId }) => siteId === "all" || siteId === "plain");
const lanesPerSite = 10;
const waitMsMax = 30_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const started = performance.now();
  while (!await holds()) {
    if (performance.now() - started > waitMsMax) throw new Error(`Not in time: ${what}`);
    await pause(20);
  }
}

/** Chats that come and go, and chats that go on and on, until told to stop. */
class Load {
  readonly gate = new Gate();
  readonly lived: LivedChat[] = [];
  /** messageId -> chatId of the chats that go on, in the order in which they were written. */
  readonly chatOf = new Map<string, string>();
  chats: Chat[] = [];
  #agents: Person[] = [];
  #isOver = false;
  #work: Promise<unknown> = Promise.resolve();
  #no = 0;

  async start(url: string): Promise<void> {
    this.chats = await openChats(url, this.gate, { count: 8, agents: 2 });
    const lanes: Promise<void>[] = [this.#talk()];
    for (const one of sites) {
      const agents: Person[] = [];
      for (const agentId of ["agent0", "agent1"]) {
        agents.push(await openAgent(url, this.gate, one.siteId, agentId, site.password));
      }
      this.#agents.push(...agents);
      for (let n = 0; n < lanesPerSite; n++) lanes.push(this.#lane(url, one, agents));
    }
    this.#work = Promise.all(lanes);
  }

  async #lane(url: string, one: ArchiveSite, agents: readonly Person[]): Promise<void> {
    while (!this.#isOver) {
      this.lived.push(await liveChat(url, this.gate, one.siteId, agents, ++this.#no));
    }
  }

  async #talk(): Promise<void> {
    for (let n = 0; !this.#isOver; n++) {
      const chat = this.chats[n % this.chats.length];
      const by = n % 2 === 0 ? chat?.visitor : chat?.agent;
      const posted = chat === undefined ? undefined : by?.session.post(chat.chatId, `Message ${n}`);
      if (posted?.type === "posted") this.chatOf.set(posted.id, chat?.chatId ?? "");
      await pause(5);
    }
  }

  /** Messages of the chats that go on which are acknowledged by now. */
  acked(): Map<string, string> {
    const acked = new Set(peopleOf(this.chats).flatMap(({ log }) => [...log.acked.keys()]));
    return new Map([...this.chatOf].filter(([id]) => acked.has(id)));
  }

  /** Ends what comes and goes; the others stay. */
  async rest(): Promise<void> {
    this.#isOver = true;
    await this.#work;
    for (const { session } of this.#agents) session.stop();
  }

  stop(): void {
    for (const { session } of peopleOf(this.chats)) session.stop();
  }
}

/** Whether no job and no message is on its way that somebody here takes. */
async function isDrained(node: NodeProcess): Promise<boolean> {
  const text = await (await fetch(`${node.internalUrl}/metrics`)).text();
  const values = [
    ...text.matchAll(/^(chatnode_outbox_records|chatnode_queue_messages)(\S*) (\d+)/gm),
  ];
  const later = /\.(email|ticket|webhook|salesforce|zendesk)"|chat\.transcript"/;
  return values.every(([, , labels = "", value]) => value === "0" || later.test(labels));
}

/** Everything of these chats is there, and nothing of any chat is there twice. */
async function checkHistory(
  node: NodeProcess,
  lived: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const key = (await Deno.readTextFile(`${node.dataDir}/operator_key`)).trim();
  const reader = new HistoryReader(node.url, key);
  for (const { siteId } of sites) {
    const of = lived.filter((chat) => chat.siteId === siteId);
    const archived = await reader.list<{ chatId: string }>(siteId, "chats");
    const found = archived.map(({ chatId }) => chatId);
    holdsOnce(`${siteId}'s chats`, found, new Set(of.map(({ chatId }) => chatId)), findings);
    for (const chatId of new Set(found)) {
      const path = `chats/${chatId}/transcript`;
      const entries = await reader.list<Entry>(siteId, path);
      const messages = entries.filter(({ kind }) => kind === "message")
        .map(({ author, id }) => `${author.type}:${author.id}/${id}`);
      const acked = of.find((chat) => chat.chatId === chatId)?.acked ?? [];
      findings.acked += acked.length;
      holdsOnce(path, messages, new Set(acked), findings);
    }
    const wrapUps = await reader.list<{ rowId: string }>(siteId, "logs/wrap_up");
    const rows = wrapUps.map(({ rowId }) => rowId);
    holdsOnce(`${siteId}'s wrap-ups`, rows, effectsOf(of)["agent.wrapup"], findings);
  }
}

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly author: { readonly type: string; readonly id: string };
}

function holdsOnce(
  where: string,
  found: readonly string[],
  expected: ReadonlySet<string>,
  findings: ArchiveFindings,
): void {
  const all = new Set([...found, ...expected]);
  findings.compare(where, found, all, { missing: "lost", extra: "duplicated" });
}

/** What the queues of later consumers hold, each message once, with all of these chats. */
async function checkQueues(
  node: NodeProcess,
  lived: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const queues = await readQueues(node.dataDir);
  const idsOf = new Map(queues.map(({ queueName, ready, delayed }) => [
    queueName,
    [...ready, ...delayed].map(({ siteId, id }) => `${siteId} ${id}`),
  ]));
  for (const { siteId, wants } of sites) {
    const effects = effectsOf(lived.filter((chat) => chat.siteId === siteId));
    for (const [queueName, event] of wants) {
      const ids = [...effects[event]].map((id) => messageOf(siteId, id));
      holdsOnce(queueName, idsOf.get(queueName) ?? [], new Set(ids), findings);
    }
  }
}

/** Loses the node's data folder and puts a backup in its place. */
async function restore(node: NodeProcess, folder: string): Promise<void> {
  await node.kill();
  await Deno.rename(node.dataDir, `${node.dataDir}.lost`);
  const { code, said } = await node.command("restore", `--from=${folder}`);
  assert.equal(code, 0, said);
  await node.start();
}

Deno.test("[PB3 PB4] what was acknowledged before a backup under load is there after a restore, once", async () => {
  const node = await NodeProcess.create({
    agents: 2,
    chatLimit: 10,
    sabotage: undefined,
    configs: [talkSite, ...sites.map(({ config }) => config)],
  });
  const load = new Load();
  const folder = await Deno.makeTempDir({ prefix: "chatnode_backup_" });
  try {
    await node.start();
    await load.start(node.url);
    await until("200 chats", () => load.lived.length >= 200);
    const lived = [...load.lived];
    const acked = load.acked();
    const { code, said } = await node.command("backup", `--to=${folder}/one`);
    assert.equal(code, 0, said);
    const during = load.lived.length;
    assert.ok(during > lived.length, "chats ended while the backup was made");
    await until("40 more", () => load.lived.length >= during + 40);
    await load.rest();
    assert.ok(load.acked().size > acked.size + 50, "people wrote on after the backup");

    load.gate.open = false;
    await restore(node, `${folder}/one`);
    const talk = new Findings();
    await checkDisk(node.url, load.chats, acked, talk);
    await until("the queues are empty", () => isDrained(node));
    const history = new ArchiveFindings();
    await checkHistory(node, lived, history);
    // Everybody comes back, with what was lost here.
    load.gate.open = true;
    await settle(peopleOf(load.chats));
    // Uploads go on behind that.
    let whole = new Findings();
    await until("everybody has everything", async () => {
      whole = new Findings();
      await checkAll(node.url, load.chats, load.chatOf, whole);
      return whole.examples.length === 0;
    }).catch(() => {}); // the examples say more
    load.stop();
    await node.stop();
    await checkQueues(node, lived, history);
    assert.deepEqual([...history.examples, ...talk.examples, ...whole.examples], []);
    assert.ok(history.acked > 800 && acked.size > 150, "enough was looked at");
  } finally {
    load.gate.open = false;
    load.stop();
    await node.remove();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Everything in a folder that can be a backup. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("[PB7 PB8] the operator makes a backup below BACKUP_DIR, and the command one of a process at rest", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chatnode_backup_" });
  const node = await NodeProcess.create({
    agents: 1,
    chatLimit: 1,
    sabotage: undefined,
    env: { BACKUP_DIR: `${folder}/made` },
  });
  try {
    await node.start();
    const key = (await Deno.readTextFile(`${node.dataDir}/operator_key`)).trim();
    const answer = await fetch(`${node.internalUrl}/v1/ops/backup`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
    });
    const { name } = await answer.json();
    assert.equal(answer.status, 201);
    assert.deepEqual(await namesIn(`${folder}/made`), [name]);
    const metrics = await (await fetch(`${node.internalUrl}/metrics`)).text();
    assert.match(metrics, /^chatnode_backups_total\{how="made"\} 1$/m);
    // Nothing of the data folder is missing in the manifest.
    const text = await Deno.readTextFile(`${folder}/made/${name}/manifest.json`);
    const files: readonly { path: string }[] = JSON.parse(text).files;
    const copied = new Set(files.map(({ path }) => path));
    for (const dir of ["", "journal/"]) {
      for (const one of await namesIn(`${node.dataDir}/${dir}`)) {
        if (/^(lock|journal)$|-(wal|shm)$/.test(one)) continue;
        assert.ok(copied.has(dir + one), `${dir}${one} is in the backup`);
      }
    }
    await node.kill();
    const atRest = await node.command("backup", `--to=${folder}/rest`);
    assert.equal(atRest.code, 0, atRest.said);
    const again = await node.command("backup", `--to=${folder}/rest`);
    assert.deepEqual([again.code, /it exists/.test(again.said)], [1, true]);
    const bare = await node.command("backup");
    assert.deepEqual([bare.code, /usage: chatnode backup/.test(bare.said)], [2, true]);
    const full = await node.command("restore", `--from=${folder}/rest`);
    assert.deepEqual([full.code, /is not empty/.test(full.said)], [1, true]);
    const replaced = await node.command("restore", `--from=${folder}/rest`, "--replace");
    assert.deepEqual([replaced.code, /set|what was there/.test(replaced.said)], [0, true]);
    await Deno.mkdir(`${node.dataDir}/restoring`);
    const unfinished = await node.command("all");
    assert.deepEqual([unfinished.code, /not finished/.test(unfinished.said)], [1, true]);
    await Deno.remove(`${node.dataDir}/restoring`);
    await node.start();
  } finally {
    await node.remove();
    await Deno.remove(folder, { recursive: true });
  }
});
