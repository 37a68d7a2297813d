import { z } from "zod";
import { siteConfigSchema } from "../core/site_config.ts";
import { passwordChars } from "../server/password.ts";
import { secrets } from "./config_secret.ts";
import { isObject } from "./merge_patch.ts";
import { collections, singletons } from "./site_section.ts";

/** A JSON schema of the OpenAPI document. */
export type SchemaJson = Readonly<Record<string, unknown>>;

/** A zod schema as what may be sent, or as what is answered. */
export function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): SchemaJson {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  // zod names the safe integers as bounds of each integer; a reader learns nothing from them.
  return JSON.parse(
    JSON.stringify(
      json,
      (_, value) => Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value,
    ),
  );
}

/** A reference to one of the document's schemas. */
export function refTo(name: string): SchemaJson {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of the document of which a field that may be left out elsewhere is needed. */
export function withNeeded(name: string, field: string): SchemaJson {
  return { allOf: [refTo(name), { type: "object", required: [field] }] };
}

/** The name of a section's schema in the document: "routing", "agents.item.write". */
export function schemaName(
  section: { readonly type: string; readonly section: string } | "site",
  side: "read" | "write",
): string {
  const name = section === "site"
    ? "site"
    : section.type === "collection"
    ? `${section.section}.item`
    : section.section;
  return side === "read" ? name : `${name}.write`;
}

/** The schemas of the whole configuration and of each of its parts, to be read and to be sent. */
export function configSchemas(): Readonly<Record<string, SchemaJson>> {
  const schemas: Record<string, SchemaJson> = {};
  for (const side of ["read", "write"] as const) {
    const whole = side === "read" ? readSchema() : writeSchema();
    let site: SchemaJson = whole;
    for (const section of [...collections, ...singletons]) {
      const name = schemaName(section, side);
      const path = ["properties", section.section];
      const steps = section.type === "collection" ? [...path, "items"] : path;
      const found = steps.reduce<unknown>(
        (value, step) => isObject(value) ? value[step] : undefined,
        whole,
      );
      schemas[name] = isObject(found) ? found : {};
      if (side === "read" || section.type !== "collection") site = put(site, steps, refTo(name));
      else site = put(site, steps, withNeeded(name, section.key));
    }
    schemas[schemaName("site", side)] = site;
  }
  return schemas;
}

function readSchema(): SchemaJson {
  const whole = jsonSchemaOf(siteConfigSchema, "output");
  return secrets.reduce((schema, { path }) => without(schema, path), whole);
}

function writeSchema(): SchemaJson {
  const whole = jsonSchemaOf(siteConfigSchema, "input");
  const sent = secrets.reduce(
    (schema, { path, refusal }) =>
      refusal === undefined ? optional(schema, path) : without(schema, path),
    whole,
  );
  // Where it stands in the path it may be left out; elsewhere withNeeded() says that it may not.
  const named = collections.reduce(
    (schema, { section, key }) => unrequired(schema, [section, "*", key]),
    unrequired(sent, ["siteId"]),
  );
  return put(named, ["properties", "agents", "items", "properties", "password"], {
    type: "string",
    minLength: passwordChars.min,
    maxLength: passwordChars.max,
    writeOnly: true,
    description: "Needed for a new agent; of another it ends the sessions.",
  });
}

/** The schema without a field. */
function without(schema: SchemaJson, path: readonly string[]): SchemaJson {
  return edited(schema, path, (owner, name) => {
    const { [name]: _, ...properties } = isObject(owner["properties"]) ? owner["properties"] : {};
    return { ...owner, properties };
  });
}

/** The schema with a field that is kept when it is left out, and never answered. */
function optional(schema: SchemaJson, path: readonly string[]): SchemaJson {
  return edited(schema, path, (owner, name) => {
    const properties = isObject(owner["properties"]) ? owner["properties"] : {};
    const field = { ...(isObject(properties[name]) ? properties[name] : {}), writeOnly: true };
    return { ...owner, properties: { ...properties, [name]: field } };
  });
}

/** The schema with a field that may be left out. */
function unrequired(schema: SchemaJson, path: readonly string[]): SchemaJson {
  return edited(schema, path, (owner) => owner);
}

function edited(
  schema: SchemaJson,
  [step = "", ...rest]: readonly string[],
  edit: (owner: SchemaJson, name: string) => SchemaJson,
): SchemaJson {
  const steps = step.startsWith("*") ? ["items"] : ["properties", step];
  if (rest.length > 0) {
    const inner = steps.reduce<unknown>((value, one) => isObject(value) ? value[one] : {}, schema);
    return put(schema, steps, edited(isObject(inner) ? inner : {}, rest, edit));
  }
  const owner = edit(schema, step);
  const required = Array.isArray(owner["required"])
    ? owner["required"].filter((name) => name !== step)
    : [];
  return { ...owner, required };
}

function put(
  schema: SchemaJson,
  [step, ...rest]: readonly string[],
  value: SchemaJson,
): SchemaJson {
  if (step === undefined) return value;
  const inner = schema[step];
  return { ...schema, [step]: put(isObject(inner) ? inner : {}, rest, value) };
}
