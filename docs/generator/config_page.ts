import { visitorTexts } from "../../core/visitor_text.ts";
import type { ConfigField, JsonSchema } from "../../core/config_fields.ts";

/** docs/CONFIGURATION.md: the introduction as written, then a table of the fields of each group. */
export function configPage(introduction: string, fields: readonly ConfigField[]): string {
  return [
    "<!-- Written by docs/generate.ts from core/ and configuration_introduction.md. Do not edit. -->\n",
    introduction.trim(),
    "## Site",
    table(fields.filter(({ path }) => !isInner(path))),
    ...fields.filter((field) => !field.isLeaf && isChapter(field)).map((field) =>
      chapter(field, fields)
    ),
    textTable(),
  ].join("\n\n") + "\n";
}

const isInner = (path: string) => /[.[{]/.test(path);

/** Groups of the first level have a chapter, and those things that campaigns are made of. */
function isChapter({ path, schema }: ConfigField): boolean {
  if (schema.properties === undefined) return path === "texts";
  const depth = path.split(".").length;
  return depth === 1 || (path.startsWith("campaigns[].") && depth === 2) ||
    /^campaigns\[\]\.invitations\[\]$|^integrations\.[a-z]+(\[\])?$/.test(path);
}

function chapter(group: ConfigField, fields: readonly ConfigField[]): string {
  const prefix = group.path === "texts" ? "texts" : `${group.path}.`;
  const chapters = fields.filter((field) => !field.isLeaf && isChapter(field));
  const own = fields.filter(({ path }) =>
    path !== group.path && path.startsWith(prefix) &&
    !chapters.some((other) =>
      other.path.length > group.path.length && other.path.startsWith(prefix) &&
      path.startsWith(`${other.path}.`)
    )
  );
  return `## ${group.path}\n\n${group.schema.description ?? ""}\n\n${table(own)}`;
}

function table(fields: readonly ConfigField[]): string {
  const rows = fields.map((field) => {
    const cells = [
      `\`${field.path}\``,
      typeOf(field.schema),
      defaultOf(field),
      field.schema.description ?? "",
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| Field | Type | Default | What it is |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function defaultOf({ schema, isRequired }: ConfigField): string {
  if (isRequired) return "required";
  if (schema.default === undefined) return "";
  return `\`${JSON.stringify(schema.default)}\``;
}

/** The texts that a configuration may replace, by key. */
function textTable(): string {
  const rows = Object.entries(visitorTexts).map(([key, text]) => `| \`${key}\` | ${text} |`);
  return ["## Keys of texts", "| Key | Our text |\n| --- | --- |\n" + rows.join("\n")].join("\n\n");
}

/** The type of a field and its range. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(", ");
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.oneOf !== undefined || schema.properties !== undefined) return "group";
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  switch (schema.type) {
    case "integer":
      return `integer${range(minimum, maximum, "")}`;
    case "array":
      return `list${range(minItems, maxItems, "")}`;
    case "object":
      return "map";
    case "string": {
      const { format, pattern } = schema;
      const kind = format === undefined || format === "regex" ? "string" : kinds[format] ?? format;
      const shape = format === undefined && pattern !== undefined ? `, \`${pattern}\`` : "";
      return `${kind}${range(minLength, maxLength, " characters")}${shape}`;
    }
    default:
      return schema.type ?? "";
  }
}

const kinds: Readonly<Record<string, string>> = {
  uri: "URL",
  email: "e-mail address",
  date: "date",
};

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined && max === undefined) return "";
  if (min === undefined) return `, up to ${max}${unit}`;
  if (max === undefined || max === Number.MAX_SAFE_INTEGER) return `, from ${min}${unit}`;
  return `, ${min} to ${max}${unit}`;
}
