import { z } from "zod";
import { closeCodes, reconnects } from "../../core/close_code.ts";
import { limits } from "../../core/limits.ts";
import { protocolVersion } from "../../core/protocol.ts";
import { refusalCodes } from "../../core/refusal.ts";
import type { RuntimeSchemas } from "./runtime_schemas.ts";
import {
  type Field,
  firstSentence,
  type Frame,
  type Protocol,
  type WireType,
} from "./wire_type.ts";

type Json = Record<string, unknown>;

/** docs/asyncapi.json: an AsyncAPI 3.0 document from the server's point of view. */
export function asyncApi(protocol: Protocol, schemas: RuntimeSchemas): string {
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "chatnode",
      version: `${protocolVersion}.0.0`,
      description:
        "Live chat between the visitors of a site and its agents. PROTOCOL.md tells the " +
        "flow, and that one message of the server holds one or several frames, each on a line.",
    },
    defaultContentType: "application/json",
    servers: { local: { host: "localhost:8080", protocol: "ws" } },
    channels: { visitor: channel(protocol, "visitor"), agent: channel(protocol, "agent") },
    operations: {
      ...operations(protocol, "visitor"),
      ...operations(protocol, "agent"),
    },
    components: {
      messages: Object.fromEntries([
        ...protocol.clientFrames.map((frame) => message(frame, "client", schemas)),
        ...protocol.serverFrames.map((frame) => message(frame, "server", schemas)),
      ]),
      schemas: componentSchemas(protocol, schemas),
    },
    "x-close-codes": Object.entries(closeCodes).map(([name, { code, why }]) => ({
      code,
      name,
      reconnect: reconnects(code),
      why,
    })),
    "x-refusal-codes": refusalCodes,
    "x-limits": limits,
  };
  return JSON.stringify(document, null, 2) + "\n";
}

function keysOf(protocol: Protocol, side: "visitor" | "agent", sender: "client" | "server") {
  if (sender === "server") return protocol.serverFrames.map(({ type }) => `server.${type}`);
  return protocol.clientFrames.filter(({ from }) => from.includes(side)).map(({ type }) =>
    `client.${type}`
  );
}

function channel(protocol: Protocol, side: "visitor" | "agent"): Json {
  const keys = [...keysOf(protocol, side, "client"), ...keysOf(protocol, side, "server")];
  return {
    address: `/v1/sites/{siteId}/${side}`,
    description: `The WebSocket of ${side === "visitor" ? "a visitor" : "an agent"}.`,
    parameters: { siteId: { description: "The site's name: 1 to 64 of a-z 0-9 _ -" } },
    messages: Object.fromEntries(
      keys.map((key) => [key, { $ref: `#/components/messages/${key}` }]),
    ),
    bindings: { ws: { method: "GET" } },
  };
}

function operations(protocol: Protocol, side: "visitor" | "agent"): Json {
  const one = (action: "receive" | "send", sender: "client" | "server") => ({
    action,
    channel: { $ref: `#/channels/${side}` },
    messages: keysOf(protocol, side, sender).map((key) => ({
      $ref: `#/channels/${side}/messages/${key}`,
    })),
  });
  const name = side === "visitor" ? "Visitor" : "Agent";
  return { [`from${name}`]: one("receive", "client"), [`to${name}`]: one("send", "server") };
}

function message(
  frame: Frame,
  sender: "client" | "server",
  schemas: RuntimeSchemas,
): [string, Json] {
  const schema = jsonSchemaOf(schemas.frame(frame.type, sender));
  const typeField: Field = {
    name: "type",
    doc: "",
    optional: false,
    type: { type: "literal", value: frame.type, notes: [] },
  };
  const fields = [typeField, ...frame.fields];
  const payload = decorated(schema, { type: "object", fields, notes: [] });
  const summary = firstSentence(frame.doc);
  return [`${sender}.${frame.type}`, {
    name: frame.type,
    summary,
    ...(summary === frame.doc ? {} : { description: frame.doc }),
    payload,
  }];
}

function componentSchemas(protocol: Protocol, schemas: RuntimeSchemas): Json {
  const named = protocol.namedTypes.map(({ name, doc, type }) => {
    const schema = decorated(jsonSchemaOf(schemas.named(name)), type);
    return [name, described(schema, [doc, ...type.notes])];
  });
  const codes = { type: "string", enum: Object.keys(refusalCodes), description: "Why refused." };
  return { ...Object.fromEntries(named), RefusalCode: codes };
}

function jsonSchemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return withoutIntegerBounds(json);
}

/** zod names the safe integers as bounds of each integer; a reader learns nothing from them. */
function withoutIntegerBounds(json: Json): Json {
  return JSON.parse(
    JSON.stringify(
      json,
      (_, value) => Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value,
    ),
  );
}

/** Puts descriptions and references to named types into what zod made of the schema. */
function decorated(schema: Json, type: WireType): Json {
  switch (type.type) {
    case "named":
      return { $ref: `#/components/schemas/${type.name}` };
    case "object": {
      const properties = jsonAt(schema, "properties");
      const fields = type.fields.map((field) => {
        const inner = decorated(jsonAt(properties, field.name), field.type);
        return [
          field.name,
          field.name === "type" ? inner : described(inner, [
            field.doc.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1"),
            ...field.type.notes,
          ]),
        ];
      });
      return { ...schema, properties: Object.fromEntries(fields) };
    }
    case "array":
      return { ...schema, items: decorated(jsonAt(schema, "items"), type.of) };
    case "record":
      return {
        ...schema,
        propertyNames: decorated(jsonAt(schema, "propertyNames"), type.key),
        additionalProperties: decorated(jsonAt(schema, "additionalProperties"), type.value),
      };
    case "union": {
      const key = "oneOf" in schema ? "oneOf" : "anyOf";
      const members = schema[key];
      if (!Array.isArray(members)) throw new Error(`No ${key} in ${JSON.stringify(schema)}`);
      return { ...schema, [key]: type.members.map((one, place) => decorated(members[place], one)) };
    }
    default:
      return schema;
  }
}

function described(schema: Json, texts: readonly string[]): Json {
  const description = texts.filter((text) => text !== "").join(" ");
  if (description === "") return schema;
  // Beside a $ref other keywords are ignored.
  return "$ref" in schema ? { description, allOf: [schema] } : { description, ...schema };
}

function jsonAt(schema: Json, key: string): Json {
  const value = schema[key];
  if (typeof value !== "object" || value === null) {
    throw new Error(`zod made no "${key}" of ${JSON.stringify(schema)}`);
  }
  return Object.fromEntries(Object.entries(value));
}
