import assert from "node:assert/strict";
import { manifestOf } from "../server/backup_manifest.ts";
import { BackupTurn } from "../server/backup_turn.ts";
import { BackupFailed } from "../server/backup_writer.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { backupRoutes, type BackupRoutesDeps } from "./backups.ts";

const manifest = manifestOf({
  takenAt: "2026-11-25T12:00:00.000Z",
  keys: [],
  files: [
    { path: "queue.kv", bytes: 10, sha256: "0".repeat(64) },
    { path: "keys.json", bytes: 5, sha256: "0".repeat(64) },
  ],
});

/** The operators' routes over a turn whose relay and log are not there. */
async function operators(make?: BackupRoutesDeps["make"]) {
  const { bench, deps } = await startEdge();
  const { clock, log } = bench;
  const turn = new BackupTurn({
    relay: { start() {}, stop: () => Promise.resolve() },
    journal: { keepLog: () => Promise.resolve(), releaseLog() {} },
    ...{ clock, log },
  });
  const app = backupRoutes(deps, { turn, make });
  return {
    turn,
    call: async (method: string, path: string, authorization = "Bearer op_bench") => {
      const response = await app.request(`/v1/ops/backup${path}`, {
        method,
        headers: { authorization },
      });
      const text = await response.text();
      return { status: response.status, json: text === "" ? {} : JSON.parse(text) };
    },
    deeds: async () =>
      (await deps.configs.store.auditRows(undefined, { limit: 50 })).map(({ by, what }) =>
        `${by}: ${what}`
      ),
    async [Symbol.asyncDispose]() {
      await turn.stop();
      bench.stop();
    },
  };
}

Deno.test("[PB8] nobody but the operator makes backups or has the process wait", async () => {
  let made = 0;
  await using ops = await operators(() => {
    made += 1;
    return Promise.resolve("busy");
  });
  const rows: readonly [string, string][] = [
    ["POST", ""],
    ["POST", "/turn"],
    ["PUT", "/turn/x/log"],
    ["DELETE", "/turn/x?how=made"],
  ];
  for (const [method, path] of rows) {
    assert.equal((await ops.call(method, path, "Bearer op_wrong")).status, 401, path);
  }
  assert.deepEqual([made, ops.turn.isTaken], [0, false]);
});

Deno.test("[PB8] a backup is told by name and size, and stands in the audit log", async () => {
  await using ops = await operators(() => Promise.resolve({ name: "one", manifest }));
  const { status, json } = await ops.call("POST", "");
  const { takenAt } = manifest;
  assert.deepEqual([status, json], [201, { name: "one", takenAt, bytes: 15, files: 2 }]);
  assert.deepEqual(await ops.deeds(), ["operator: backup.make one"]);
});

const refusals: readonly [string, BackupRoutesDeps["make"], number, RegExp][] = [
  ["without BACKUP_DIR", undefined, 409, /BACKUP_DIR is not set/],
  ["while another is made", () => Promise.resolve("busy"), 409, /one at a time/],
  [
    "that fails",
    () => Promise.reject(new BackupFailed("Not enough space")),
    500,
    /Not enough space/,
  ],
];
for (const [what, make, status, detail] of refusals) {
  Deno.test(`[PB8] a backup ${what} is ${status}, and not in the audit log`, async () => {
    await using ops = await operators(make);
    const told = await ops.call("POST", "");
    assert.equal(told.status, status);
    assert.match(told.json.detail, detail);
    assert.deepEqual(await ops.deeds(), []);
  });
}

Deno.test("[PB4] a turn goes from stage to stage, and a wrong step is told", async () => {
  await using ops = await operators();
  const begun = await ops.call("POST", "/turn");
  assert.deepEqual([begun.status, begun.json.pid], [201, Deno.pid]);
  const path = `/turn/${begun.json.turnId}`;
  const steps: readonly [string, string, number][] = [
    ["POST", "/turn", 409],
    ["PUT", `${path}/pictures`, 404],
    ["PUT", "/turn/another/log", 404],
    ["PUT", `${path}/log`, 204],
    ["PUT", `${path}/rest`, 204],
    ["PUT", `${path}/log`, 404],
    ["DELETE", `${path}?how=maybe`, 400],
    ["DELETE", `${path}?how=made`, 204],
    ["DELETE", `${path}?how=made`, 404],
  ];
  for (const [method, step, status] of steps) {
    assert.equal((await ops.call(method, step)).status, status, `${method} ${step}`);
  }
  assert.equal(ops.turn.counts.made, 1);
});
