import type { SavedAgent } from "../../cache/saved_agents.ts";
import { agentIdSchema, departmentIdSchema } from "../../core/ids.ts";

/** An agent that a write saves; in as many departments as said, with long names. */
export function agentOf(id: string, given: { departments?: number; removed?: boolean } = {}) {
  const { departments = 0, removed = false } = given;
  const departmentIds = Array.from(
    { length: departments },
    (_, n) => departmentIdSchema.parse(`department-${n}-`.padEnd(64, "d")),
  );
  const agent: SavedAgent = {
    ...{ agentId: agentIdSchema.parse(id), name: `The agent ${id}`, role: "agent" },
    ...{ departmentIds, disabled: false, removed },
  };
  return agent;
}
