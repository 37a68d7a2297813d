import type { SiteConfig } from "../core/site_config.ts";

/**
 * Which second-level queues a first-level event goes on to, by the first level's name: one entry a
 * consumer, with the predicate over the site's configuration that says whether it wants one. [MQ5]
 */
export type Distribution = Readonly<Record<string, readonly SecondLevel[]>>;

/** One consumer of a first-level event. */
export interface SecondLevel {
  /** First level + consumer: chat.end.email. */
  readonly queueName: string;
  wants(config: SiteConfig): boolean;
}
