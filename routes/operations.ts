import { agentAccessOperations } from "./agent_access.ts";
import { agentOperations } from "./agents.ts";
import { auditOperations } from "./audit.ts";
import { chatOperations } from "./chats.ts";
import { configOperations } from "./config_operations.ts";
import { historyOperations } from "./history.ts";
import { historyLogOperations } from "./history_logs.ts";
import { openApiOperations } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { siteOperations } from "./sites.ts";
import { visitorRecordOperations } from "./visitor_records.ts";
import { visitorOperations } from "./visitors.ts";

/** Every operation under /v1, each defined beside its route. [AM14] */
export const operations: readonly Operation[] = [
  ...siteOperations,
  ...configOperations.map(({ operation }) => operation),
  ...agentOperations,
  ...agentAccessOperations,
  ...auditOperations,
  ...visitorOperations,
  ...chatOperations,
  ...historyOperations,
  ...historyLogOperations,
  ...visitorRecordOperations,
  ...openApiOperations,
];
