import type { Context } from "hono";
import { ulid } from "ulid";
import type { Permission } from "../core/permission.ts";
import type { LoginLock } from "../server/login_lock.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { forbidden, scopeOf } from "./caller.ts";
import { type ConfigPart, deedOf, itemsOf, keyOf, partOf, wholePart } from "./config_part.ts";
import { type Json, takenSecrets, withoutAccess } from "./config_secret.ts";
import {
  checkIfMatch,
  shownConfig,
  type WantedChange,
  writeConfig,
  type WrittenConfig,
} from "./config_write.ts";
import { faulty, jsonType, mergePatchType, readJson } from "./json_body.ts";
import { isObject, mergePatch } from "./merge_patch.ts";
import { cursorAt, lostCursor, pageQuerySchema, readQuery } from "./page_query.ts";
import { problem } from "./problem.ts";
import { type SiteAccess, siteAccess } from "./site_access.ts";
import {
  type Collection,
  editPermissions,
  readPermission,
  type SiteSection,
} from "./site_section.ts";

/** What the handlers of configurations stand on. */
export interface ConfigDesk {
  readonly deps: AppDeps;
  readonly logins: LoginLock;
}

/** A section, or the whole configuration. */
export type ConfigResource = SiteSection | "site";

/** What an act wants, seen from the configuration as answers show it; a Response refuses. */
type Want = (
  shown: Json,
  now: SiteAccess,
) => WantedChange & { readonly part: ConfigPart } | Response;

/** GET of one resource, with the configuration's version as its ETag. */
export async function readPart(
  { deps }: ConfigDesk,
  c: Context<AppEnv>,
  resource: ConfigResource,
): Promise<Response> {
  const access = await readAccess(deps, c);
  if (access instanceof Response) return access;
  const { value } = namedPart(shownTo(access), resource, c);
  if (value === undefined) return nothingHere(c);
  c.header("ETag", `"${access.config.version}"`);
  return c.json(value);
}

/** GET of a collection, page by page in the order of the configuration. [AM15] */
export async function listItems(
  { deps }: ConfigDesk,
  c: Context<AppEnv>,
  collection: Collection,
): Promise<Response> {
  const access = await readAccess(deps, c);
  if (access instanceof Response) return access;
  const asked = readQuery(c, pageQuerySchema);
  if (asked instanceof Response) return asked;
  const { limit, cursor } = asked.query;
  const items = itemsOf(shownTo(access), collection);
  const last = items.findIndex((item) => keyOf(item, collection) === cursor);
  if (cursor !== undefined && last < 0) return lostCursor(c);
  const page = items.slice(last + 1, last + 1 + limit);
  const key = keyOf(page.at(-1), collection);
  const isMore = last + 1 + limit < items.length && key !== undefined;
  c.header("ETag", `"${access.config.version}"`);
  return c.json({ items: page, ...(isMore ? { next: cursorAt(key) } : {}) });
}

/** POST to a collection: one more item. */
export async function createItem(
  desk: ConfigDesk,
  c: Context<AppEnv>,
  collection: Collection,
): Promise<Response> {
  const access = await writeAccess(desk.deps, c, collection);
  if (access instanceof Response) return access;
  const body = await readJson(c);
  if (body instanceof Response) return body;
  if (!isObject(body.json)) return faulty(c, [{ path: "", message: "an object" }]);
  const { makesKey, key, path } = collection;
  const item = makesKey ? { [key]: ulid(), ...body.json } : body.json;
  const id = keyOf(item, collection) ?? "";
  const written = await write(desk, c, { access, resource: collection }, (shown) => {
    const part = partOf(shown, collection, id);
    if (part.value !== undefined) {
      const detail = `${key}: "${id}" is there already`;
      return problem(c, 409, "Exists already", detail, { code: "exists", field: key });
    }
    return { part, next: part.replaced(item), at: part.at, what: deedOf("create", part) };
  });
  if (written instanceof Response) return written;
  c.header("Location", `/v1/sites/${access.config.siteId}/${path}/${encodeURIComponent(id)}`);
  return show(c, written, (shown) => partOf(shown, collection, id).value, 201);
}

/** PUT or PATCH of one resource. */
export async function replacePart(
  desk: ConfigDesk,
  c: Context<AppEnv>,
  resource: ConfigResource,
  verb: "replace" | "patch",
): Promise<Response> {
  const access = await writeAccess(desk.deps, c, resource);
  if (access instanceof Response) return access;
  const body = await readJson(c, verb === "patch" ? [mergePatchType, jsonType] : [jsonType]);
  if (body instanceof Response) return body;
  const written = await write(desk, c, { access, resource }, (shown, now) => {
    const part = namedPart(shown, resource, c);
    const isOptional = resource !== "site" && resource.type === "singleton";
    if (part.value === undefined && !isOptional) return nothingHere(c);
    const isPatch = verb === "patch";
    const value = isPatch ? mergePatch(part.value, body.json) : body.json;
    const named = withName(value, resource, part, now);
    if ("message" in named) return faulty(c, [named]);
    return {
      ...{ part, next: part.replaced(named.value), at: part.at, what: deedOf(verb, part) },
      faults: isPatch ? takenSecrets(part.replaced(body.json)) : [],
    };
  });
  if (written instanceof Response) return written;
  return show(c, written, (shown) => namedPart(shown, resource, c).value);
}

/** DELETE of an item, or of a section, which then stands as its default. */
export async function removePart(
  desk: ConfigDesk,
  c: Context<AppEnv>,
  section: SiteSection,
): Promise<Response> {
  const access = await writeAccess(desk.deps, c, section);
  if (access instanceof Response) return access;
  const written = await write(desk, c, { access, resource: section }, (shown) => {
    const part = namedPart(shown, section, c);
    if (part.value === undefined) return nothingHere(c);
    return { part, next: part.replaced(undefined), what: deedOf("delete", part) };
  });
  if (written instanceof Response) return written;
  c.header("ETag", `"${written.version}"`);
  return c.body(null, 204);
}

/** Computes and writes, on top of the version that If-Match asks for. */
async function write(
  desk: ConfigDesk,
  c: Context<AppEnv>,
  { access, resource }: { readonly access: SiteAccess; readonly resource: ConfigResource },
  want: Want,
): Promise<WrittenConfig | Response> {
  const { version } = access.config;
  const match = checkIfMatch(c, version);
  if (match instanceof Response) return match;
  return await writeConfig(desk, c, {
    access,
    from: match === "any" ? undefined : version,
    want(now) {
      const refused = notAllowed(c, now, resource);
      if (refused !== undefined) return refused;
      const wanted = want(shownConfig(now.config), now);
      if (wanted instanceof Response) return wanted;
      return outOfScope(c, now, resource, wanted) ?? wanted;
    },
  });
}

/** What this caller is shown of the configuration. */
function shownTo({ config, caller }: SiteAccess): Json {
  const shown = shownConfig(config);
  return scopeOf(caller, "edit_site") === "none" ? withoutAccess(shown) : shown;
}

async function readAccess(deps: AppDeps, c: Context<AppEnv>): Promise<SiteAccess | Response> {
  const access = await siteAccess(deps, c);
  if (access instanceof Response) return access;
  if (scopeOf(access.caller, readPermission) !== "none") return access;
  return forbidden(c, `Your role may not ${readPermission}`);
}

async function writeAccess(
  deps: AppDeps,
  c: Context<AppEnv>,
  resource: ConfigResource,
): Promise<SiteAccess | Response> {
  const access = await siteAccess(deps, c);
  if (access instanceof Response) return access;
  return notAllowed(c, access, resource) ?? access;
}

function notAllowed(
  c: Context<AppEnv>,
  { caller }: SiteAccess,
  resource: ConfigResource,
): Response | undefined {
  const missing = permissionsOf(resource).find((one) => scopeOf(caller, one) === "none");
  return missing === undefined ? undefined : forbidden(c, `Your role may not ${missing}`);
}

/** What a writer of the resource must be allowed to. */
export function permissionsOf(resource: ConfigResource): readonly Permission[] {
  return resource === "site" ? editPermissions : [resource.edit];
}

/** Who may edit within its departments only may do it to items of those, before and after. [AM2] */
function outOfScope(
  c: Context<AppEnv>,
  { caller }: SiteAccess,
  resource: ConfigResource,
  { part, next, at }: WantedChange & { readonly part: ConfigPart },
): Response | undefined {
  if (caller.type === "operator") return undefined;
  const reach = permissionsOf(resource).map((permission) => scopeOf(caller, permission));
  if (!reach.includes("departments")) return undefined;
  const { departmentIds } = caller.agent;
  const isOwn = (item: unknown) =>
    departmentIds.some((id) => isObject(item) && item["departmentId"] === id);
  const after = at?.reduce<unknown>((value, step) => stepInto(value, step), next);
  if ([part.value, after].every((item) => item === undefined || isOwn(item))) return undefined;
  const detail = "departmentId: yours must be among its departments, before and after";
  return forbidden(c, detail, "other_department");
}

function stepInto(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

function namedPart(shown: Json, resource: ConfigResource, c: Context<AppEnv>): ConfigPart {
  if (resource === "site") return wholePart(shown);
  const id = resource.type === "collection" ? c.req.param(resource.key) : undefined;
  return partOf(shown, resource, id ?? "");
}

/**
 * What was sent with the name that its path has: it may say the same, and the version that was
 * read, but nothing else.
 */
function withName(
  value: unknown,
  resource: ConfigResource,
  part: ConfigPart,
  { config }: SiteAccess,
): { readonly value: unknown } | { readonly path: string; readonly message: string } {
  if (resource !== "site" && resource.type === "singleton") return { value };
  if (!isObject(value)) return { path: "", message: "an object" };
  const fixed: Json = resource === "site"
    ? { siteId: config.siteId, version: config.version, madeAt: config.madeAt }
    : { [resource.key]: part.label.id };
  for (const [name, must] of Object.entries(fixed)) {
    if (Object.hasOwn(value, name) && value[name] !== must) {
      return {
        path: name,
        message: `stays as it is: leave it out, or send ${JSON.stringify(must)}`,
      };
    }
  }
  return { value: { ...value, ...fixed } };
}

function show(
  c: Context<AppEnv>,
  { config, version }: WrittenConfig,
  pick: (shown: Json) => unknown,
  status: 200 | 201 = 200,
): Response {
  c.header("ETag", `"${version}"`);
  return c.json(pick(shownConfig(config)) ?? null, status);
}

function nothingHere(c: Context<AppEnv>): Response {
  return problem(c, 404, "Not found", `There is nothing at "${c.req.path}"`, { code: "unknown" });
}
