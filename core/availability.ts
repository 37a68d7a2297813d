import { isOpen } from "./business_hours.ts";
import type { DepartmentId } from "./ids.ts";
import type { Turn } from "./turn.ts";
import type { Availability } from "./views.ts";

/** What the button shows for a department, or for the site. [BH2] */
export function availabilityFor(
  turn: Turn,
  departmentId: DepartmentId | undefined,
): Availability {
  const { state } = turn;
  const department = departmentId === undefined ? undefined : state.departments.get(departmentId);
  if (!isOpen(state.config.hours, turn.at) || !isOpen(department?.hours, turn.at)) return "closed";
  if (state.pools.capacity(departmentId).agents === 0) return "offline";
  return state.pools.of(departmentId).size > 0 ? "online" : "away";
}
