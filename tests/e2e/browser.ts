import { type Browser, chromium, type Locator, type Page } from "playwright-core";

/** How long anything on a page may take. Generous: reconnects back off, CI machines are slow. */
export const waitMsMax = 20_000;

const args = [
  "--no-sandbox",
  "--headless=new",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

/** Where Chromium is installed; undefined when it is not. */
export function chromiumPath(): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/chromium`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Starts the machine's own Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("There is no chromium in PATH");
  return await chromium.launch({ executablePath, args });
}

/** The elements of a page with a data-testid; `having` narrows them by their attributes. */
export function part(page: Page, id: string, having = ""): Locator {
  return page.locator(`[data-testid="${id}"]${having}`);
}

/** Waits until one such element is in view. */
export async function shows(page: Page, id: string, having = ""): Promise<void> {
  await part(page, id, having).first().waitFor();
}

/** Waits until the composer of the page is there, writes into it, and sends. */
export async function say(page: Page, text: string): Promise<void> {
  await part(page, "composer").fill(text);
  await part(page, "composer").press("Enter");
}

/** What a person reads in a chat: who wrote what, and whether it is a note. */
export interface Line {
  readonly author: string;
  readonly text: string;
  readonly note: boolean;
}

/** The messages that a page shows, from top to bottom. */
export async function linesOf(page: Page): Promise<Line[]> {
  return await part(page, "message").evaluateAll((items) =>
    items.map((item) => ({
      author: item.getAttribute("data-author") ?? "",
      text: item.querySelector(".bubble")?.textContent ?? "",
      note: item.classList.contains("note"),
    }))
  );
}

/** Waits until a page shows just as many messages with this text, and none is on its way. */
export async function settles(page: Page, text: string, count = 1): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const items = [...document.querySelectorAll("[data-testid=message]")];
      const found = items.filter((item) =>
        item.querySelector(".bubble")?.textContent === wanted.text
      );
      const waits = items.some((item) => item.getAttribute("data-state") === "pending");
      return found.length === wanted.count && !waits;
    },
    { text, count },
  ).catch(async (error) => {
    const lines = JSON.stringify(await linesOf(page)).slice(0, 2_000);
    throw new Error(`Not ${count} times: ${text.slice(0, 80)}\nbut: ${lines}`, { cause: error });
  });
}

/** By how many pixels a page can be scrolled to the side. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll(".messages ol")];
    return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
  });
}
