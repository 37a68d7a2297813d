import type { QueueCase } from "./queue_case.ts";
import type { QueueDriver } from "./queue_driver.ts";
import { leaseCases } from "./queue_lease_cases.ts";
import { loneCases } from "./queue_lone_cases.ts";
import { modelCases } from "./queue_model_cases.ts";
import { opsCases } from "./queue_ops_cases.ts";
import { publishCases } from "./queue_publish_cases.ts";

/** What a driver of the queue must do, as far as its capabilities go. */
export const queueCases: readonly QueueCase[] = [
  ...publishCases,
  ...leaseCases,
  ...loneCases,
  ...opsCases,
  ...modelCases,
];

/** Those cases that make sense for a driver. */
export function casesOf(driver: QueueDriver): readonly QueueCase[] {
  return queueCases.filter(({ needs = [] }) => needs.every((need) => driver.capabilities[need]));
}
