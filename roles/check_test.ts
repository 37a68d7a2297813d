import assert from "node:assert/strict";
import { lockDataFolder } from "../server/file_lock.ts";
import { openKeyRing } from "../server/keys.ts";
import { check } from "./check.ts";

/** The lines of a check in a data folder of its own. */
async function inFolder(
  run: (
    dir: string,
    look: (env?: Record<string, string>, against?: string) => Promise<string>,
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const look = async (env: Record<string, string> = {}, against?: string) => {
    const given = { DATA_DIR: dir, INTERNAL_PORT: "1", ...env };
    const lines = await check({ env: given, webDir: dir }, against);
    return lines.map(({ state, what, text }) => `${state} ${what}: ${text}`).join("\n");
  };
  try {
    await run(dir, look);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("[PB1] check says what is wrong with the settings, by name", async () => {
  await inFolder(async (_, look) => {
    assert.match(
      await look({ PORT: "x", DATA_DIR: "" }),
      /bad settings: PORT: .*\nbad settings: DATA_DIR/s,
    );
  });
});

Deno.test("[PB1] check changes nothing in a folder that is not there yet", async () => {
  await inFolder(async (dir, look) => {
    const found = await look({ DATA_DIR: `${dir}/new` });
    assert.match(found, /ok data folder: .* is made at the first start/);
    assert.match(found, /ok keys: made at the first start/);
    assert.match(found, /disk: budget 10\.0 GiB, free on the disk/);
    await assert.rejects(Deno.stat(`${dir}/new`));
  });
});

Deno.test("[PB1] check names the process that has the folder", async () => {
  await inFolder(async (dir, look) => {
    assert.match(await look(), /no process uses it/);
    const lock = await lockDataFolder(dir);
    assert.match(await look(), new RegExp(`process ${Deno.pid} uses it`));
    lock.release();
    assert.match(await look(), /no process uses it/);
  });
});

Deno.test("[PB1] check compares the keys' fingerprints with those of another process", async () => {
  await inFolder(async (dir, look) => {
    const ring = await openKeyRing(dir);
    const [ours = ""] = ring.fingerprints();
    assert.match(await look(), new RegExp(`ok keys: fingerprints ${ours}`));
    let answer = `${ours}\n`;
    const other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(answer),
    );
    const url = `http://127.0.0.1:${other.addr.port}`;
    assert.match(await look({}, url), /ok keys: the same as at/);
    answer = "0123456789abcdef\n";
    assert.match(await look({}, url), new RegExp(`bad keys: here ${ours}, at .* 0123456789abcdef`));
    await other.shutdown();
    assert.match(await look({}, url), /bad keys: nobody answers/);
  });
});

Deno.test("[PB1] check says how many days the disk budget lasts at the running process's rate", async () => {
  await inFolder(async (_, look) => {
    const metrics = [
      `chatnode_journal_bytes_total ${2 ** 30}`,
      "chatnode_uptime_seconds 86400",
      `chatnode_disk_used_bytes ${2 ** 29}`,
    ].join("\n");
    const running = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(metrics),
    );
    const env = { INTERNAL_PORT: String(running.addr.port), DISK_BUDGET_GIB: "1.5" };
    assert.match(await look(env), /written 1\.0 GiB a day: .* lasts 1\.0 days/);
    await running.shutdown();
  });
});

Deno.test("[PB1] check tells a certificate that cannot be used", async () => {
  await inFolder(async (dir, look) => {
    const env = { TLS_CERT: `${dir}/cert.pem`, TLS_KEY: `${dir}/key.pem` };
    assert.match(await look(env), /bad certificate: TLS_CERT: cannot read/);
    assert.match(await look(), /ok certificate: none/);
  });
});
