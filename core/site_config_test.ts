import assert from "node:assert/strict";
import { configFaultTable, contradictionTable } from "../tests/harness/config_fault_table.ts";
import { fullSite } from "../tests/harness/full_site.ts";
import { configFields, type JsonSchema } from "./config_fields.ts";
import { limits } from "./limits.ts";
import { siteConfigSchema, siteJsonSchema } from "./site_config.ts";

type Json = Record<string, unknown>;

/** What stands at a path of JSON. */
function at(json: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => (value as Json | undefined)?.[key], json); // lists too
}

/** A full site with another value at a path; undefined takes it out. */
function withValue(site: unknown, path: string, value: unknown): unknown {
  const changed = JSON.parse(JSON.stringify(site));
  const keys = path.split(".");
  const holder = at(changed, keys.slice(0, -1)) as Json; // the tables name fields that are there
  const last = keys.at(-1) ?? "";
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return changed;
}

/** A value of the table: JSON, x129 for a text, 101* for a list, - for nothing. */
function valueOf(cell: string, path: string): unknown {
  if (cell === "-") return undefined;
  if (/^x\d+$/.test(cell)) return "x".repeat(Number(cell.slice(1)));
  if (!/^\d+\*$/.test(cell)) return JSON.parse(cell);
  const [item] = at(fullSite, path.split(".")) as unknown[]; // such a cell stands for lists only
  return Array.from({ length: Number(cell.slice(0, -1)) }, () => item);
}

/** Where a configuration is refused first, and why. */
function faultOf(config: unknown): { readonly path: string; readonly message: string } | undefined {
  const issue = siteConfigSchema.safeParse(config).error?.issues[0];
  return issue && { path: issue.path.join("."), message: issue.message };
}

/** The field that a path of JSON leads to, as configFields names it. */
function fieldOf(
  [key, ...rest]: readonly string[],
  schema: JsonSchema = siteJsonSchema(),
  name = "",
): string {
  if (key === undefined) return name;
  const { items, additionalProperties } = schema;
  if (items !== undefined) return fieldOf(rest, items, `${name}[]`);
  if (typeof additionalProperties === "object") {
    return fieldOf(rest, additionalProperties, `${name}{}`);
  }
  const members = schema.oneOf ?? [schema];
  const field = members.map(({ properties }) => properties?.[key]).find((one) => one);
  return fieldOf(rest, field ?? {}, name === "" ? key : `${name}.${key}`);
}

Deno.test("[SC1] a site needs a name only: three chats an agent, load balancing, 10 + 5 minutes", () => {
  const agent = { agentId: "ana", name: "Ana", passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA" };
  const config = siteConfigSchema.parse({
    siteId: "acme",
    name: "Acme",
    agents: [agent],
    campaigns: [{ campaignId: "main", name: "Main" }],
  });
  assert.equal(config.agents[0]?.chatLimit, 3);
  assert.equal(config.routing.mode, "load_balancing");
  assert.deepEqual(config.inactivity, { warnAfterMs: 600_000, endAfterMs: 300_000 });
  assert.deepEqual(config.allowedDomains, []);
  assert.equal(config.campaigns[0]?.button.position, "bottom_right");
  assert.deepEqual(siteConfigSchema.parse(config), config);
});

Deno.test("[SC1] a site with every field given is taken, and an unknown field in any group refused", () => {
  assert.equal(faultOf(fullSite), undefined);
  const groups = configFields(siteJsonSchema()).filter(({ schema }) => schema.properties);
  for (const { path } of groups) {
    const place = path.replaceAll("[]", ".0");
    const group = at(fullSite, place.split(".")) as Json; // as fields name it
    const message = faultOf(withValue(fullSite, place, { ...group, hue: 1 }))?.message;
    assert.equal(message, 'Unrecognized key: "hue"', path);
  }
});

Deno.test("[SC1] each field of the configuration is refused where it is out of range", () => {
  for (const [path = "", cell = "", where = path] of configFaultTable) {
    const fault = faultOf(withValue(fullSite, path, valueOf(cell, path)));
    assert.equal(fault?.path, where, `${path} ${cell}: ${fault?.message}`);
  }
});

Deno.test("[SC1] no field of the configuration is left out of the table", () => {
  const named = new Set(configFaultTable.map(([path = ""]) => fieldOf(path.split("."))));
  const isList = ({ items, maxItems }: JsonSchema) => items !== undefined && maxItems !== undefined;
  const missing = configFields(siteJsonSchema())
    .filter(({ isLeaf, schema }) => isLeaf || isList(schema) || schema.propertyNames !== undefined)
    .map(({ path }) => path)
    .filter((path) => !named.has(path));
  assert.deepEqual(missing, []);
});

Deno.test("[SC2] what contradicts itself is refused with its path and the reason", () => {
  for (const [changes = "", expected = ""] of contradictionTable) {
    let config: unknown = fullSite;
    for (const [path, value] of Object.entries(JSON.parse(changes))) {
      config = withValue(config, path, value);
    }
    const fault = faultOf(config);
    const said = `${fault?.path}: ${fault?.message}`;
    assert.equal(said.slice(0, expected.length), expected, `${changes} ${said}`);
  }
});

Deno.test("[SC2] each cycle of backups is told once, and a chain into one is none", () => {
  const backups = { a: "b", b: "c", c: "b", d: "e", e: "d", f: "a" };
  const departments = Object.entries(backups).map(([departmentId, backupDepartmentId]) => ({
    departmentId,
    name: departmentId,
    backupDepartmentId,
  }));
  const parsed = siteConfigSchema.safeParse({ siteId: "acme", name: "Acme", departments });
  assert.deepEqual(parsed.error?.issues.map(({ path }) => path[1]), [1, 3]);
});

Deno.test("[SC2] a configuration over the byte limit is refused as a whole, one at it is not", () => {
  const canned = (length: number) => ({ cannedId: `c${length}`, title: "T", text: "t" });
  const siteOf = (text: string) => ({
    siteId: "acme",
    name: "Acme",
    cannedMessages: [
      ...Array.from({ length: 132 }, (_, n) => ({ ...canned(n), text: "\u8a9e".repeat(1_300) })),
      { ...canned(999), text },
    ],
  });
  const bytes = (config: unknown) => new TextEncoder().encode(JSON.stringify(config)).length;
  const parsed = siteConfigSchema.parse(siteOf("t"));
  const left = limits.configBytesMax - bytes(parsed);
  assert.ok(left > 0 && left < 4_000, `${left} bytes are left`);
  assert.equal(bytes(siteConfigSchema.parse(siteOf("t".repeat(left + 1)))), limits.configBytesMax);
  assert.deepEqual(faultOf(siteOf("t".repeat(left + 2))), {
    path: "",
    message: `the configuration has ${
      limits.configBytesMax + 1
    } bytes; at most ${limits.configBytesMax}`,
  });
});

Deno.test("[SC3] JSON Schema tells every field in a sentence, and which ones are secret", () => {
  const fields = configFields(siteJsonSchema());
  for (const { path, schema } of fields) {
    assert.match(schema.description ?? "", /^[A-Za-z`"].*[.-]$/s, `${path} has no sentence`);
  }
  const secrets = fields.filter(({ schema }) => schema.writeOnly === true).map(({ path }) => path);
  assert.deepEqual(secrets, [
    "agents[].passwordHash",
    "signIn.keys[]",
    "integrations.webhooks[].secret",
  ]);
  const limit = fields.find(({ path }) => path === "agents[].chatLimit")?.schema;
  assert.deepEqual([limit?.minimum, limit?.maximum, limit?.default], [1, 100, 3]);
});
