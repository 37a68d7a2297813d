import { type Context, Hono } from "hono";
import { z } from "zod";
import type { AgentConfig } from "../core/agent_config.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { hashPassword, passwordChars, passwordFault, randomPassword } from "../server/password.ts";
import { agentSessionSchema, beginSession } from "./agent_session.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { type Caller, callerName, forbidden, scopeOf } from "./caller.ts";
import type { ConfigDesk } from "./config_acts.ts";
import { notWritten } from "./config_write.ts";
import { faultsOf, faulty, readJson } from "./json_body.ts";
import { type Operation, serve } from "./operation.ts";
import { checkPassword } from "./password_check.ts";
import { peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";
import { siteAccess } from "./site_access.ts";

const passwordBodySchema = z.strictObject({
  /** One's own, to change it; who may edit agents sets another agent's without. */
  current: z.string().min(1).max(passwordChars.max).optional(),
  /** The new one. */
  password: z.string().optional(),
  /** Instead of `password`: the server makes one up and answers it. */
  generate: z.literal(true).optional(),
});

const agentPath = "/v1/sites/:siteId/agents/:agentId";

const setPassword: Operation = {
  method: "put",
  path: `${agentPath}/password`,
  id: "setPassword",
  tag: "sessions",
  summary: "Change one's own password, or reset an agent's",
  description: "All sessions of the agent end. Who changes its own sends `current` too, and gets " +
    "a new session; who resets with `generate` gets the password.",
  who: "self",
  needs: ["config-write"],
  body: { schema: passwordBodySchema },
  answer: {
    status: 200,
    description: "A new session, or the password that was made up",
    schema: z.union([agentSessionSchema, z.object({ password: z.string() })]),
  },
  or: { status: 204, description: "Reset to the password that was sent" },
  refusals: [404, 429],
};

const endSessions: Operation = {
  method: "delete",
  path: `${agentPath}/sessions`,
  id: "endSessions",
  tag: "sessions",
  summary: "End all sessions of an agent",
  who: "self",
  needs: ["config-write"],
  answer: { status: 204, description: "Done" },
  refusals: [404],
};

const unlock: Operation = {
  method: "delete",
  path: `${agentPath}/lock`,
  id: "unlockAgent",
  tag: "sessions",
  summary: "Let an agent try again that wrong passwords locked out",
  who: ["edit_agents"],
  answer: { status: 204, description: "Done" },
  refusals: [404],
};

/** The operations of passwords and sessions. */
export const agentAccessOperations: readonly Operation[] = [setPassword, endSessions, unlock];

/** Who asks for what of which agent. */
interface Asked {
  readonly config: SiteConfig;
  readonly caller: Caller;
  readonly agent: AgentConfig;
  readonly isSelf: boolean;
}

/** How often a write is tried again when others are faster: it depends on nothing of theirs. */
const attemptsMax = 20;

/** Passwords, sessions and locks of agents. [AM8, AM9] */
export function agentAccessRoutes(desk: ConfigDesk): Hono<AppEnv> {
  const { deps } = desk;
  const app = new Hono<AppEnv>();
  serve(app, deps, setPassword, async (c) => {
    const asked = await askedOf(deps, c, "self");
    return asked instanceof Response ? asked : await changePassword(desk, c, asked);
  });
  serve(app, deps, endSessions, async (c) => {
    const asked = await askedOf(deps, c, "self");
    if (asked instanceof Response) return asked;
    const what = `agents.end_sessions ${asked.agent.agentId}`;
    const ended = await editAgent(desk, c, { what, edit: raised });
    return ended instanceof Response ? ended : c.body(null, 204);
  });
  serve(app, deps, unlock, async (c) => {
    const asked = await askedOf(deps, c, "staff");
    if (asked instanceof Response) return asked;
    const { config: { siteId }, caller, agent: { agentId } } = asked;
    desk.logins.clear({ siteId, agentId });
    await noteAct(deps, c, { siteId, by: callerName(caller), what: `logins.unlock ${agentId}` });
    return c.body(null, 204);
  });
  return app;
}

async function askedOf(
  deps: AppDeps,
  c: Context<AppEnv>,
  who: "self" | "staff",
): Promise<Asked | Response> {
  const access = await siteAccess(deps, c);
  if (access instanceof Response) return access;
  const { config, caller } = access;
  const agentId = c.req.param("agentId");
  const isSelf = caller.type === "agent" && caller.agent.agentId === agentId;
  if (!(isSelf && who === "self") && scopeOf(caller, "edit_agents") !== "site") {
    return forbidden(c, "Your role may not edit_agents");
  }
  const agent = config.agents.find((one) => one.agentId === agentId);
  if (agent === undefined) {
    return problem(c, 404, "Unknown agent", undefined, { code: "unknown" });
  }
  return { config, caller, agent, isSelf };
}

async function changePassword(
  desk: ConfigDesk,
  c: Context<AppEnv>,
  asked: Asked,
): Promise<Response> {
  const sent = await readJson(c);
  if (sent instanceof Response) return sent;
  const body = passwordBodySchema.safeParse(sent.json);
  if (!body.success) return faulty(c, faultsOf(body.error.issues));
  const { current, generate } = body.data;
  const { agent, isSelf } = asked;
  const password = generate === true ? randomPassword() : body.data.password;
  const fault = whatIsWrong(body.data, asked) ?? passwordProblem(password, agent);
  if (fault !== undefined) return faulty(c, [fault]);
  if (isSelf) {
    const given = { agentId: agent.agentId, password: current ?? "", from: "session" };
    const proved = await checkPassword(desk, c, asked.config, given);
    if (proved instanceof Response) return proved;
  }
  const passwordHash = await hashPassword(password ?? "");
  const deed = isSelf ? "change_password" : "reset_password";
  const written = await editAgent(desk, c, {
    what: `agents.${deed} ${agent.agentId}`,
    edit: (before) => ({ ...raised(before), passwordHash }),
  });
  if (written instanceof Response) return written;
  const { siteId } = asked.config;
  desk.logins.clear({ siteId, agentId: agent.agentId });
  if (isSelf) return c.json(await beginSession(desk.deps, asked.config, written));
  return generate === true ? c.json({ password }) : c.body(null, 204);
}

function whatIsWrong(
  { current, password, generate }: z.infer<typeof passwordBodySchema>,
  { isSelf }: Asked,
): { readonly path: string; readonly message: string } | undefined {
  if (password !== undefined && generate !== undefined) {
    return { path: "generate", message: "instead of password, not besides it" };
  }
  if (isSelf && generate !== undefined) {
    return { path: "generate", message: "for another agent's: choose your own" };
  }
  if (isSelf && current === undefined) {
    return { path: "current", message: "your password as it is, to change your own" };
  }
  if (!isSelf && current !== undefined) {
    return { path: "current", message: "for one's own only: leave it out" };
  }
  return undefined;
}

function passwordProblem(password: string | undefined, agent: AgentConfig) {
  const message = passwordFault(password, agent);
  return message === undefined ? undefined : { path: "password", message };
}

function raised(agent: AgentConfig): AgentConfig {
  return { ...agent, tokenVersion: agent.tokenVersion + 1 };
}

/**
 * Changes one agent as it stands, whatever else changes meanwhile; the agent as written. Whether
 * the caller may is judged by the very version that the write changes: it may have been logged out
 * or disabled while its request came in. [AM19]
 */
async function editAgent(
  { deps }: ConfigDesk,
  c: Context<AppEnv>,
  { what, edit }: { readonly what: string; edit(agent: AgentConfig): AgentConfig },
): Promise<AgentConfig | Response> {
  for (let attempt = 1;; attempt++) {
    const asked = await askedOf(deps, c, "self");
    if (asked instanceof Response) return asked;
    const { config, caller, agent } = asked;
    const { siteId, version } = config;
    const agents = config.agents.map((one) => one === agent ? edit(one) : one);
    const result = await deps.configs.change({
      siteId,
      from: version,
      by: callerName(caller),
      what,
      address: peerAddress(c.env),
      at: deps.clock.now(),
      edit: () => ({ ...config, agents }),
    });
    const after = result.type === "written"
      ? result.config?.agents.find(({ agentId }) => agentId === agent.agentId)
      : undefined;
    if (after !== undefined) return after;
    if (result.type === "conflict" && attempt < attemptsMax) continue;
    return notWritten(c, result, undefined);
  }
}
