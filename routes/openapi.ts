import { Hono } from "hono";
import { z } from "zod";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  departmentIdSchema,
  siteIdSchema,
  visitorIdSchema,
} from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { configSchemas, jsonSchemaOf, refTo, type SchemaJson } from "./config_schema.ts";
import { logNames } from "./history_logs.ts";
import { jsonType } from "./json_body.ts";
import { type Answer, type JsonSchema, type Operation, serve, type Who } from "./operation.ts";

const read: Operation = {
  method: "get",
  path: "/v1/openapi.json",
  id: "readOpenApi",
  tag: "api",
  summary: "This document",
  who: "anyone",
  answer: {
    status: 200,
    description: "An OpenAPI 3.1 document",
    schema: () => ({ type: "object" }),
  },
};

/** The operation that tells of the others. */
export const openApiOperations: readonly Operation[] = [read];

/** GET /v1/openapi.json: the document, made at the first request. */
export function openApiRoutes(deps: AppDeps, operations: readonly Operation[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  let text: string | undefined;
  serve(app, deps, read, (c) => {
    text ??= openApi(operations);
    return c.body(text, 200, { "content-type": jsonType });
  });
  return app;
}

/** An OpenAPI 3.1 document of these operations. [AM14] */
export function openApi(operations: readonly Operation[]): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [operation.method]: describe(operation) };
  }
  const document = {
    openapi: "3.1.0",
    info: {
      title: "chatnode",
      version: "1.0.0",
      description: "Sites, their configuration, agents and what they may read. How to use it: " +
        "API.md. The WebSockets: PROTOCOL.md.",
    },
    servers: [{ url: "http://localhost:8080" }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The operator's key, or a session token of an agent or a visitor.",
        },
      },
      headers: {
        ETag: {
          description: "The version of the site's configuration, for If-Match.",
          schema: { type: "string", examples: ['"7"'] },
        },
      },
      parameters: commonParameters(operations),
      responses: Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [status, {
          description,
          content: { "application/problem+json": { schema: refTo("problem") } },
        }]),
      ),
      schemas: { problem: jsonSchemaOf(problemSchema, "output"), ...configSchemas() },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Open: a code may bring more of its own along. */
const problemSchema = z.looseObject({
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().describe("What is wrong, for programs."),
  field: z.string().optional().describe("Which parameter, header or field is wrong."),
  version: z.int().optional().describe("Of a 412: the version that stands there now."),
  errors: z.array(z.object({
    path: z.string().describe("From what was sent, as in fields.0.label."),
    message: z.string().describe("What is allowed there."),
    of: z.literal("site").optional().describe("The path is one of the whole configuration."),
  })).optional(),
  more: z.int().optional().describe("Of a 422: how many faults there are besides."),
  part: z.string().optional().describe("Of a 503: what is away."),
  since: z.iso.datetime().optional().describe("Of a 503: since when."),
});

/** Why each status is answered. */
const statuses: Readonly<Record<number, string>> = {
  400: "The request cannot be read; the problem names what.",
  401: "No token, or one that lets nobody in: bad_token, token_expired, session_revoked.",
  403: "Not allowed to this caller.",
  404: "There is no such thing.",
  409: "It exists already, its name was used before, the site would be left without an admin, or " +
    "a chat runs.",
  412: "Changed by somebody else; the problem says what the version is now.",
  413: "The body is too big.",
  415: "Another content type.",
  422: "What was sent has faults; the problem lists them in `errors`.",
  428: "If-Match is missing.",
  429: "Too many attempts; Retry-After says how long to wait.",
  503: "Something that this needs is away; the problem says what, why and since when.",
};

function describe(operation: Operation): SchemaJson {
  const { id, tag, summary, description, who, body, answer, or } = operation;
  const answers = [answer, ...(or === undefined ? [] : [or])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, whoMay(who)].filter((text) => text !== undefined).join(" "),
    security: who === "anyone" ? [] : [{ bearer: [] }],
    parameters: parametersOf(operation),
    ...(body === undefined ? {} : {
      requestBody: {
        required: body.optional !== true,
        content: contentOf(body.schema, "input", body.types ?? [jsonType]),
      },
    }),
    responses: {
      ...Object.fromEntries(answers.map((one) => [one.status, answered(one)])),
      ...Object.fromEntries(
        refusalsOf(operation).map((status) => [status, {
          description: statuses[status] ?? "Refused.",
          content: { "application/problem+json": { schema: refTo("problem") } },
        }]),
      ),
    },
  };
}

function whoMay(who: Who): string {
  switch (who) {
    case "anyone":
      return "Anybody may.";
    case "session":
      return "A visitor may about itself, and agents of the site.";
    case "staff":
      return "Agents of the site may, each within its reach, and the operator.";
    case "self":
      return "The agent itself may, agents who may edit_agents, and the operator.";
    case "operator":
      return "The operator may.";
    default:
      return `Agents who may ${who.join(", ")} may, and the operator.`;
  }
}

function refusalsOf({ who, needs, body, query, ifMatch, refusals = [] }: Operation): number[] {
  const all = new Set(refusals);
  if (who !== "anyone") all.add(401);
  if (who !== "anyone" && who !== "operator") all.add(403);
  if (needs !== undefined) all.add(503);
  if (body !== undefined) [400, 413].forEach((status) => all.add(status));
  if (body !== undefined && who !== "anyone") [415, 422].forEach((status) => all.add(status));
  if (query !== undefined) all.add(400);
  if (ifMatch === true) [400, 412, 422, 428].forEach((status) => all.add(status));
  return [...all].sort((a, b) => a - b);
}

/** What is known of names in paths. */
const names: Readonly<Record<string, z.ZodType>> = {
  siteId: siteIdSchema,
  agentId: agentIdSchema,
  departmentId: departmentIdSchema,
  campaignId: campaignIdSchema,
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  log: z.enum(logNames),
};

function parametersOf({ path, query, ifMatch }: Operation): SchemaJson[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => parameterRef(name ?? ""));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    // The shape of an object's schema holds schemas.
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: jsonSchemaOf(schema as z.ZodType, "input"), // as above
  }));
  return [...inPath, ...inQuery, ...(ifMatch === true ? [parameterRef("If-Match")] : [])];
}

function parameterRef(name: string): SchemaJson {
  return { $ref: `#/components/parameters/${name}` };
}

/** The parameters that several operations have. */
function commonParameters(operations: readonly Operation[]): SchemaJson {
  const inPaths = new Set(
    operations.flatMap(({ path }) => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? "")),
  );
  const parameters = [...inPaths].map((name) => [name, {
    name,
    in: "path",
    required: true,
    schema: jsonSchemaOf(names[name] ?? z.string().min(1).max(64), "input"),
  }]);
  const ifMatch = {
    name: "If-Match",
    in: "header",
    required: true,
    description: "The ETag that was read, or * for whatever stands there.",
    schema: { type: "string", examples: ['"7"', "*"] },
  };
  return Object.fromEntries([...parameters, ["If-Match", ifMatch]]);
}

function answered({ description, schema, hasVersion }: Answer): SchemaJson {
  return {
    description,
    ...(hasVersion === true ? { headers: { ETag: { $ref: "#/components/headers/ETag" } } } : {}),
    ...(schema === undefined ? {} : { content: contentOf(schema, "output", [jsonType]) }),
  };
}

function contentOf(
  schema: z.ZodType | JsonSchema,
  io: "input" | "output",
  types: readonly string[],
): SchemaJson {
  const json = schema instanceof z.ZodType ? jsonSchemaOf(schema, io) : schema();
  return Object.fromEntries(types.map((type) => [type, { schema: json }]));
}
