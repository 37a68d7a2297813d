import type { Field, WireType } from "./wire_type.ts";

/** A table of fields; those of objects within stand below them, with their path. */
export function fieldTable(fields: readonly Field[]): string {
  const rows = fields.flatMap((field) => fieldRows(field, ""));
  if (rows.length === 0) return "No further fields.";
  return ["| Field | Type | Meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function fieldRows(field: Field, prefix: string): string[] {
  const path = prefix + field.name;
  const type = field.optional ? `${form(field.type)}, optional` : form(field.type);
  return [
    `| \`${path}\` | ${type} | ${field.doc} |`,
    ...innerFields(field.type).flatMap(({ inner, below }) => fieldRows(inner, path + below)),
  ];
}

function innerFields(type: WireType): { inner: Field; below: string }[] {
  if (type.type === "object") return type.fields.map((inner) => ({ inner, below: "." }));
  if (type.type !== "array") return [];
  return innerFields(type.of).map(({ inner, below }) => ({ inner, below: `[]${below}` }));
}

/** A type in words, with links to the types that have a section. */
export function form(type: WireType): string {
  return [baseForm(type), ...type.notes.map(escapeTags)].join(", ");
}

function baseForm(type: WireType): string {
  switch (type.type) {
    case "string":
      return `string${range(type, "character")}`;
    case "integer":
      return `integer${range(type)}`;
    case "boolean":
      return "boolean";
    case "literal":
      return `\`"${type.value}"\``;
    case "enum":
      return type.values.map((value) => `\`"${value}"\``).join(" or ");
    case "array":
      return `array of ${form(type.of)}${range(type, "item")}`;
    case "record":
      return `map from ${form(type.key)} to ${form(type.value)}`;
    case "object":
      return "object";
    case "union":
      return type.members.map(form).join(" or ");
    case "named":
      return `[${type.name}](#${type.name.toLowerCase()})`;
    default:
      throw new Error(`No words for ${JSON.stringify(type satisfies never)}`);
  }
}

/** `<tenure>` is no HTML. */
export function escapeTags(text: string): string {
  return text.replaceAll("<", "&lt;");
}

function range({ min, max }: { min?: number; max?: number }, unit?: string): string {
  const number = (value: number) => value.toLocaleString("en");
  const counted = (value: number) =>
    unit === undefined ? number(value) : `${number(value)} ${unit}${value === 1 ? "" : "s"}`;
  if (min !== undefined && max !== undefined) return `, ${number(min)} to ${counted(max)}`;
  if (max !== undefined) return `, at most ${counted(max)}`;
  return min === undefined ? "" : `, at least ${counted(min)}`;
}
