import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, part, shows } from "./browser.ts";
import { Complaints } from "./complaints.ts";
import { ServerProcess } from "./server.ts";

/** A server, a browser, and a context of its own for each person. */
export class Stage {
  readonly server: ServerProcess;
  readonly complaints: Complaints;
  readonly #browser: Browser;

  private constructor(server: ServerProcess, browser: Browser) {
    this.server = server;
    this.#browser = browser;
    this.complaints = new Complaints(server);
  }

  static async create(): Promise<Stage> {
    const server = await ServerProcess.create();
    try {
      return new Stage(server, await launchBrowser());
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** A browser profile of a person's own, whose complaints are kept. */
  async person(name: string): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      viewport: { width: 1100, height: 760 },
      colorScheme: "light",
    });
    this.complaints.watch(name, context);
    return context;
  }

  async openVisitorPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${this.server.url}/visitor`);
    return page;
  }

  /** Logs an agent in on a new page and waits until the console is connected. */
  async openConsole(context: BrowserContext, agentId: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${this.server.url}/agent`);
    await part(page, "login-agent").fill(agentId);
    await part(page, "login-password").fill(await this.server.password());
    await part(page, "login").click();
    await shows(page, "connection", "[data-state=open]");
    return page;
  }

  /** Pictures of all pages, for whoever looks into a failure. */
  async capture(folder: string): Promise<void> {
    await Deno.mkdir(folder, { recursive: true });
    const pages = this.#browser.contexts().flatMap((context) => context.pages());
    for (const [place, page] of pages.entries()) {
      await page.screenshot({ path: `${folder}/page_${place}.png` });
    }
  }

  async close(): Promise<void> {
    try {
      await this.#browser.close();
    } finally {
      await this.server.remove();
    }
  }
}

/** Sets an agent's status and waits until the server has taken it. */
export async function setStatus(page: Page, status: "online" | "away"): Promise<void> {
  await part(page, "status").selectOption(status);
  await shows(page, "status", `[data-status=${status}]`);
}

/** Asks for a chat on the visitor's page, as someone of this name. */
export async function startChat(page: Page, name: string): Promise<void> {
  await part(page, "name").fill(name);
  await part(page, "start").click();
  await shows(page, "composer");
}
