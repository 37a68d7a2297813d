import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Manifest } from "../server/backup_manifest.ts";
import { BackupFailed } from "../server/backup_writer.ts";
import type { BackupTurn } from "../server/backup_turn.ts";
import { errorFields } from "../server/log.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { requireOperator } from "./operator.ts";
import { problem } from "./problem.ts";

/** What the routes of backups stand on. */
export interface BackupRoutesDeps {
  readonly turn: BackupTurn;
  /**
   * Makes a backup in a new folder below BACKUP_DIR; "busy": one is being made. Undefined without
   * BACKUP_DIR. Throws BackupFailed.
   */
  readonly make:
    | (() => Promise<{ readonly name: string; readonly manifest: Manifest } | "busy">)
    | undefined;
}

const stageSchema = z.enum(["log", "rest"]);
const endSchema = z.object({ how: z.enum(["made", "failed"]) });

/**
 * Backups for operators. POST /v1/ops/backup makes one below BACKUP_DIR; nobody names a path over
 * HTTP. Under /v1/ops/backup/turn the command `backup` has this process wait while it copies. [PB4]
 */
export function backupRoutes(deps: AppDeps, backups: BackupRoutesDeps): Hono<AppEnv> {
  const { turn } = backups;
  const app = new Hono<AppEnv>();
  app.use("/v1/ops/backup", requireOperator(deps));
  app.use("/v1/ops/backup/*", requireOperator(deps));
  app.post("/v1/ops/backup", (c) => makeBackup(deps, backups, c));
  app.post("/v1/ops/backup/turn", async (c) => {
    const turnId = await turn.begin();
    if (turnId === undefined) return busy(c);
    return c.json({ turnId, pid: Deno.pid }, 201);
  });
  app.put("/v1/ops/backup/turn/:turnId/:stage", (c) => {
    const { turnId, stage } = c.req.param();
    const known = stageSchema.safeParse(stage);
    if (!known.success) {
      return problem(c, 404, "No such stage", "log or rest", { code: "unknown", field: "stage" });
    }
    return turn.moveTo(turnId, known.data) ? c.body(null, 204) : over(c);
  });
  app.delete("/v1/ops/backup/turn/:turnId", (c) => {
    const query = endSchema.safeParse(c.req.query());
    if (!query.success) {
      return problem(c, 400, "Bad query", "how: made or failed", {
        code: "bad_query",
        field: "how",
      });
    }
    return turn.end(c.req.param("turnId"), query.data.how) ? c.body(null, 204) : over(c);
  });
  return app;
}

async function makeBackup(
  deps: AppDeps,
  { make }: BackupRoutesDeps,
  c: Context<AppEnv>,
): Promise<Response> {
  if (make === undefined) {
    const detail = "BACKUP_DIR is not set: set it, or use `chatnode backup --to=<folder>`";
    return problem(c, 409, "Nowhere to write", detail, { code: "no_backup_dir" });
  }
  try {
    const made = await make();
    if (made === "busy") return busy(c);
    const { name, manifest: { takenAt, files } } = made;
    await noteAct(deps, c, { siteId: undefined, by: "operator", what: `backup.make ${name}` });
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return c.json({ name, takenAt, bytes, files: files.length }, 201);
  } catch (error) {
    if (!(error instanceof BackupFailed)) throw error;
    deps.log.write("error", "backup_failed", errorFields(error));
    return problem(c, 500, "The backup failed", error.message, { code: "backup_failed" });
  }
}

function busy(c: Context<AppEnv>): Response {
  c.header("Retry-After", "60");
  const detail = "A backup is being made, or the process is stopping: one at a time";
  return problem(c, 409, "Busy", detail, { code: "busy" });
}

function over(c: Context<AppEnv>): Response {
  const fields = { code: "unknown", field: "turnId" };
  return problem(c, 404, "No such turn", "It ended, or lasted too long", fields);
}
