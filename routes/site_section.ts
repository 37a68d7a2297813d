import { z } from "zod";
import type { Permission } from "../core/permission.ts";
import { siteConfigSchema } from "../core/site_config.ts";

const { shape } = siteConfigSchema;
/** A field of SiteConfig. */
export type SectionName = keyof typeof shape;

/** A list of the configuration; each of its items is a resource. */
export interface Collection {
  readonly type: "collection";
  /** As it stands in the URL, behind the site. */
  readonly path: string;
  readonly section: SectionName;
  /** What tells its items apart. */
  readonly key: string;
  /** Whether the server names an item that comes without a name. */
  readonly makesKey: boolean;
  readonly edit: Permission;
  /** Whether who may edit within departments only may edit items of those. */
  readonly byDepartment: boolean;
  /** Of an item. */
  readonly schema: z.ZodType;
}

/** A part of the configuration that is one resource. */
export interface Singleton {
  readonly type: "singleton";
  readonly path: string;
  readonly section: SectionName;
  readonly edit: Permission;
  readonly schema: z.ZodType;
}

/** A part of a site's configuration that is a resource of its own. */
export type SiteSection = Collection | Singleton;

/** Reading any of it. */
export const readPermission: Permission = "read_config";

const keyed = { makesKey: false, byDepartment: false };

/** The lists whose items are told apart by a key. */
export const collections: readonly Collection[] = ([
  { path: "agents", section: "agents", key: "agentId", edit: "edit_agents" },
  { path: "departments", section: "departments", key: "departmentId", edit: "edit_site" },
  { path: "campaigns", section: "campaigns", key: "campaignId", edit: "edit_site" },
  {
    path: "canned-messages",
    section: "cannedMessages",
    key: "cannedId",
    edit: "edit_canned",
    makesKey: true,
    byDepartment: true,
  },
  { path: "bans", section: "bans", key: "banId", edit: "edit_bans", makesKey: true },
] as const).map((row) => ({
  type: "collection",
  ...keyed,
  ...row,
  schema: itemSchema(row.section),
}));

/** What permissions a writer of the whole configuration must have. */
export const editPermissions: readonly Permission[] = [
  ...new Set<Permission>(["edit_site", ...collections.map(({ edit }) => edit)]),
];

/** Fields of the configuration that are plain values: they change with the whole of it. */
export function plainFields(): SectionName[] {
  return sectionNames().filter((name) => !isStructured(innerSchema(name)));
}

/**
 * Every other field that is an object or a list: /v1/sites/:siteId/routing, /allowed-domains. A new
 * field of the schema is a resource at once. [AM1]
 */
export const singletons: readonly Singleton[] = sectionNames()
  .filter((name) => !collections.some(({ section }) => section === name))
  .filter((name) => isStructured(innerSchema(name)))
  .map((section) => ({
    type: "singleton",
    path: section.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    section,
    edit: "edit_site",
    schema: innerSchema(section),
  }));

function sectionNames(): SectionName[] {
  // The keys of a schema's shape are the names of its fields.
  return Object.keys(shape) as SectionName[];
}

/** A field's schema without what makes it optional. */
function innerSchema(name: SectionName): z.ZodType {
  let schema: unknown = shape[name];
  while (
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional
  ) {
    schema = schema.unwrap();
  }
  if (schema instanceof z.ZodType) return schema;
  throw new Error(`No schema of the field ${name}`);
}

function itemSchema(name: SectionName): z.ZodType {
  const list = innerSchema(name);
  const item: unknown = list instanceof z.ZodArray ? list.element : undefined;
  if (item instanceof z.ZodType) return item;
  throw new Error(`${name} is no list`);
}

function isStructured(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject || schema instanceof z.ZodArray ||
    schema instanceof z.ZodUnion || schema instanceof z.ZodRecord;
}
