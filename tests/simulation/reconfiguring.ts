import type { Ban } from "../../core/ban.ts";
import { type SiteConfig, siteConfigSchema } from "../../core/site_config.ts";
import type { Scene } from "./scene.ts";

const cases = [
  [0.4, "agent_disabled"],
  [0.7, "department_removed"],
  [0.84, "mode_changed"],
  [0.92, "sessions_ended"],
  [1, "bans_copied"],
] as const;

/** Somebody changes a site's configuration: an agent, a department, the routing, the bans. */
export function reconfigure(world: Scene): void {
  const { random, sites, counts, checker } = world.stage;
  const site = random.pick(sites.all);
  if (site === undefined) return;
  const before = sites.config(site.siteId);
  const dice = random.next();
  const [, name] = cases.find(([below]) => dice < below) ?? [1, "mode_changed"];
  if (name === "department_removed" && before.departments.length === 0) return;
  counts.add(`case_${name}`);
  const after = name === "agent_disabled"
    ? withAgentDisabled(before, random.pick(before.agents)?.agentId)
    : name === "department_removed"
    ? withoutDepartment(before, random.pick(before.departments)?.departmentId)
    : name === "sessions_ended"
    ? withSessionsEnded(before, random.pick(before.agents)?.agentId)
    : name === "bans_copied"
    ? withBans(before, random.chance(0.7) ? [...checker.truth(site.siteId).state.bans.all()] : [])
    : withMode(before, random.pick(["manual", "round_robin", "load_balancing"] as const));
  change(world, after);
}

/** What was disabled or removed is there again. */
export function restoreConfigs(world: Scene): void {
  const { sites } = world.stage;
  for (const { siteId } of sites.all) {
    const [now, first] = [sites.config(siteId), sites.original(siteId)];
    if (now !== first) change(world, { ...first, routing: now.routing, version: now.version + 1 });
  }
}

function change({ stage, nodes }: Scene, config: SiteConfig): void {
  const valid = siteConfigSchema.parse(config);
  stage.trace.add(stage.clock.now, `${valid.siteId} is configured anew, version ${valid.version}`);
  stage.sites.change(valid);
  stage.checker.truth(valid.siteId).state.configure(valid);
  for (const node of nodes) node.configure(valid);
}

function withAgentDisabled(config: SiteConfig, id: string | undefined): SiteConfig {
  const agents = config.agents.map((agent) => ({
    ...agent,
    disabled: agent.agentId === id ? !agent.disabled : agent.disabled,
  }));
  return { ...config, agents, version: config.version + 1 };
}

function withSessionsEnded(config: SiteConfig, id: string | undefined): SiteConfig {
  const agents = config.agents.map((agent) => ({
    ...agent,
    tokenVersion: agent.agentId === id ? agent.tokenVersion + 1 : agent.tokenVersion,
  }));
  return { ...config, agents, version: config.version + 1 };
}

/** The bans as the consumer of agent.ban writes them, or none, as somebody took them out. */
function withBans(config: SiteConfig, bans: readonly Ban[]): SiteConfig {
  const copies = bans.map(({ banId, target, until }) => ({
    banId,
    target,
    ...(until === undefined ? {} : { until }),
  }));
  return { ...config, bans: copies, version: config.version + 1 };
}

function withoutDepartment(config: SiteConfig, id: string | undefined): SiteConfig {
  const { absence } = config;
  const isTarget = absence.departmentId === id;
  const keep = (policy: typeof absence.afterGrace) =>
    isTarget && policy === "transfer" ? "keep" : policy;
  const { departmentId, ...policies } = absence;
  return {
    ...config,
    version: config.version + 1,
    departments: config.departments.filter((one) => one.departmentId !== id).map(
      ({ backupDepartmentId, ...one }) =>
        backupDepartmentId === undefined || backupDepartmentId === id
          ? one
          : { ...one, backupDepartmentId },
    ),
    agents: config.agents.map((agent) => ({
      ...agent,
      departmentIds: agent.departmentIds.filter((one) => one !== id),
    })),
    absence: {
      ...policies,
      afterGrace: keep(absence.afterGrace),
      atLogout: keep(absence.atLogout),
      ...(isTarget || departmentId === undefined ? {} : { departmentId }),
    },
  };
}

function withMode(
  config: SiteConfig,
  mode: SiteConfig["routing"]["mode"] | undefined,
): SiteConfig {
  const routing = { ...config.routing, mode: mode ?? config.routing.mode };
  const { acceptWithinMs: _, ...given } = routing;
  return {
    ...config,
    // With manual routing nothing is offered.
    routing: routing.mode === "manual" ? { ...given, lastChattedFirst: false } : routing,
    version: config.version + 1,
  };
}
