import { z } from "zod";
import * as cursor from "../../core/cursor.ts";
import * as entry from "../../core/entry.ts";
import * as ids from "../../core/ids.ts";
import * as agentFrames from "../../core/agent_frames.ts";
import * as ban from "../../core/ban.ts";
import * as clientFrames from "../../core/client_frames.ts";
import * as protocol from "../../core/protocol.ts";
import * as serverFrames from "../../core/server_frames.ts";
import * as views from "../../core/views.ts";
import * as visitorFrames from "../../core/visitor_frames.ts";
import type { Frame } from "./wire_type.ts";

const exported: Readonly<Record<string, unknown>> = {
  ...ids,
  ...cursor,
  ...entry,
  ...ban,
  ...views,
  ...clientFrames,
  ...visitorFrames,
  ...agentFrames,
  ...serverFrames,
  ...protocol,
};

/** The schemas as they run, found by the names that the source text gives them. */
export class RuntimeSchemas {
  readonly #client = new Map<string, z.ZodType>();
  readonly #server = new Map<string, z.ZodType>();

  constructor() {
    const { visitorFrameSchema, agentFrameSchema } = protocol;
    const { serverFrameSchema } = serverFrames;
    for (const option of [...visitorFrameSchema.options, ...agentFrameSchema.options]) {
      this.#client.set(option.shape.type.value, option);
    }
    for (const option of serverFrameSchema.options) {
      this.#server.set(option.shape.type.value, option);
    }
  }

  /** The schema of one frame. */
  frame(type: string, sender: "client" | "server"): z.ZodType {
    const found = (sender === "client" ? this.#client : this.#server).get(type);
    if (found === undefined) throw new Error(`No schema of the ${sender} frame ${type}`);
    return found;
  }

  /** The schema of a named type. */
  named(name: string): z.ZodType {
    const found = exported[`${name.slice(0, 1).toLowerCase()}${name.slice(1)}Schema`];
    if (found instanceof z.ZodType) return found;
    throw new Error(`No schema of the type ${name}`);
  }

  /** Throws when an example is none: the documents must not show what the server would refuse. */
  check(frame: Frame, sender: "client" | "server", example: unknown): void {
    const parsed = this.frame(frame.type, sender).safeParse(example);
    if (parsed.success) return;
    const faults = z.prettifyError(parsed.error);
    throw new Error(`The example of ${sender} frame ${frame.type} is wrong:\n${faults}`);
  }
}
