import type { RandomSource } from "./random_source.ts";
import type { z } from "zod";
import type { siteConfigSchema } from "../../core/site_config.ts";

/** A site's configuration as somebody writes it. */
export type SiteConfigInput = z.input<typeof siteConfigSchema>;

/** An agent of a site. */
export interface AgentProfile {
  readonly agentId: string;
  readonly chatLimit: number;
  readonly role: "admin" | "supervisor" | "agent";
  readonly departmentIds: readonly string[];
}

/** A site of a world and its people. */
export interface SiteProfile {
  readonly siteId: string;
  readonly mode: "manual" | "load_balancing" | "round_robin" | "capability_weighted";
  readonly agents: readonly AgentProfile[];
  readonly visitors: number;
  readonly warnAfterMs: number;
  readonly endAfterMs: number;
  /** What else it is configured with. */
  readonly more: Partial<SiteConfigInput>;
}

const modes = ["manual", "load_balancing", "round_robin", "capability_weighted"] as const;
const roles = ["admin", "supervisor", "agent", "agent"] as const;
const policies = ["keep", "requeue", "transfer", "end"] as const;

/** Departments: the second backs up the first. */
const departments = [
  { departmentId: "sales", name: "Sales", backupDepartmentId: "help" },
  { departmentId: "help", name: "Help" },
];

/** A site of a mixture: every feature of the configuration is on in some. */
export function siteProfileOf(index: number, random: RandomSource): SiteProfile {
  const quick = random.chance(0.3);
  const divided = random.chance(0.6);
  const agents = ["ana", "ben", "cara", "dan"].slice(0, random.between(1, 4)).map((
    agentId,
    no,
  ) => ({
    agentId,
    chatLimit: random.between(1, 4),
    role: random.chance(0.2) ? "agent" as const : roles[no % roles.length] ?? "agent",
    departmentIds: divided ? random.pick([["sales"], ["help"], ["sales", "help"], []]) ?? [] : [],
  }));
  return {
    siteId: ["acme", "bolt", "cove"][index] ?? `site${index}`,
    mode: random.chance(0.35) ? "load_balancing" : random.pick(modes) ?? "manual",
    agents,
    visitors: random.between(2, 7),
    warnAfterMs: quick ? 30_000 : 600_000,
    endAfterMs: quick ? 20_000 : 300_000,
    more: moreOf(random, divided),
  };
}

function moreOf(random: RandomSource, divided: boolean): Partial<SiteConfigInput> {
  const policy = () => random.pick(divided ? policies : ["keep", "requeue", "end"] as const);
  const invitation = {
    invitationId: "hello",
    text: "May we help?",
    conditions: { secondsOnSiteMin: 20 },
  };
  return {
    ...(divided ? { departments } : {}),
    campaigns: [{
      campaignId: "main",
      name: "Main",
      invitations: random.chance(0.3) ? [invitation] : [],
    }],
    routing: {
      lastChattedFirst: random.chance(0.4),
      ...(random.chance(0.4) ? { acceptWithinMs: random.pick([3_000, 20_000]) ?? 3_000 } : {}),
    },
    queue: {
      ...(random.chance(0.2) ? { lengthMax: random.between(0, 3) } : {}),
      ...(random.chance(0.2) ? { waitMsMax: 40_000 } : {}),
      whileNobodyOnline: random.chance(0.9),
    },
    inactivity: random.chance(0.3) ? { agentSilentMs: 15_000 } : {},
    absence: {
      afterGrace: policy() ?? "keep",
      atLogout: policy() ?? "keep",
      ...(divided ? { departmentId: "help" } : {}),
    },
    customVariables: [{ name: "cart" }],
    awayReasons: ["lunch"],
    wrapUpCategories: ["sale"],
    cannedMessages: [{ cannedId: "hi", title: "Hi", text: "Hello there" }],
    trackedVisitorsMax: random.chance(0.2) ? 3 : 400,
    translation: { agentLanguage: "en" },
    ...(random.chance(0.25) ? { bot: { name: "Bot" } } : {}),
  };
}
