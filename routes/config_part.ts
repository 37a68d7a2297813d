import type { Json } from "./config_secret.ts";
import { isObject } from "./merge_patch.ts";
import type { Collection, SiteSection } from "./site_section.ts";

/** One resource within a configuration: where it stands, what it is, and how it is replaced. */
export interface ConfigPart {
  /** For the audit log: "agents zoe", "routing", "site". */
  readonly label: { readonly resource: string; readonly id?: string };
  readonly at: readonly (string | number)[];
  /** Undefined: it is not there. */
  readonly value: unknown;
  /** The configuration with another value in its place; undefined takes it away. */
  replaced(value: unknown): Json;
}

/** Items of a list of the configuration. */
export function itemsOf(config: Json, { section }: Collection): readonly unknown[] {
  const list = config[section];
  return Array.isArray(list) ? list : [];
}

/** What tells an item from the others. */
export function keyOf(item: unknown, { key }: Collection): string | undefined {
  const value = isObject(item) ? item[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The whole configuration as a resource. */
export function wholePart(config: Json): ConfigPart {
  return {
    label: { resource: "site" },
    at: [],
    value: config,
    replaced: (value) => isObject(value) ? value : {},
  };
}

/** A section of the configuration; of a collection, the item of this id. */
export function partOf(config: Json, section: SiteSection, id: string): ConfigPart {
  if (section.type === "collection") return itemPart(config, section, id);
  const name = section.section;
  return {
    label: { resource: section.path },
    at: [name],
    value: config[name],
    replaced(value) {
      const { [name]: _, ...others } = config;
      return value === undefined ? others : { ...others, [name]: value };
    },
  };
}

function itemPart(config: Json, collection: Collection, id: string): ConfigPart {
  const items = itemsOf(config, collection);
  const found = items.findIndex((item) => keyOf(item, collection) === id);
  const place = found < 0 ? items.length : found;
  return {
    label: { resource: collection.path, id },
    at: [collection.section, place],
    value: items[found],
    replaced(value) {
      const list = value === undefined
        ? items.toSpliced(place, 1)
        : items.toSpliced(place, 1, value);
      return { ...config, [collection.section]: list };
    },
  };
}

/** "agents.create zoe": what was done, for the audit log. */
export function deedOf(verb: string, { label }: ConfigPart): string {
  const { resource, id } = label;
  return id === undefined ? `${resource}.${verb}` : `${resource}.${verb} ${id}`;
}
