import assert from "node:assert/strict";
import { agentIdSchema, type ChatId } from "../../core/ids.ts";
import { ChatSession } from "../../web/sdk/chat_session.ts";
import { HttpApi } from "../../web/sdk/http_api.ts";
import type { ClientSnapshot } from "../../web/sdk/snapshot.ts";
import { memoryStorage } from "../../web/sdk/storage.ts";
import { ServerProcess } from "./server.ts";
import { Shell } from "./shell.ts";

const page = await Deno.readTextFile(new URL("../../docs/API.md", import.meta.url));

/** The commands of a section, block by block. */
function blocksOf(title: string): string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? "";
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
}

const waitMsMax = 10_000;

/** Waits until a session shows what is asked for. */
function shows(
  session: ChatSession,
  what: string,
  isShown: (snapshot: ClientSnapshot) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`Never shown: ${what}`));
    }, waitMsMax);
    const look = () => {
      if (!isShown(session.snapshot())) return;
      clearTimeout(timer);
      stop();
      resolve();
    };
    stop = session.subscribe(look);
    look();
  });
}

/** The code of a command's refusal; undefined when it was done. */
async function refusalOf(
  session: ChatSession,
  command: Parameters<ChatSession["command"]>[0],
): Promise<string | undefined> {
  const posted = session.command(command);
  assert.equal(posted.type, "posted");
  await shows(session, `${command.type} is answered`, ({ unacked }) => unacked === 0);
  const { failed } = session.snapshot();
  return posted.type === "posted"
    ? failed.find(({ id }) => id === posted.id)?.failure.code
    : undefined;
}

const textsIn = (snapshot: ClientSnapshot, chatId: ChatId) =>
  snapshot.chats.find((chat) => chat.chatId === chatId)?.entries
    .flatMap((entry) => entry.kind === "message" ? [entry.text] : []) ?? [];

/** Leo of the bakery, logged in with the password that the API's page gives him, and a visitor. */
async function chatAtTheBakery(server: ServerProcess) {
  const api = new HttpApi(server.url, "bakery");
  const { token } = await api.loginAgent("leo", "nobody-knows-this-one");
  const join = (holder: ConstructorParameters<typeof ChatSession>[0]["holder"]) =>
    new ChatSession({ server: server.url, siteId: "bakery", holder, storage: memoryStorage() });
  const leo = join({ type: "agent", id: agentIdSchema.parse("leo") });
  leo.start(token);
  leo.setStatus("online");
  const { visitorId, token: visitorToken } = await api.createVisitor({
    url: "https://bakery.example/",
  });
  const visitor = join({ type: "visitor", id: visitorId });
  visitor.start(visitorToken);
  const asked = visitor.requestChat({ name: "Vik", fields: { order: "17" } });
  assert.ok(asked.type === "posted");
  const chatId = asked.id;
  visitor.post(chatId, "Is my bread ready?");
  await shows(
    leo,
    "the question",
    (shown) => textsIn(shown, chatId).includes("Is my bread ready?"),
  );
  leo.post(chatId, "In five minutes!");
  await shows(
    visitor,
    "the answer",
    (shown) => textsIn(shown, chatId).includes("In five minutes!"),
  );
  return { leo, visitor, visitorId, chatId };
}

/** The commands of the page find the chat by its visitor's name, and erase the visitor. [HI1] */
async function findAgain(shell: Shell, chatId: ChatId, visitorId: string): Promise<void> {
  const [find = "", read = "", others = "", take = "", erase = "", ...more] = blocksOf(
    "Find chats again",
  );
  assert.deepEqual(more, []);
  const { items } = JSON.parse(await shell.run(find));
  assert.equal(items.length, 1);
  const [{ visitor, ...chat }] = items;
  assert.deepEqual([chat.chatId, chat.visitorId, visitor.name], [chatId, visitorId, "Vik"]);
  assert.deepEqual([chat.agentIds, chat.departmentId, chat.reason], [
    ["leo"],
    "complaints",
    "banned",
  ]);
  assert.deepEqual(visitor.fields, { order: "17" });
  const { items: entries } = JSON.parse(await shell.run(read));
  const texts = entries.flatMap((entry: { kind: string; text: string }) =>
    entry.kind === "message" ? [entry.text] : []
  );
  assert.deepEqual(texts, ["Is my bread ready?", "In five minutes!"]);
  const told = await shell.run(others);
  assert.ok(told.includes('"outcome":"accepted"'), told);
  const taken = JSON.parse(await shell.run(take));
  assert.deepEqual(taken.chats.map((one: { chatId: string }) => one.chatId), [chatId]);
  const { chats, archived } = JSON.parse(await shell.run(erase));
  assert.ok(chats === 1 && archived > 2);
  assert.deepEqual(JSON.parse(await shell.run(find)), { items: [] });
}

Deno.test("[AM16] [HI1] [HI6] the commands of the API's page make a site, on which people chat, change it meanwhile, and find the chat again", async () => {
  const server = await ServerProcess.create();
  const shell = new Shell({ BASE: server.url, OPERATOR_KEY: await server.operatorKey() });
  const sessions: ChatSession[] = [];
  try {
    const first = blocksOf("Configure a site from nothing");
    assert.ok(first.length >= 7, "the page has its commands");
    for (const block of first) await shell.run(block);
    const { leo, visitor, visitorId, chatId } = await chatAtTheBakery(server);
    sessions.push(leo, visitor);

    const useSorry = { type: "use_canned", chatId, cannedId: "sorry" } as const;
    const department = { type: "department", departmentId: "complaints" };
    const transfer = { type: "transfer_chat", chatId, to: department } as never; // branded ids
    assert.equal(await refusalOf(leo, useSorry), "unknown_canned");
    assert.equal(await refusalOf(leo, transfer), "unknown_department");
    const [addDepartment = "", addCanned = "", ban = ""] = blocksOf("Change it while people chat");
    await shell.run(addDepartment);
    await shell.run(addCanned);
    assert.equal(await refusalOf(leo, useSorry), undefined);
    assert.equal(await refusalOf(leo, transfer), undefined);
    await shows(
      visitor,
      "the chat waits elsewhere",
      ({ chats }) => chats.some(({ view }) => view?.departmentId === "complaints"),
    );
    await shell.run(`VISITOR=${visitorId}`);
    await shell.run(ban);
    await shows(
      visitor,
      "it is put out",
      ({ connection }) => connection.state === "stopped" && connection.closeName === "banned",
    );
    await server.archived("bakery", chatId);
    await findAgain(shell, chatId, visitorId);
  } finally {
    for (const session of sessions) session.stop();
    await shell.close();
    await server.remove();
  }
});

Deno.test("[AM17] the start says where the operator's key lies, and never the key", async () => {
  const server = await ServerProcess.create();
  const key = await server.operatorKey();
  const path = server.operatorKeyPath;
  await server.remove();
  assert.ok(key.length > 20);
  const told = server.logged.filter((line) => line.includes("operator_key"));
  assert.equal(told.length, 1);
  assert.equal(JSON.parse(told[0] ?? "{}").path, path);
  assert.ok(!server.logged.join("\n").includes(key));
});
