import type { BrowserContext } from "playwright-core";
import { waitMsMax } from "./browser.ts";
import type { ServerProcess } from "./server.ts";

/** A browser says that a server is not there in one of these ways. */
const networkError = /net::ERR_|WebSocket connection to '[^']*' failed/;

/** Everything that pages complain of: uncaught errors, console errors, violations of the CSP. */
export class Complaints {
  readonly all: string[] = [];
  readonly #server: ServerProcess;
  #outage = false;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  /** Listens to all pages of a context, also to those that are opened later. */
  watch(name: string, context: BrowserContext): void {
    context.setDefaultTimeout(waitMsMax);
    context.on("weberror", (error) => this.all.push(`${name}: ${error.error()}`));
    context.on("console", (message) => {
      const type = message.type();
      if (type !== "error" && !/Content.Security.Policy/i.test(message.text())) return;
      if (this.#isExpected(message.text())) return;
      this.all.push(`${name}: ${type}: ${message.text()} (${message.location().url})`);
    });
  }

  /** While this runs, network errors are to be expected. */
  async duringOutage(run: () => Promise<void>): Promise<void> {
    this.#outage = true;
    await run();
    this.#outage = false;
  }

  #isExpected(text: string): boolean {
    return (this.#outage || !this.#server.isUp) && networkError.test(text);
  }
}
