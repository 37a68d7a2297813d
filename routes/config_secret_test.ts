import assert from "node:assert/strict";
import { AdminBench, staffedSite } from "../tests/harness/admin_bench.ts";
import { configSchemas } from "./config_schema.ts";
import { refusedSecrets, secrets, withKeptSecrets, withoutSecrets } from "./config_secret.ts";

const stored = {
  name: "Acme",
  agents: [
    { agentId: "ana", passwordHash: "hash-ana", tokenVersion: 3 },
    { agentId: "ben", passwordHash: "hash-ben", tokenVersion: 1 },
  ],
  signIn: { keys: ["k"], audience: "acme" },
  integrations: { webhooks: [{ webhookId: "one", secret: "whsec_1", url: "https://a.example" }] },
};

Deno.test("[AM4] what is shown has no secret, and sent back as it is it keeps all of them", () => {
  const shown = withoutSecrets(stored);
  assert.deepEqual(shown, {
    name: "Acme",
    agents: [{ agentId: "ana" }, { agentId: "ben" }],
    signIn: { audience: "acme" },
    integrations: { webhooks: [{ webhookId: "one", url: "https://a.example" }] },
  });
  assert.deepEqual(withKeptSecrets(shown, stored), stored);
});

Deno.test("[AM4] a secret goes with its item, not with its place; a sent one replaces it", () => {
  const sent = {
    agents: [{ agentId: "ben" }, { agentId: "zoe" }],
    signIn: { keys: ["new"], audience: "acme" },
    integrations: { webhooks: [{ webhookId: "two" }] },
  };
  assert.deepEqual(withKeptSecrets(sent, stored), {
    agents: [{ agentId: "ben", passwordHash: "hash-ben", tokenVersion: 1 }, { agentId: "zoe" }],
    signIn: { keys: ["new"], audience: "acme" },
    integrations: { webhooks: [{ webhookId: "two" }] },
  });
  assert.deepEqual(withKeptSecrets({ agents: 7, signIn: null }, stored), {
    agents: 7,
    signIn: null,
  });
});

Deno.test("[AM4] what the server alone counts may not be sent", () => {
  const paths = refusedSecrets({ agents: [{}, { passwordHash: "x", tokenVersion: 9 }], signIn: {} })
    .map(({ path }) => path.join("."));
  assert.deepEqual(paths, ["agents.1.passwordHash", "agents.1.tokenVersion"]);
});

Deno.test("[AM4] every field of the configuration that sounds like a secret is one", () => {
  const known = new Set(secrets.map(({ path }) => path.at(-1)));
  const sounding: string[] = [];
  JSON.stringify(configSchemas(), (name, value) => {
    if (/secret|hash|password|token|^keys?$|apikey/i.test(name)) sounding.push(name);
    return value;
  });
  // Only what may be sent is left in the schemas, and of that only in the ones to send.
  assert.deepEqual(
    sounding.filter((name) => !known.has(name) && name !== "password"),
    [],
  );
  const shown = Object.entries(configSchemas()).filter(([name]) => !name.endsWith(".write"));
  JSON.stringify(shown, (name, value) => {
    assert.ok(!known.has(name), `${name} is shown`);
    return value;
  });
});

Deno.test("[AM24] who may not change webhooks sees where they go, not what lets one in there", async () => {
  const url = "https://hooks.acme.example:8443/services/T0/B1?token=secret#x";
  const webhook = {
    webhookId: "crm",
    url,
    secret: `whsec_${btoa("s".repeat(24))}`,
    events: ["chat.end"],
  };
  const bench = await AdminBench.start(staffedSite({ integrations: { webhooks: [webhook] } }));
  for (const path of ["", "/integrations"]) {
    for (const as of ["operator", "admin", "supervisor"]) {
      const text = JSON.stringify((await bench.call(as, "GET", path)).json);
      assert.ok(text.includes('"https://hooks.acme.example:8443'), as);
      assert.equal(text.includes(JSON.stringify(url)), as !== "supervisor", as);
      assert.equal(text.includes("token"), as !== "supervisor", as);
    }
  }
  const canned = { title: "T", text: "x", departmentId: "sales" };
  assert.equal((await bench.write("supervisor", "POST", "/canned-messages", canned)).status, 201);
  assert.equal((await bench.stored()).integrations.webhooks[0]?.url, url);
  bench.stop();
});
