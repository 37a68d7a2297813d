import { isOpen } from "./business_hours.ts";
import type { DepartmentId } from "./ids.ts";
import { servingDepartment } from "./routing.ts";
import type { Turn } from "./turn.ts";
import type { Availability } from "./views.ts";

/** Outside the hours of the site, or of the department. [BH1] */
export function isClosed(turn: Turn, departmentId: DepartmentId | undefined): boolean {
  const { config, departments } = turn.state;
  const department = departmentId === undefined ? undefined : departments.get(departmentId);
  return !isOpen(config.hours, turn.at) || !isOpen(department?.hours, turn.at);
}

/** What the button shows for a department, or for the site. [BH2] */
export function availabilityFor(
  turn: Turn,
  departmentId: DepartmentId | undefined,
): Availability {
  const { pools } = turn.state;
  if (isClosed(turn, departmentId)) return "closed";
  const serving = servingDepartment(turn.state, departmentId);
  if (pools.capacity(serving).agents === 0) return "offline";
  return pools.of(serving).size > 0 ? "online" : "away";
}
