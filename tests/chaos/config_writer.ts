import { setTimeout as pause } from "node:timers/promises";
import type { ConfigApi, Told } from "./config_api.ts";

/** Sites that all writers change. */
export const sharedSites = ["shop", "bank", "desk"] as const;

/** A change that was acknowledged: its site never has this version again. */
export interface AckedChange {
  readonly siteId: string;
  readonly version: number;
}

/**
 * Changes configurations through the admin API: reads a site, changes it on top of what was read,
 * and does so again when somebody else was faster. Makes and removes sites of its own besides.
 */
export class ConfigWriter {
  readonly acked: AckedChange[] = [];
  /** Writes that were refused as another writer was faster. */
  conflicts = 0;
  /** Writes whose answer never came. */
  unanswered = 0;
  /** Whether a write of its has no answer yet. */
  isWriting = false;
  readonly faults: string[] = [];
  readonly #api: ConfigApi;
  readonly #no: number;
  readonly #own: string[] = [];
  #turn = 0;

  constructor(api: ConfigApi, no: number) {
    this.#api = api;
    this.#no = no;
  }

  /** Changes at a steady pace until told to stop; writers of the same pace do so in step. */
  async run(perSecond: number, isOver: () => boolean): Promise<void> {
    const started = performance.now();
    for (let done = 0; !isOver(); done++) {
      await pause(Math.max(0, started + done * 1_000 / perSecond - performance.now()));
      await this.#change();
    }
  }

  async #change(): Promise<void> {
    this.#turn += 1;
    if (this.#turn % 20 === 0) return await this.#make(`made-${this.#no}-${this.#turn}`);
    const oldest = this.#own[0];
    if (this.#turn % 20 === 10 && oldest !== undefined) return await this.#remove(oldest);
    // Every writer at the same site at about the same time.
    const siteId = sharedSites[this.#turn % sharedSites.length] ?? "";
    const text = `writer ${this.#no}, change ${this.#turn}`;
    if (this.#turn % 4 > 0) await this.#edit("PATCH", siteId, "", { name: text });
    else await this.#edit("PUT", siteId, "/away-reasons", ["lunch", text]);
  }

  /** One change on top of what was read, again and again until it is made or its answer is lost. */
  async #edit(method: string, siteId: string, path: string, body: unknown): Promise<void> {
    for (;;) {
      const read = await this.#read(siteId);
      const ifMatch = read.etag ?? "";
      const told = await this.#write(method, `/v1/sites/${siteId}${path}`, { body, ifMatch });
      if (told?.status === 412) this.conflicts += 1;
      else return this.#note(told, siteId, versionOf(told));
    }
  }

  async #make(siteId: string): Promise<void> {
    const body = { siteId, name: `Made by ${this.#no}` };
    const told = await this.#write("POST", "/v1/sites", { body });
    this.#note(told, siteId, versionOf(told));
    this.#own.push(siteId);
  }

  async #remove(siteId: string): Promise<void> {
    this.#own.shift();
    const read = await this.#read(siteId);
    if (read.status === 404) return; // making it was cut off
    const told = await this.#write("DELETE", `/v1/sites/${siteId}`, { ifMatch: read.etag ?? "" });
    this.#note(told, siteId, versionOf(read) + 1);
  }

  async #write(...call: Parameters<ConfigApi["call"]>): Promise<Told | undefined> {
    this.isWriting = true;
    const told = await this.#api.call(...call);
    this.isWriting = false;
    return told;
  }

  #read(siteId: string): Promise<Told> {
    return this.#api.persist(() => this.#api.call("GET", `/v1/sites/${siteId}`));
  }

  #note(told: Told | undefined, siteId: string, version: number): void {
    if (told === undefined) this.unanswered += 1;
    else if (told.status < 300) this.acked.push({ siteId, version });
    else this.faults.push(`${siteId}: ${told.status} ${JSON.stringify(told.json)}`);
  }
}

/** The version in an ETag. */
export function versionOf(told: Told | undefined): number {
  return Number(/^"(\d+)"$/.exec(told?.etag ?? "")?.[1] ?? NaN);
}
