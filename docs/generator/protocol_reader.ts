import ts from "typescript";
import { limits } from "../../core/limits.ts";
import { refusalCodes } from "../../core/refusal.ts";
import { cannotRead, docBefore, readDeclarations, withoutCast } from "./declarations.ts";
import { withInnerMeanings, withMeanings } from "./field_meanings.ts";
import { SchemaReader, typeNameOf } from "./schema_reader.ts";
import type { Frame, Limit, NamedType, Protocol } from "./wire_type.ts";

/** The files that hold wire schemas, in the order in which their types are shown. */
const schemaPaths = [
  "ids",
  "cursor",
  "entry",
  "ban",
  "views",
  "client_frames",
  "visitor_frames",
  "agent_frames",
  "server_frames",
  "protocol",
].map((name) => `core/${name}.ts`);
const limitsPath = "core/limits.ts";

/** Unions of frames; they are chapters, not types. */
const frameUnions = {
  visitor: "visitorFrameSchema",
  agent: "agentFrameSchema",
  server: "serverFrameSchema",
};

/** Reads the protocol from the source text of core/ under `root`. */
export async function readProtocol(root: string): Promise<Protocol> {
  const read = (path: string) => Deno.readTextFile(`${root}/${path}`);
  const texts = await Promise.all(schemaPaths.map(async (path) => [path, await read(path)]));
  const declarations = readDeclarations(Object.fromEntries(texts));
  const reader = new SchemaReader(declarations, { limits, refusalCodes });
  const frames = {
    visitor: framesOf(reader, "visitor"),
    agent: framesOf(reader, "agent"),
    server: framesOf(reader, "server"),
  };
  const frameNames = new Set(Object.values(frames).flatMap((map) => [...map.keys()]));
  const namedTypes: NamedType[] = declarations
    .filter(({ name, exported }) =>
      exported && name.endsWith("Schema") && !frameNames.has(name) &&
      !Object.values(frameUnions).includes(name)
    )
    .map(({ name, doc, value }) => {
      const typeName = typeNameOf(name);
      return { name: typeName, doc, type: withInnerMeanings(reader.read(value), typeName) };
    });
  const used = usedTypes(
    [...Object.values(frames).flatMap((map) => [...map.values()])],
    namedTypes,
  );
  return {
    clientFrames: merged(frames.visitor, frames.agent),
    serverFrames: [...frames.server.values()],
    namedTypes: namedTypes.filter(({ name }) => used.has(name)),
    limits: readLimits(await read(limitsPath)),
  };
}

function framesOf(reader: SchemaReader, from: "visitor" | "agent" | "server"): Map<string, Frame> {
  const names = reader.memberNames(reader.find(frameUnions[from]).value);
  return new Map(names.map((name) => {
    const { doc, value } = reader.find(name);
    const type = reader.read(value);
    const [first, ...fields] = type.type === "object" ? type.fields : [];
    if (first?.type.type !== "literal") return cannotRead(value, "its first field must be `type`");
    const frameType = first.type.value;
    const place = `${from === "server" ? "server" : "client"}.${frameType}`;
    return [name, { type: frameType, doc, fields: withMeanings(fields, place), from: [from] }];
  }));
}

/** A frame of both sides is one frame that both send. */
function merged(visitor: Map<string, Frame>, agent: Map<string, Frame>): Frame[] {
  const all = new Map(visitor);
  for (const [name, frame] of agent) {
    all.set(name, visitor.has(name) ? { ...frame, from: ["visitor", "agent"] } : frame);
  }
  return [...all.values()];
}

/** Names of types that a frame uses, directly or through others. */
function usedTypes(frames: readonly Frame[], namedTypes: readonly NamedType[]): Set<string> {
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && value.type === "named" && "name" in value) {
      const name = String(value.name);
      if (used.has(name)) return;
      used.add(name);
      visit(namedTypes.find((type) => type.name === name)?.type);
    }
    for (const child of Object.values(value)) visit(child);
  };
  frames.forEach((frame) => visit(frame.fields));
  return used;
}

/** The limits with their comments; a limit without one shares that of the limit before it. */
function readLimits(text: string): Limit[] {
  const [declaration] = readDeclarations({ [limitsPath]: text });
  const literal = declaration === undefined ? undefined : withoutCast(declaration.value);
  if (literal === undefined || !ts.isObjectLiteralExpression(literal)) {
    throw new Error(`${limitsPath} must begin with the object of all limits`);
  }
  const groups: { names: string[]; doc: string }[] = [];
  for (const property of literal.properties) {
    const name = property.name?.getText() ?? "";
    const doc = docBefore(property);
    if (doc !== "") groups.push({ names: [name], doc });
    else {(groups.at(-1) ?? cannotRead(property, "the first limit needs a comment")).names.push(
        name,
      );}
  }
  return groups;
}
