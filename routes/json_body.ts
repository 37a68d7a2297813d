import type { Context } from "hono";
import type { AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

/** The content type of every body. */
export const jsonType = "application/json";
/** What a body of PATCH may be called besides: a merge patch (RFC 7396). */
export const mergePatchType = "application/merge-patch+json";

/**
 * The body as JSON, or the answer that refuses it: 415 for another content type, 400 for what is no
 * JSON. [AM13]
 */
export async function readJson(
  c: Context<AppEnv>,
  types: readonly string[] = [jsonType],
): Promise<{ readonly json: unknown } | Response> {
  const type = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!types.includes(type)) {
    c.header("Accept", types.join(", "));
    return problem(c, 415, "Unsupported content type", `Content-Type: ${types.join(" or ")}`, {
      code: "content_type",
    });
  }
  let isOdd = false;
  const look = (name: string, value: unknown) => {
    isOdd ||= name === "__proto__";
    return value;
  };
  try {
    const text = await c.req.text();
    // Such a name would be lost on the way, and nobody told. The look costs as much as the parsing.
    const json: unknown = JSON.parse(text, /_proto_|\\u/.test(text) ? look : undefined);
    return isOdd ? faulty(c, [{ path: "__proto__", message: "no name of any field" }]) : { json };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem(c, 400, "Bad request", "body: not JSON", { code: "not_json", field: "body" });
  }
}

/** A fault of what was sent: where it stands, and what is allowed there. */
export interface Fault {
  /** From what was sent, as in fields.0.label; empty: all of it. */
  readonly path: string;
  readonly message: string;
  /** "site": the path is one of the whole configuration, as the fault lies elsewhere in it. */
  readonly of?: "site";
}

/** Faults of one answer, and characters of each: an answer is no longer for a longer mistake. */
const faultsMax = 100;
const faultCharsMax = 500;

/** 422 with every fault, as far as they are not too many; how many more there are. */
export function faulty(c: Context<AppEnv>, faults: readonly Fault[]): Response {
  const errors = faults.slice(0, faultsMax).map((fault) => ({
    ...fault,
    path: cut(fault.path),
    message: cut(fault.message),
  }));
  const [first] = errors;
  const detail = first === undefined ? undefined : `${first.path || "body"}: ${first.message}`;
  const more = faults.length - errors.length;
  return problem(c, 422, "Not acceptable", detail, {
    ...{ code: "invalid", errors },
    ...(more > 0 ? { more } : {}),
  });
}

function cut(text: string): string {
  return text.length > faultCharsMax ? `${text.slice(0, faultCharsMax).toWellFormed()}…` : text;
}

/** The faults that a schema found. */
export function faultsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Fault[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
}
