import type { BenchOptions } from "../harness/site_bench.ts";

/**
 * What a scenario's first line says about visitors: `tracked=1 variables=plan,tier banned=…/24
 * sign-in=enforced invite=/prices invite-after=30 supervisors=sue`.
 */
export function visitorOptions(line: string): Pick<BenchOptions, "staff" | "config"> {
  const word = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];
  const [tracked, page, seconds] = [word("tracked"), word("invite"), word("invite-after")];
  const conditions = {
    ...(page === undefined ? {} : { urlContains: page }),
    ...(seconds === undefined ? {} : { secondsOnSiteMin: Number(seconds) }),
  };
  const invitations = page === undefined && seconds === undefined
    ? []
    : [{ invitationId: "rule", text: "Any questions?", conditions }];
  const banned = word("banned");
  const signIn = { keys: ["k".repeat(32)], audience: "acme", enforce: true };
  return {
    staff: Object.fromEntries(
      (word("supervisors")?.split(",") ?? []).map((
        name,
      ) => [name, { role: "supervisor" as const }]),
    ),
    config: {
      customVariables: (word("variables")?.split(",") ?? []).map((name) => ({ name })),
      campaigns: [{ campaignId: "main", name: "Main", invitations }],
      ...(tracked === undefined ? {} : { trackedVisitorsMax: Number(tracked) }),
      ...(word("sign-in") === "enforced" ? { signIn } : {}),
      bans: banned === undefined
        ? []
        : [{ banId: "configured", target: { type: "address", address: banned } }],
    },
  };
}
