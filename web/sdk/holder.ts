import type { AgentId, VisitorId } from "../../core/ids.ts";

/** Whose session this is; known from the HTTP answer that brought the token. */
export type Holder =
  | { readonly type: "visitor"; readonly id: VisitorId }
  | { readonly type: "agent"; readonly id: AgentId };
