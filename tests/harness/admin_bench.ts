import { hashPassword } from "../../server/password.ts";
import { type SiteConfig, type SiteConfigInput, siteConfigSchema } from "../../core/site_config.ts";
import type { RateLimits } from "../../routes/rate_limit.ts";
import { type EdgeBench, type EdgeBenchOptions, startEdge } from "./edge_bench.ts";

/** An answer, read to its end. */
export interface Told {
  readonly status: number;
  /** The body as JSON; undefined when there is none. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly etag: string | null;
  readonly headers: Headers;
}

/** What a request has besides its path. */
export interface Sent {
  readonly body?: unknown;
  /** Instead of the body as JSON. */
  readonly text?: string;
  readonly type?: string;
  readonly ifMatch?: string;
  readonly address?: string;
}

/** The password of every agent of the bench. */
export const benchPassword = "correct horse";

/** Hashing cheaply: how much it costs is another test's matter. */
const passwordHash = await hashPassword(benchPassword, 16);

/** The agents of "acme", of every role; sue and ana are in sales, ben is in help. */
export const benchStaff = [
  { agentId: "ada", name: "Ada", role: "admin" },
  { agentId: "sue", name: "Sue", role: "supervisor", departmentIds: ["sales"] },
  { agentId: "ana", name: "Ana", role: "agent", departmentIds: ["sales"] },
  { agentId: "ben", name: "Ben", departmentIds: ["help"] },
  { agentId: "old", name: "Old", role: "admin", disabled: true },
].map((agent) => ({ ...agent, passwordHash }));

/** A site with an agent of every role. */
export function staffedSite(config: Readonly<Record<string, unknown>> = {}): SiteConfig {
  return siteConfigSchema.parse({
    siteId: "acme",
    name: "Acme",
    agents: benchStaff,
    departments: [{ departmentId: "sales", name: "Sales" }, { departmentId: "help", name: "Help" }],
    ...config,
  });
}

/** Who asks, in the words of tables of tests. */
export const callers = [
  "operator",
  "admin",
  "supervisor",
  "agent",
  "visitor",
  "nobody",
  "foreign",
  "disabled",
] as const;
export type CallerName = typeof callers[number];

/** The edge as admins and the operator use it. */
export class AdminBench {
  readonly edge: EdgeBench;
  readonly #tokens: ReadonlyMap<string, string>;

  private constructor(edge: EdgeBench, tokens: ReadonlyMap<string, string>) {
    this.edge = edge;
    this.#tokens = tokens;
  }

  /**
   * An edge with the site "acme" of this configuration, and "other" with an admin ada. Archive and
   * queue are away unless given, and whoever gives them closes them.
   */
  static async start(
    config: SiteConfigInput = staffedSite(),
    rates: Partial<RateLimits> = {},
    parts: Pick<EdgeBenchOptions, "archive" | "queue" | "clock"> = {},
  ): Promise<AdminBench> {
    const other = staffedSite({ siteId: "other" });
    const configs = [siteConfigSchema.parse(config), other];
    const edge = await startEdge({ configs, rates, ...parts });
    const agent = (sub: string, site?: string) =>
      edge.token({ kind: "agent", sub, ...(site === undefined ? {} : { site }) });
    const tokens = new Map([
      ["operator", edge.deps.operatorKey],
      ["admin", await agent("ada")],
      ["supervisor", await agent("sue")],
      ["agent", await agent("ana")],
      ["visitor", await edge.token({ kind: "visitor", sub: "" })],
      ["foreign", await agent("ada", "other")],
      ["disabled", await agent("old")],
    ]);
    return new AdminBench(edge, tokens);
  }

  /** A request as this caller, or with this token; a path without /v1 is one of acme. */
  async call(as: string, method: string, path: string, sent: Sent = {}): Promise<Told> {
    const { body, text, type = "application/json", ifMatch, address } = sent;
    const token = as === "nobody" ? undefined : this.#tokens.get(as) ?? as;
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(content === undefined ? {} : { "content-type": type }),
      ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
    };
    const init = { method, headers, ...(content === undefined ? {} : { body: content }) };
    const env = address === undefined
      ? {}
      : { remoteAddr: { transport: "tcp", hostname: address, port: 1 } };
    const url = path.startsWith("/v1") ? path : `/v1/sites/acme${path}`;
    const response = await this.edge.app.request(url, init, env);
    const answer = await response.text();
    const { status, headers: answered } = response;
    // Whatever the edge answers is an object or nothing.
    const json = (answer === "" ? {} : JSON.parse(answer)) as Told["json"];
    return { status, json, etag: answered.get("etag"), headers: answered };
  }

  /** A write on top of whatever stands there. */
  write(as: string, method: string, path: string, body?: unknown): Promise<Told> {
    return this.call(as, method, path, {
      ifMatch: "*",
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The configuration as it is stored, secrets included. */
  async stored(siteId = "acme"): Promise<SiteConfig> {
    const config = await this.edge.deps.configs.load(siteConfigSchema.shape.siteId.parse(siteId));
    if (config === undefined) throw new Error(`There is no site ${siteId}`);
    return config;
  }

  stop(): void {
    this.edge.bench.stop();
  }
}
