import type { Fact } from "../../core/fact.ts";
import type { VisitorId } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { RuleName } from "./rules.ts";

/** Every job that a site ever published: an id has one content. */
export class JobTruth {
  readonly #contents = new Map<string, string>();
  readonly #violate: (rule: RuleName, message: string) => void;

  constructor(violate: (rule: RuleName, message: string) => void) {
    this.#violate = violate;
  }

  /** What the visitor did is known to its site no more: a repeat after that is judged anew. */
  forget(visitorId: VisitorId): void {
    for (const [key, content] of this.#contents) {
      if (!key.startsWith("offlineMessage.submit") && !key.startsWith("conversion.log")) continue;
      if (content.includes(`"visitorId":"${visitorId}"`)) this.#contents.delete(key);
    }
  }

  /** What one event decided. */
  judge(facts: readonly Fact[], jobs: readonly Job[]): void {
    const ends = facts.filter((fact) => fact.type === "chat_ended").length;
    let published = 0;
    for (const { queue, uniqueId, payload } of jobs) {
      const key = `${queue} ${uniqueId}`;
      const content = JSON.stringify(payload);
      const before = this.#contents.get(key);
      this.#contents.set(key, content);
      if (queue === "chat.end") {
        published += 1;
        if (before !== undefined) this.#violate("one_end", `A second ${key}`);
      } else if (before === content) this.#violate("jobs", `${key} was published twice`);
      else if (before !== undefined) this.#violate("jobs", `${key}: ${before} and ${content}`);
    }
    if (published !== ends) {
      this.#violate("one_end", `${ends} chats ended with ${published} chat.end jobs`);
    }
  }
}
