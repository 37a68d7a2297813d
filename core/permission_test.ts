import assert from "node:assert/strict";
import { agentConfigSchema } from "./agent_config.ts";
import { departmentIdSchema } from "./ids.ts";
import { may, type Permission, permissionTable } from "./permission.ts";

// To something of no department, of the agent's own, of another one: y may, - may not.
const table = `
             | agent | supervisor | admin
accept       | yy-   | yy-        | yy-
monitor      | ---   | yy-        | yyy
join         | ---   | yy-        | yyy
take_over    | ---   | yy-        | yyy
manage_chats | ---   | yy-        | yyy
ban          | yyy   | yyy        | yyy
lift_ban     | ---   | yyy        | yyy
invite       | yyy   | yyy        | yyy
visitors     | yyy   | yyy        | yyy
read_history | ---   | yy-        | yyy
read_offline_messages | yy- | yy- | yyy
read_logs    | ---   | yy-        | yyy
edit_canned  | ---   | yy-        | yyy
edit_bans    | ---   | yyy        | yyy
edit_agents  | ---   | ---        | yyy
edit_site    | ---   | ---        | yyy
read_config  | ---   | yyy        | yyy
read_audit   | ---   | ---        | yyy
erase_visitor | ---  | ---        | yyy
`.trim().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
const [roles = [], ...rows] = table.map((cells) => cells.slice(-4));

Deno.test("[PE1] the permission table, whole: role by permission by department", () => {
  const roleNames = roles.slice(-3);
  assert.deepEqual(rows.map(([name]) => name), Object.keys(permissionTable.agent));
  assert.deepEqual(roleNames, Object.keys(permissionTable));
  const places = [undefined, "own", "other"].map((id) => id && departmentIdSchema.parse(id));
  for (const [permission, ...cells] of rows) {
    cells.forEach((cell, place) => {
      const agent = agentConfigSchema.parse({
        agentId: "ana",
        name: "Ana",
        passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA",
        role: roleNames[place],
        departmentIds: ["own"],
      });
      // The table's first column, compared above.
      const name = permission as Permission;
      const allowed = places.map((id) => may(agent, name, id || undefined) ? "y" : "-").join("");
      assert.equal(allowed, cell, `${roleNames[place]} ${permission}`);
      assert.equal(may({ ...agent, disabled: true }, name, undefined), false);
      assert.equal(may(undefined, name, undefined), false);
    });
  }
});
