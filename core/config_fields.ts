/** The part of JSON Schema that zod makes of our configuration. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly allOf?: readonly JsonSchema[];
  readonly writeOnly?: boolean;
}

/** A field, list or group of the configuration. Lists have [] behind their name, maps {}. */
export interface ConfigField {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** Whether it holds no other fields. */
  readonly isLeaf: boolean;
}

/** Every field of a schema from the top down, each group and list before what is in it. */
export function configFields(schema: JsonSchema): ConfigField[] {
  return fieldsOf(schema, { path: "", isRequired: true });
}

interface Place {
  readonly path: string;
  readonly isRequired: boolean;
}

function fieldsOf(schema: JsonSchema, { path, isRequired }: Place): ConfigField[] {
  const inside = innerFields(schema, path);
  if (path === "") return inside;
  return [{ path, schema, isRequired, isLeaf: inside.length === 0 }, ...inside];
}

function innerFields(schema: JsonSchema, path: string): ConfigField[] {
  const { properties, items, additionalProperties, oneOf } = schema;
  if (oneOf !== undefined) return onlyOnce(oneOf.flatMap((member) => innerFields(member, path)));
  if (items !== undefined) return fieldsOf(items, { path: `${path}[]`, isRequired: false });
  if (typeof additionalProperties === "object") {
    return fieldsOf(additionalProperties, { path: `${path}{}`, isRequired: false });
  }
  return Object.entries(properties ?? {}).flatMap(([name, field]) =>
    fieldsOf(field, {
      path: path === "" ? name : `${path}.${name}`,
      isRequired: schema.required?.includes(name) === true,
    })
  );
}

/** The members of a union share the field that tells them apart: its values become a list. */
function onlyOnce(fields: readonly ConfigField[]): ConfigField[] {
  const byPath = new Map<string, ConfigField>();
  for (const field of fields) {
    const known = byPath.get(field.path);
    const values = [...valuesOf(known?.schema), ...valuesOf(field.schema)];
    const description = [known?.schema.description, field.schema.description].join(" ").trim();
    const schema = { type: "string", enum: values, description };
    byPath.set(field.path, known === undefined ? field : { ...field, schema });
  }
  return [...byPath.values()];
}

function valuesOf(schema: JsonSchema | undefined): readonly string[] {
  return schema?.enum ?? (schema?.const === undefined ? [] : [schema.const]);
}
