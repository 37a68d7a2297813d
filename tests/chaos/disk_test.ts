import assert from "node:assert/strict";
import { HttpApi } from "../../web/sdk/http_api.ts";
import { Gate } from "./client_log.ts";
import { NodeProcess, pause, site } from "./node_process.ts";
import { join, openChats, peopleOf, type Person } from "./people.ts";

const waitMsMax = 20_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const started = performance.now();
  while (!await holds()) {
    if (performance.now() - started > waitMsMax) throw new Error(`Not in time: ${what}`);
    await pause(20);
  }
}

/** The code with which a chat was refused; undefined: it was not. */
async function refusalOf({ session, log }: Person): Promise<string | undefined> {
  const asked = session.requestChat({ name: "Late" });
  if (asked.type === "refused") return asked.code;
  await until("an answer", () => log.done.has(asked.id) || log.refused.has(asked.id));
  return log.refused.get(asked.id);
}

Deno.test("[PB9 PB10] whatever fills the data folder stops new chats, running ones go on, and room lets them in", async () => {
  const env = { DISK_BUDGET_GIB: "0.02" };
  const node = await NodeProcess.create({ agents: 1, chatLimit: 9, sabotage: undefined, env });
  const gate = new Gate();
  const people: Person[] = [];
  const standsAt = async (state: string) =>
    (await (await fetch(`${node.url}/readyz`)).json()).disk === state;
  const visitor = async () => {
    const { visitorId, token } = await new HttpApi(node.url, site.siteId).createVisitor();
    const person = join(node.url, gate, { type: "visitor", id: visitorId }, token);
    people.push(person);
    return person;
  };
  try {
    await node.start();
    const [running] = await openChats(node.url, gate, { count: 1, agents: 1 });
    assert.ok(running !== undefined);
    people.push(...peopleOf([running]));
    assert.ok(await standsAt("normal"));
    const spare = `${node.dataDir}/spare`;
    await Deno.writeFile(spare, new Uint8Array(18 * 2 ** 20));
    await until("tight", () => standsAt("tight"));
    assert.equal(await refusalOf(await visitor()), undefined);
    await Deno.writeFile(spare, new Uint8Array(21 * 2 ** 20));
    await until("full", () => standsAt("full"));
    assert.equal(await refusalOf(await visitor()), "storage_full");
    const posted = running.visitor.session.post(running.chatId, "still here");
    assert.ok(posted.type === "posted");
    await until("an ack", () => running.visitor.log.acked.has(posted.id));
    await Deno.remove(spare);
    await until("normal", () => standsAt("normal"));
    assert.equal(await refusalOf(await visitor()), undefined);
  } finally {
    for (const { session } of people) session.stop();
    await node.remove();
  }
});
