import assert from "node:assert/strict";
import { staffedSite } from "../tests/harness/admin_bench.ts";
import { staffFault } from "./staff_guard.ts";

// The table lets admins alone edit agents; the rule holds whatever the table says.
Deno.test("[AM6] nobody raises its own role, and may lower it", () => {
  const site = staffedSite();
  const withRole = (name: string, role: string) => ({
    ...site,
    agents: site.agents.map((agent) => agent.agentId === name ? { ...agent, role } : agent),
  });
  const rows = [
    ["sue", "admin", "own_role"],
    ["sue", "agent", undefined],
    ["sue", "supervisor", undefined],
    ["ana", "supervisor", "own_role"],
    ["ana", "admin", "own_role"],
  ] as const;
  for (const [name, role, code] of rows) {
    const agent = site.agents.find(({ agentId }) => agentId === name);
    assert.ok(agent !== undefined);
    const fault = staffFault(site, withRole(name, role), { type: "agent", agent });
    assert.equal(fault?.code, code, `${name} ${role}`);
    assert.equal(staffFault(site, withRole(name, role), { type: "operator" }), undefined);
  }
});
