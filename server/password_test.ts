import assert from "node:assert/strict";
import { agentConfigSchema } from "../core/agent_config.ts";
import { hashPassword, verifyPassword } from "./password.ts";

/** As cheap as scrypt gets: this is about the format, not about time. */
const cost = 16;

Deno.test("[BI4] the password that was hashed verifies, others do not", async () => {
  const stored = await hashPassword("correct horse \u8a9e", cost);
  assert.equal(await verifyPassword("correct horse \u8a9e", stored), true);
  assert.equal(await verifyPassword("correct horse", stored), false);
  assert.equal(await verifyPassword("", stored), false);
});

Deno.test("[BI4] a hash is salted, carries its cost and is what a configuration takes", async () => {
  const [one, other] = [await hashPassword("secret", cost), await hashPassword("secret", cost)];
  assert.notEqual(one, other);
  assert.match(one, /^scrypt\$16\$8\$1\$/);
  const config = { agentId: "ana", name: "Ana", passwordHash: one };
  assert.equal(agentConfigSchema.parse(config).passwordHash, one);
});

Deno.test("[BI4] a stored hash of another scheme verifies nothing", async () => {
  for (const stored of ["", "secret", "bcrypt$10$x$y$z$w", "scrypt$16$8$1$c2FsdA"]) {
    assert.equal(await verifyPassword("secret", stored), false, stored);
  }
});
