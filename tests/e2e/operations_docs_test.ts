import assert from "node:assert/strict";
import { Gate } from "../chaos/client_log.ts";
import { NodeProcess, pause, site } from "../chaos/node_process.ts";
import { join } from "../chaos/people.ts";
import { queueDefinitions } from "../../mq/definitions.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import { settingsSchema } from "../../roles/settings.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import { pathsIn } from "../harness/data_folder.ts";
import { Shell } from "./shell.ts";

const page = await Deno.readTextFile(new URL("../../docs/OPERATIONS.md", import.meta.url));

function sectionOf(title: string): string {
  const section = page.split(/^# Operations|^## /m).find((text) => text.startsWith(`${title}\n`));
  assert.ok(section !== undefined, `the page has the section "${title}"`);
  return section;
}

/** The commands of a section, block by block. */
function blocksOf(title: string): string[] {
  return [...sectionOf(title).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
}

/** The cells of a section's first table, without its head. */
function tableOf(title: string): string[][] {
  return sectionOf(title).split("\n").filter((line) => line.startsWith("|")).slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

const uncoded = (cell: string) => cell.replaceAll("`", "");

/** A chat that has ended is in the archive before its visitor is exported and erased. */
async function chatted(node: NodeProcess): Promise<string> {
  const { visitorId, token } = await new HttpApi(node.url, site.siteId).createVisitor();
  const person = join(node.url, new Gate(), { type: "visitor", id: visitorId }, token);
  const asked = person.session.requestChat({ name: "Vik" });
  assert.ok(asked.type === "posted");
  const posted = person.session.post(asked.id, "Remember me");
  assert.ok(posted.type === "posted");
  while (!person.log.acked.has(posted.id)) await pause(10);
  person.session.endChat(asked.id);
  const isEnded = () =>
    person.session.snapshot().chats.some(({ view }) => view?.state.state === "ended");
  while (!isEnded()) await pause(10);
  person.session.stop();
  return visitorId;
}

/** Two dead letters in a queue of a process that does not run. */
async function addDeadLetters(dataDir: string): Promise<readonly [string, string]> {
  const queue = await KvQueue.open({
    path: `${dataDir}/queue.kv`,
    // Whatever stands in a letter's payload.
    definitions: queueDefinitions().map((one) => ({ ...one, check: () => undefined })),
    now: Date.now,
  });
  const name = "chat.end.email";
  const ids = [`${site.siteId}/letter/1`, `${site.siteId}/letter 2`] as const;
  for (const id of ids) await queue.publish(name, id, { siteId: site.siteId });
  const consumer = queue.createConsumer(name);
  for (const one of await consumer.dequeueAll(2, 0)) {
    await consumer.giveBack(one, { delayMs: "never", error: "no such mailbox" });
  }
  await queue.close();
  return ids;
}

Deno.test("[PB11] the commands of the operator's page do what it says", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chatnode_ops_" });
  const node = await NodeProcess.create({
    agents: 1,
    chatLimit: 1,
    sabotage: undefined,
    env: { BACKUP_DIR: `${folder}/backups` },
  });
  await node.start();
  await node.stop();
  const [replayed, dropped] = await addDeadLetters(node.dataDir);
  await node.start();
  const shell = new Shell({
    ...node.env,
    BACKUPS: folder,
    SITE: site.siteId,
    REPLAYED: encodeURIComponent(replayed),
    DROPPED: encodeURIComponent(dropped),
  });
  const runAll = async (title: string) => {
    const said: string[] = [];
    for (const block of blocksOf(title)) said.push(await shell.run(block));
    return said;
  };
  try {
    await shell.run('chatnode() { deno run -A main.ts "$@"; }');
    await shell.run(page.split(/^## /m)[0]?.match(/^```sh\n([\s\S]*?)^```$/m)?.[1] ?? "false");
    const [health = "", check = ""] = await runAll("Look after it");
    assert.match(health, /"status":"ok"[\s\S]*"disk":"normal"[\s\S]*chatnode_disk_state 0/);
    assert.match(check, /data folder .* uses it/);
    const [, , dead = ""] = await runAll("Queues");
    assert.deepEqual(
      JSON.parse(dead).items.map(({ uniqueId }: { uniqueId: string }) => uniqueId),
      [replayed, dropped],
    );
    const [stats = ""] = blocksOf("Queues");
    assert.match(await shell.run(stats), /"queueName":"chat.end.email","ready":1,.*?"dead":0/);
    await runAll("Retention");
    await shell.run(`VISITOR=${await chatted(node)}`);
    await shell.run(
      'until curl -sS "$BASE/v1/sites/$SITE/visitors/$VISITOR/export" ' +
        '-H "Authorization: Bearer $OPERATOR_KEY" | grep -q "Remember me"; do sleep 0.1; done',
    );
    const [records = ""] = await runAll("Export and erase a visitor");
    assert.match(records, /Remember me[\s\S]*"chats":1,/);
    assert.match((await runAll("Keys")).join("\n"), /the same as at/);
    await runAll("Backup");
    await node.stop();
    const [, restored = ""] = await runAll("Restore");
    assert.match(restored, /what was there is in ".*replaced-/);
    await node.start();
  } finally {
    await shell.close();
    await node.remove();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("[PB11] the page has every setting with its default, and no other", () => {
  const rows = tableOf("Settings").map((
    [name = "", value = ""],
  ) => [uncoded(name), uncoded(value)]);
  const defaults: Record<string, unknown> = settingsSchema.parse({});
  const expected = Object.keys(settingsSchema.shape).map((name) => {
    // The limits' default is what it is when none is given.
    if (name === "CHATNODE_LIMITS") return [name, "{}"];
    return [name, String(defaults[name] ?? "")];
  });
  assert.deepEqual(rows.sort(), expected.sort());
});

Deno.test("[PB11] the page has every file of the data folder, and every metric on it exists", async () => {
  const node = await NodeProcess.create({ agents: 1, chatLimit: 1, sabotage: undefined });
  try {
    await node.start();
    await chatted(node);
    const named = tableOf("The data folder").map(([name = ""]) => uncoded(name));
    const files = (await pathsIn(node.dataDir)).map((path) => path.replace(/log-\d+$/, "log-*"))
      .filter((path) => !/-(wal|shm)$/.test(path));
    for (const file of files) assert.ok(named.includes(file), `${file} is on the page`);
    assert.deepEqual(named.filter((name) => !files.includes(name)), []);
    const metrics = await (await fetch(`${node.internalUrl}/metrics`)).text();
    const there = new Set([...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
    for (const [name] of page.matchAll(/chatnode_\w+/g)) {
      if (name === "chatnode_config_follower_connected") continue; // of one that follows
      assert.ok(there.has(name), `${name} is a metric`);
    }
  } finally {
    await node.remove();
  }
});
