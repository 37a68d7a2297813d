import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { ServerProcess } from "./server.ts";

const kills = 8;
const waitMsMax = 20_000;

/** What an admin or the operator is answered; undefined: the process was gone. */
async function call(
  server: ServerProcess,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown } | undefined> {
  try {
    const response = await fetch(`${server.url}/v1/sites/demo${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${await server.operatorKey()}`, "if-match": "*" },
        "content-type": `application/${method === "PATCH" ? "merge-patch+" : ""}json`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === "" ? {} : JSON.parse(text) };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Ids of a list of agents, or of rows that name them, with what each is worth telling. */
async function itemsOf(server: ServerProcess, path: string): Promise<Record<string, unknown>[]> {
  const { json } = await call(server, "GET", path) ?? {};
  return (json as { items: Record<string, unknown>[] }).items; // as the API's schema has it
}

/** Every row of the log of agents, oldest first: "ana made", "ana removed". */
async function history(server: ServerProcess): Promise<string[]> {
  const rows = await itemsOf(server, "/history/logs/agent?limit=100");
  return rows.toReversed().map(({ body }) => {
    const { agentId, name, removed } = body as Record<string, unknown>; // the log's own
    return `${agentId} ${removed === true ? "removed" : name}`;
  });
}

/** Makes agents, with a kill right behind each, and now and then before the answer. */
async function makeAgents(server: ServerProcess): Promise<string[]> {
  const acked: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const agent = { agentId: `agent-${kill}`, name: "New", password: "long enough 1" };
    const answer = call(server, "POST", "/agents", agent);
    if (kill % 4 === 3) await pause(20 * kill);
    else if ((await answer)?.status === 201) acked.push(agent.agentId);
    await server.kill();
    await answer;
    await server.start();
  }
  return acked;
}

Deno.test("[OB12 CC12] agents stand in the history once each, though the process is killed over and over", async () => {
  const server = await ServerProcess.create();
  try {
    const acked = await makeAgents(server);
    assert.ok(acked.length >= kills / 2, `${acked.length} of ${kills} were made`);
    const agents = (await itemsOf(server, "/agents?limit=100")).map(({ agentId }) => agentId);
    assert.deepEqual(acked.filter((id) => !agents.includes(id)), []);
    assert.equal((await call(server, "PATCH", "/agents/ben", { name: "Benno" }))?.status, 200);
    await server.kill();
    await server.start();
    const removed = await call(server, "DELETE", `/agents/${acked[0]}`);
    assert.equal(removed?.status, 204);
    const made = agents.map((id) => `${id} ${id === "ana" ? "Ana" : id === "ben" ? "Ben" : "New"}`);
    const wanted = [...made, "ben Benno", `${acked[0]} removed`];
    const started = performance.now();
    while ((await history(server)).length < wanted.length) {
      if (performance.now() - started > waitMsMax) break;
      await pause(50);
    }
    assert.deepEqual((await history(server)).toSorted(), wanted.toSorted());
  } finally {
    await server.remove();
  }
});
