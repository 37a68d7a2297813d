import { type Context, Hono } from "hono";
import { z } from "zod";
import { validConfig } from "../cache/valid_config.ts";
import { type SiteId, siteIdSchema } from "../core/ids.ts";
import { hashesOf, withPasswords } from "./agent_password.ts";
import type { AppEnv } from "./app_deps.ts";
import type { ConfigDesk } from "./config_acts.ts";
import { pageSchema } from "./config_operations.ts";
import { configBodyLimit } from "./config_routes.ts";
import { jsonSchemaOf, refTo, schemaName, withNeeded } from "./config_schema.ts";
import { refusedSecrets } from "./config_secret.ts";
import {
  checkIfMatch,
  faultsOfIssues,
  faultyAsSent,
  notWritten,
  shownConfig,
} from "./config_write.ts";
import { faultsOf, faulty, readJson } from "./json_body.ts";
import { isObject } from "./merge_patch.ts";
import { type Operation, serve } from "./operation.ts";
import { requireOperator } from "./operator.ts";
import { cursorAt, pageQuerySchema, readQuery } from "./page_query.ts";
import { peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";

const createQuerySchema = z.strictObject({
  again: z.enum(["true", "false"], "true or false").optional().describe(
    "Whether an id of a removed site may be used.",
  ),
});

const siteRowSchema = z.object({ siteId: siteIdSchema, usedAt: z.int() });

const list: Operation = {
  method: "get",
  path: "/v1/sites",
  id: "listSites",
  tag: "sites",
  summary: "The sites, by name, with the day each was last used",
  who: "operator",
  query: pageQuerySchema,
  answer: {
    status: 200,
    description: "A page of them",
    schema: () => pageSchema(jsonSchemaOf(siteRowSchema, "output")),
  },
};

const create: Operation = {
  method: "post",
  path: "/v1/sites",
  id: "createSite",
  tag: "sites",
  summary: "A new site, as far configured as the body goes",
  description: "409 `site_id_used` when a site of this id was removed: its chats and its audit " +
    "log may still be there, and would be the new one's. `again=true` makes it all the same; " +
    "sessions of the removed one do not count for it.",
  who: "operator",
  needs: ["config-write"],
  query: createQuerySchema,
  body: { schema: () => withNeeded(schemaName("site", "write"), "siteId") },
  answer: {
    status: 201,
    description: "As it was written; Location says where it is",
    schema: () => refTo(schemaName("site", "read")),
    hasVersion: true,
  },
  refusals: [409],
};

const remove: Operation = {
  method: "delete",
  path: "/v1/sites/:siteId",
  id: "deleteSite",
  tag: "sites",
  summary: "Remove a site",
  who: "operator",
  needs: ["config-write"],
  ifMatch: true,
  answer: { status: 204, description: "Done" },
  refusals: [404],
};

/** The operations of sites as a whole. */
export const siteOperations: readonly Operation[] = [list, create, remove];

/** Sites come and go by the operator's hand alone. [AM1, AM2] */
export function siteRoutes(desk: ConfigDesk): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const operator = requireOperator(desk.deps);
  serve(app, desk.deps, list, operator, (c) => listSites(desk, c));
  serve(app, desk.deps, create, operator, configBodyLimit(), (c) => createSite(desk, c));
  serve(app, desk.deps, remove, operator, (c) => removeSite(desk, c));
  return app;
}

async function listSites({ deps }: ConfigDesk, c: Context<AppEnv>): Promise<Response> {
  const asked = readQuery(c, pageQuerySchema);
  if (asked instanceof Response) return asked;
  const { limit, cursor } = asked.query;
  const items: { readonly siteId: SiteId; readonly usedAt: number }[] = [];
  const after = cursor as SiteId | undefined; // a place in the order, whether it is a site or not
  for await (const row of deps.configs.store.sites(after)) {
    const last = items.at(-1);
    if (items.length === limit && last !== undefined) {
      return c.json({ items, next: cursorAt(last.siteId) });
    }
    items.push(row);
  }
  return c.json({ items });
}

async function createSite({ deps }: ConfigDesk, c: Context<AppEnv>): Promise<Response> {
  const asked = readQuery(c, createQuerySchema);
  if (asked instanceof Response) return asked;
  const body = await readJson(c);
  if (body instanceof Response) return body;
  const sent = body.json;
  if (!isObject(sent)) return faulty(c, [{ path: "", message: "an object" }]);
  const siteId = siteIdSchema.safeParse(sent["siteId"]);
  if (!siteId.success) {
    return faulty(c, faultsOf(siteId.error.issues).map((fault) => ({ ...fault, path: "siteId" })));
  }
  const ours = ["version", "madeAt"].filter((name) => Object.hasOwn(sent, name));
  if (ours.length > 0) {
    return faulty(c, ours.map((path) => ({ path, message: "is the server's own: leave it out" })));
  }
  if (await deps.configs.load(siteId.data) !== undefined) return exists(c, siteId.data);
  const removedAt = await deps.configs.store.removedAt(siteId.data);
  if (removedAt !== undefined && asked.query.again !== "true") return wasUsed(c, siteId.data);
  // Later than whatever is remembered of a site that had this name.
  const madeAt = Math.max(deps.clock.now(), (removedAt ?? 0) + 1);
  const plan = withPasswords(sent, undefined, { now: madeAt, hashes: new Map() });
  const made = validConfig(siteId.data, plan.config, 1);
  const faults = [
    ...refusedSecrets(sent),
    ...plan.faults,
    ..."issues" in made ? faultsOfIssues(made.issues) : [],
  ];
  if (faults.length > 0) return faultyAsSent(c, faults, []);
  const hashes = await hashesOf(plan.passwords);
  const { config } = withPasswords(sent, undefined, { now: madeAt, hashes });
  const result = await deps.configs.change({
    siteId: siteId.data,
    from: 0,
    by: "operator",
    what: "site.create",
    address: peerAddress(c.env),
    at: deps.clock.now(),
    edit: () => ({ ...config, madeAt }),
  });
  if (result.type === "conflict") return exists(c, siteId.data);
  if (result.type !== "written" || result.config === undefined) return notWritten(c, result, []);
  c.header("ETag", `"${result.version}"`);
  c.header("Location", `/v1/sites/${siteId.data}`);
  return c.json(shownConfig(result.config), 201);
}

async function removeSite({ deps }: ConfigDesk, c: Context<AppEnv>): Promise<Response> {
  const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
  const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
  if (config === undefined) return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
  const match = checkIfMatch(c, config.version);
  if (match instanceof Response) return match;
  const result = await deps.configs.change({
    siteId: config.siteId,
    ...(match === "same" ? { from: config.version } : {}),
    by: "operator",
    what: "site.delete",
    address: peerAddress(c.env),
    at: deps.clock.now(),
    edit: () => null,
  });
  return result.type === "written" ? c.body(null, 204) : notWritten(c, result, undefined);
}

function wasUsed(c: Context<AppEnv>, siteId: SiteId): Response {
  const detail = `siteId: a site "${siteId}" was removed, and its chats and audit log may still ` +
    "be there: choose another id, or add ?again=true to make it again with all of that";
  return problem(c, 409, "Used before", detail, { code: "site_id_used", field: "siteId" });
}

function exists(c: Context<AppEnv>, siteId: SiteId): Response {
  const detail = `siteId: "${siteId}" is there already`;
  return problem(c, 409, "Exists already", detail, { code: "exists", field: "siteId" });
}
