import { z } from "zod";
import type { ConfigResource } from "./config_acts.ts";
import { refTo, schemaName, withNeeded } from "./config_schema.ts";
import { jsonType, mergePatchType } from "./json_body.ts";
import type { Operation } from "./operation.ts";
import { pageQuerySchema } from "./page_query.ts";
import {
  type Collection,
  collections,
  editPermissions,
  readPermission,
  singletons,
  type SiteSection,
} from "./site_section.ts";

/** An operation and what it does to which resource. */
export type ConfigOperation =
  & { readonly operation: Operation }
  & (
    | { readonly act: "list" | "create"; readonly resource: Collection }
    | { readonly act: "read" | "replace" | "patch"; readonly resource: ConfigResource }
    | { readonly act: "delete"; readonly resource: SiteSection }
  );

const sitePath = "/v1/sites/:siteId";

/** The operations of every part of a site's configuration: a table over the parts. [AM1] */
export const configOperations: readonly ConfigOperation[] = [
  ...partOperations("site", sitePath),
  ...collections.flatMap((collection) => [
    listing(collection),
    creating(collection),
    ...partOperations(collection, `${sitePath}/${collection.path}/:${collection.key}`),
  ]),
  ...singletons.flatMap((section) => partOperations(section, `${sitePath}/${section.path}`)),
];

/** The page of a list, as the document has it. */
export function pageSchema(items: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    type: "object",
    properties: {
      items: { type: "array", items },
      next: { type: "string", description: "The cursor of the next page; absent on the last." },
    },
    required: ["items"],
  };
}

function nameOf(resource: ConfigResource): string {
  if (resource === "site") return "Site";
  const name = resource.path.replace(/(^|-)([a-z])/g, (_, _dash, letter) => letter.toUpperCase());
  return resource.type === "collection" ? name.replace(/s$/, "") : name;
}

function wordsOf(resource: ConfigResource): string {
  if (resource === "site") return "the whole configuration";
  const words = resource.path.replaceAll("-", " ");
  return resource.type === "collection" ? `one of the ${words}` : words;
}

function listing(collection: Collection): ConfigOperation {
  const operation: Operation = {
    method: "get",
    path: `${sitePath}/${collection.path}`,
    id: `list${nameOf(collection)}s`,
    tag: collection.path,
    summary: `The ${collection.path.replaceAll("-", " ")} of the site, page by page`,
    who: [readPermission],
    query: pageQuerySchema,
    answer: {
      status: 200,
      description: "A page of them",
      schema: () => pageSchema(refTo(schemaName(collection, "read"))),
      hasVersion: true,
    },
    refusals: [404],
  };
  return { resource: collection, act: "list", operation };
}

function creating(collection: Collection): ConfigOperation {
  const operation: Operation = {
    method: "post",
    path: `${sitePath}/${collection.path}`,
    id: `create${nameOf(collection)}`,
    tag: collection.path,
    summary: `One more of the ${collection.path.replaceAll("-", " ")}`,
    ...(collection.makesKey
      ? { description: `Without \`${collection.key}\` the server names it.` }
      : {}),
    ...writing(collection),
    body: {
      schema: () => {
        const name = schemaName(collection, "write");
        return collection.makesKey ? refTo(name) : withNeeded(name, collection.key);
      },
    },
    answer: {
      status: 201,
      description: "As it was written; Location says where it is",
      schema: () => refTo(schemaName(collection, "read")),
      hasVersion: true,
    },
    refusals: [404, 409],
  };
  return { resource: collection, act: "create", operation };
}

function partOperations(resource: ConfigResource, path: string): ConfigOperation[] {
  const read: Operation = {
    method: "get",
    path,
    id: `read${nameOf(resource)}`,
    tag: resource === "site" ? "sites" : resource.path,
    summary: `Read ${wordsOf(resource)}`,
    who: [readPermission],
    answer: answerOf(resource, "As it stands"),
    refusals: [404],
  };
  const operations: ConfigOperation[] = [
    { resource, act: "read", operation: read },
    { resource, act: "replace", operation: replacing(resource, path) },
    { resource, act: "patch", operation: patching(resource, path) },
  ];
  if (resource === "site") return operations;
  const remove: Operation = {
    method: "delete",
    path,
    id: `delete${nameOf(resource)}`,
    tag: resource.path,
    summary: resource.type === "collection"
      ? `Remove ${wordsOf(resource)}`
      : `Back to the default of ${wordsOf(resource)}`,
    ...writing(resource),
    answer: { status: 204, description: "Done", hasVersion: true },
    refusals: [404, 409],
  };
  return [...operations, { resource, act: "delete", operation: remove }];
}

function replacing(resource: ConfigResource, path: string): Operation {
  return {
    method: "put",
    path,
    id: `replace${nameOf(resource)}`,
    tag: resource === "site" ? "sites" : resource.path,
    summary: `Replace ${wordsOf(resource)}`,
    description: "What is left out has its default; secrets that are left out are kept.",
    ...writing(resource),
    body: { schema: () => refTo(schemaName(resource, "write")) },
    answer: answerOf(resource, "As it was written"),
    refusals: [404, 409],
  };
}

function patching(resource: ConfigResource, path: string): Operation {
  return {
    method: "patch",
    path,
    id: `patch${nameOf(resource)}`,
    tag: resource === "site" ? "sites" : resource.path,
    summary: `Change some of ${wordsOf(resource)}`,
    description: "A merge patch (RFC 7396): null takes a field away, a list is replaced.",
    ...writing(resource),
    body: { schema: z.record(z.string(), z.unknown()), types: [mergePatchType, jsonType] },
    answer: answerOf(resource, "As it was written"),
    refusals: [404, 409],
  };
}

function writing(resource: ConfigResource): Pick<Operation, "who" | "needs" | "ifMatch"> {
  const who = resource === "site" ? editPermissions : [resource.edit];
  return { who, needs: ["config-write"], ifMatch: true };
}

function answerOf(resource: ConfigResource, description: string): Operation["answer"] {
  return {
    status: 200,
    description,
    schema: () => refTo(schemaName(resource, "read")),
    hasVersion: true,
  };
}
