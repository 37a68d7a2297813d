import assert from "node:assert/strict";
import { openKeyRing } from "./keys.ts";
import { BadOperatorKey, openOperatorKey, operatorKeyPath } from "./operator_key.ts";

/** A data folder for one test. */
async function folder() {
  const dir = await Deno.makeTempDir({ prefix: "chatnode_keys_" });
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("[AM18] the first start makes the operator's key, and the next one finds it", async () => {
  await using at = await folder();
  // What a start that was cut off leaves behind.
  await Deno.writeTextFile(`${operatorKeyPath(at.dir)}.new`, "op_");
  const key = await openOperatorKey(at.dir);
  assert.match(key, /^op_[\w-]{32}$/);
  assert.equal(await openOperatorKey(at.dir), key);
  const names = await Array.fromAsync(Deno.readDir(at.dir), ({ name }) => name);
  assert.deepEqual(names, ["operator_key"]);
  assert.equal((await Deno.stat(operatorKeyPath(at.dir))).mode, 0o100600);
});

Deno.test("[AM18] a file without a key that nobody guesses is refused by its name", async () => {
  await using at = await folder();
  const path = operatorKeyPath(at.dir);
  for (
    const text of [
      "",
      "\n",
      "x".repeat(31),
      " ".repeat(40),
      "é".repeat(40),
      `${"x".repeat(20)} ${"x".repeat(20)}`,
    ]
  ) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(openOperatorKey(at.dir), (error) => {
      assert.ok(error instanceof BadOperatorKey, JSON.stringify(text));
      assert.ok(error.message.includes(path) && error.message.includes("32 printable"));
      return true;
    });
    assert.equal(await Deno.readTextFile(path), text, "it is left as it is");
  }
});

Deno.test("[AM18] key files that hold no key, or an empty one, are refused by their name", async () => {
  await using at = await folder();
  const path = `${at.dir}/keys.json`;
  const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  await Deno.writeTextFile(path, JSON.stringify([{ keyId: "k1", secret }]));
  assert.equal((await openKeyRing(at.dir)).newest.secret.length, 32);
  const bad = ["", "[]", "{}", '[{"keyId":"k1"}]', '[{"keyId":"k1","secret":""}]'];
  for (const text of [...bad, JSON.stringify([{ keyId: "k1", secret: secret.slice(1) }])]) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(
      openKeyRing(at.dir),
      new RegExp(`Cannot read the keys in "${path}"`),
      text,
    );
  }
});
