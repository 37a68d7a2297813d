import type { Handler, Hono } from "hono";
import type { z } from "zod";
import type { Permission } from "../core/permission.ts";
import type { PartName } from "../server/parts.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { needs } from "./needs.ts";

/** A JSON schema that is made when the document is. */
export type JsonSchema = () => Readonly<Record<string, unknown>>;

/** Who may call an operation. */
export type Who =
  /** No token is looked at. */
  | "anyone"
  /** A visitor about itself, or an agent of the site. */
  | "session"
  /** Agents of the site, each within its reach, and the operator. */
  | "staff"
  /** The agent itself, and who may edit_agents. */
  | "self"
  | "operator"
  /** The operator, and agents of the site with all of these permissions. */
  | readonly Permission[];

/** What an operation answers when it is done. */
export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly schema?: z.ZodType | JsonSchema;
  /** Whether the answer's ETag is the version of the site's configuration. */
  readonly hasVersion?: boolean;
}

/**
 * One operation of the API: what the OpenAPI document says of a route, and what its route is made
 * from. It stands beside the route; routes/operations.ts has all of them. [AM14]
 */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As routes have it: /v1/sites/:siteId. */
  readonly path: string;
  /** Its one name, in camelCase. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly who: Who;
  /** Parts without which it answers 503. */
  readonly needs?: readonly PartName[];
  /** Parameters behind the question mark: an object of strings. */
  readonly query?: z.ZodObject;
  readonly body?: {
    readonly schema: z.ZodType | JsonSchema;
    readonly types?: readonly string[];
    readonly optional?: boolean;
  };
  /** Whether it needs If-Match. */
  readonly ifMatch?: boolean;
  readonly answer: Answer;
  /** What it answers in another case that is no refusal. */
  readonly or?: Answer;
  /** Statuses of its refusals, besides those that its other properties bring along. */
  readonly refusals?: readonly number[];
}

/** Registers the operation's route; what it needs is looked at first. */
export function serve(
  app: Hono<AppEnv>,
  deps: AppDeps,
  { method, path, needs: names = [] }: Operation,
  ...handlers: readonly Handler<AppEnv>[]
): void {
  const first = names.length === 0 ? [] : [needs(deps, ...names)];
  app.on(method.toUpperCase(), [path], ...first, ...handlers);
}
