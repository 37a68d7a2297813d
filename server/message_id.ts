import { createHash } from "node:crypto";
import type { SiteId } from "../core/ids.ts";

const printable = /^[\x20-\x7e]{1,256}$/;

/**
 * A job's id as queues take it, 1 to 256 characters of printable ASCII. The site stands before it:
 * clients choose ids, and may choose those of another site. One that names an address or two agents
 * may be longer, or have other letters, and is told by its digest then. [OB4]
 */
export function messageIdOf(siteId: SiteId, jobId: string): string {
  const uniqueId = `${siteId}/${jobId}`;
  if (printable.test(uniqueId)) return uniqueId;
  const start = uniqueId.replace(/[^\x20-\x7e]/g, "?").slice(0, 160);
  return `${start}~${createHash("sha256").update(uniqueId).digest("base64url")}`;
}
