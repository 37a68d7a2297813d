import { z } from "zod";
import { BackupFailed, type BackupHelp } from "../server/backup_writer.ts";
import { operatorKeyPath } from "../server/operator_key.ts";
import type { BackupStage } from "../server/backup_turn.ts";
import type { Settings } from "./settings.ts";

/** Another backup is being made. */
export class BackupBusy extends Error {
  override name = "BackupBusy";
}

const turnSchema = z.object({ turnId: z.string(), pid: z.number() });

/** How often the process is told that copying the log goes on. */
const tellMs = 15_000;
/** What it has to do before it answers is to publish what it is about to publish. */
const answerMsMax = 60_000;

/** A data folder that a running process has: that process helps with the backup. [PB4] */
export class HeldFolder implements BackupHelp {
  readonly #url: string;
  readonly #key: string;
  readonly #holder: string;
  #turnId = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(url: string, key: string, holder: string) {
    this.#url = url;
    this.#key = key;
    this.#holder = holder;
  }

  /** `holder`: the process, by its number. */
  static async of(settings: Settings, holder: string): Promise<HeldFolder> {
    const { INTERNAL_HOST, INTERNAL_PORT, DATA_DIR } = settings;
    const key = (await Deno.readTextFile(operatorKeyPath(DATA_DIR))).trim();
    return new HeldFolder(`http://${INTERNAL_HOST}:${INTERNAL_PORT}`, key, holder);
  }

  async begin(): Promise<void> {
    const response = await this.#ask("POST", "");
    const text = await response.text();
    if (response.status === 409) throw new BackupBusy("Another backup is being made");
    if (response.status !== 201) throw this.#refused(response.status);
    const { turnId, pid } = turnSchema.parse(JSON.parse(text));
    this.#turnId = turnId;
    if (String(pid) === this.#holder) return;
    await this.end("failed");
    throw new BackupFailed(
      `Process ${this.#holder} has the data folder, and ${this.#url} is process ${pid}: ` +
        "give the settings that the process runs with",
    );
  }

  async pictured(): Promise<void> {
    await this.#moveTo("log");
    // A failure is told at the next step.
    this.#timer = setInterval(() => void this.#moveTo("log").catch(() => {}), tellMs);
  }

  async logCopied(): Promise<void> {
    clearInterval(this.#timer);
    await this.#moveTo("rest");
  }

  async end(how: "made" | "failed"): Promise<void> {
    clearInterval(this.#timer);
    try {
      const response = await this.#ask("DELETE", `/${this.#turnId}?how=${how}`);
      await response.body?.cancel();
    } catch {
      // It is gone, or takes its time: the turn ends by itself, and the copy does not need it.
    }
  }

  async #moveTo(stage: BackupStage): Promise<void> {
    const response = await this.#ask("PUT", `/${this.#turnId}/${stage}`);
    await response.body?.cancel();
    if (response.status === 204) return;
    if (response.status !== 404) throw this.#refused(response.status);
    throw new BackupFailed(
      `Process ${this.#holder} did not wait any longer, or stopped: the copy may not be whole`,
    );
  }

  #refused(status: number): BackupFailed {
    return new BackupFailed(
      `Process ${this.#holder} has the data folder and does not help: HTTP ${status} from ${this.#url}`,
    );
  }

  async #ask(method: string, path: string): Promise<Response> {
    try {
      return await fetch(`${this.#url}/v1/ops/backup/turn${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#key}` },
        signal: AbortSignal.timeout(answerMsMax),
      });
    } catch (cause) {
      throw new BackupFailed(
        `Process ${this.#holder} has the data folder, and nobody answers at ${this.#url}: ` +
          "give INTERNAL_HOST and INTERNAL_PORT as the process has them",
        { cause },
      );
    }
  }
}
