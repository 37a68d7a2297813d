import assert from "node:assert/strict";
import { BadSettings, readSettings } from "./settings.ts";

Deno.test("[ST1] settings come from the environment, then from the file, then from the defaults", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, JSON.stringify({ PORT: 9_000, HOST: "127.0.0.1" }));
  const settings = await readSettings({ CHATNODE_SETTINGS: path, PORT: "9001", HOME: "/" });
  assert.equal(settings.PORT, 9_001);
  assert.equal(settings.HOST, "127.0.0.1");
  assert.equal(settings.INTERNAL_PORT, 8_081);
  await Deno.remove(path);
});

Deno.test("[ST1] rates are one setting, an object or JSON", async () => {
  const { rates } = await readSettings({ CHATNODE_LIMITS: '{"loginsPerMinute":5}' });
  assert.equal(rates.loginsPerMinute, 5);
  assert.equal(rates.visitorsPerMinute, 600);
});

for (
  const [given, names] of [
    [{ PORT: "70000" }, /^PORT: /],
    [{ PORT: "http" }, /^PORT: /],
    [{ DATA_DIR: "" }, /^DATA_DIR: /],
    [{ TLS_CERT: "cert.pem" }, /^TLS_KEY: goes with/],
    [{ BACKUP_DIR: "data/backups" }, /^BACKUP_DIR: a folder outside DATA_DIR/],
    [{ DISK_BUDGET_GIB: "0" }, /^DISK_BUDGET_GIB: /],
    [{ CHATNODE_LIMITS: "{" }, /^CHATNODE_LIMITS: not JSON/],
    [{ CHATNODE_LIMITS: '{"frames":5}' }, /^CHATNODE_LIMITS: .*frames/],
    [{ CHATNODE_SETTINGS: "no/such/file" }, /^CHATNODE_SETTINGS: cannot read/],
  ] as const
) {
  Deno.test(`[ST1] ${JSON.stringify(given)} is refused by name`, async () => {
    await assert.rejects(readSettings(given), (error) => {
      assert.ok(error instanceof BadSettings);
      assert.match(error.message, names);
      return true;
    });
  });
}

Deno.test("[ST1] a name that the file has and we do not is refused", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, '{"PROT": 1}');
  await assert.rejects(readSettings({ CHATNODE_SETTINGS: path }), /PROT/);
  await Deno.remove(path);
});
