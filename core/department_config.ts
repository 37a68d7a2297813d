import { z } from "zod";
import { businessHoursSchema } from "./business_hours.ts";
import { departmentIdSchema } from "./ids.ts";

/** A department, as configured. */
export const departmentConfigSchema = z.strictObject({
  departmentId: departmentIdSchema.describe("The department's name within the site."),
  name: z.string().min(1).max(128).describe("What visitors and agents see."),
  backupDepartmentId: departmentIdSchema.optional().describe(
    "Takes this one's chats while nobody of it is online; no department may back up itself, nor over others.",
  ),
  hours: businessHoursSchema.optional().describe(
    "When it is open; outside the site's hours it is closed too.",
  ),
}).describe("A department.");
/** A department, as configured. */
export type DepartmentConfig = z.infer<typeof departmentConfigSchema>;
