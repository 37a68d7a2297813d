import type { QueueCase } from "./queue_case.ts";
import { leaseCases } from "./queue_lease_cases.ts";
import { opsCases } from "./queue_ops_cases.ts";
import { publishCases } from "./queue_publish_cases.ts";

/** What every driver of the queue must do. */
export const queueCases: readonly QueueCase[] = [...publishCases, ...leaseCases, ...opsCases];
