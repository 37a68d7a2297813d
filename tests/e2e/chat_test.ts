import assert from "node:assert/strict";
import type { BrowserContext, Page, WebSocketRoute } from "playwright-core";
import { chromiumPath, linesOf, part, say, settles, shows, sidewaysScroll } from "./browser.ts";
import { setStatus, Stage, startChat } from "./stage.ts";

const visitorName = "Vik <b>bold</b> \u202egnp.exe";
const note = "Only for agents: offer the guide";

/** Who is on stage; steps exchange the pages. */
interface Scene {
  readonly stage: Stage;
  readonly visitorContext: BrowserContext;
  visitor: Page;
  agent: Page;
  /** Consoles that were replaced, and how often each may have connected. */
  readonly replaced: { readonly page: Page; readonly sockets: () => number; limit: number }[];
  /** WebSocket messages that visitors' pages received. */
  readonly heard: string[];
}

async function setUp(stage: Stage): Promise<Scene> {
  const visitorContext = await stage.person("visitor");
  const agentContext = await stage.person("agent");
  const heard: string[] = [];
  visitorContext.on("page", (page) => {
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => heard.push(String(payload)));
    });
  });
  const agent = await stage.openConsole(agentContext, "ana");
  const visitor = await stage.openVisitorPage(visitorContext);
  return { stage, visitorContext, visitor, agent, replaced: [], heard };
}

async function theyChat({ visitor, agent }: Scene): Promise<void> {
  // Away: the visitor waits, so that the first tick is that of the server alone.
  await setStatus(agent, "away");
  await startChat(visitor, visitorName);
  await shows(visitor, "queue-position");
  await say(visitor, "Is anybody there?");
  await shows(visitor, "message", "[data-state=sent]");
  assert.equal(await visitor.getByRole("img", { name: "Sent" }).textContent(), "✓");
  await shows(agent, "waiting-item");
  await setStatus(agent, "online");
  await shows(agent, "chat-tab", "[data-state=active]");
  await settles(agent, "Is anybody there?");
  await shows(visitor, "message", "[data-state=read]");
  assert.equal(await visitor.getByRole("img", { name: "Read" }).textContent(), "✓✓");

  await part(agent, "composer").pressSequentially("Yes");
  await shows(visitor, "typing");
  await part(agent, "composer").press("Enter");
  await settles(visitor, "Yes");
  await part(visitor, "typing").waitFor({ state: "detached" });
  await shows(agent, "message", "[data-author=agent][data-state=read]");
  await part(visitor, "composer").pressSequentially("Good");
  await shows(agent, "typing");
  await part(visitor, "composer").press("Enter");
  await settles(agent, "Good");
  await assertSame(visitor, agent);
}

async function noteStaysWithAgents({ visitor, agent, heard }: Scene): Promise<void> {
  await part(agent, "note-toggle").check();
  await say(agent, note);
  await settles(agent, note);
  assert.equal((await linesOf(agent)).filter((line) => line.note).length, 1);
  await part(agent, "note-toggle").uncheck();
  await say(agent, "after the note");
  await settles(visitor, "after the note");
  await assertUnseen(visitor, note);
  await visitor.reload();
  await settles(visitor, "after the note");
  await assertUnseen(visitor, note);
  await assertSame(visitor, agent);
  assert.ok(heard.some((message) => message.includes("after the note")), "nothing was recorded");
  assert.ok(!heard.some((message) => message.includes(note)), "the note went to the visitor");
}

async function nodeIsKilled({ stage, visitor, agent }: Scene): Promise<void> {
  await stage.complaints.duringOutage(async () => {
    await stage.server.kill();
    for (const page of [visitor, agent]) {
      await part(page, "connection").filter({ hasText: "Reconnecting" }).waitFor();
    }
    await say(visitor, "while it is down");
    await shows(visitor, "message", "[data-state=pending]");
    await part(visitor, "composer").fill("a draft");
    await stage.server.start();
    for (const page of [visitor, agent]) {
      await shows(page, "connection", "[data-state=open]");
    }
  });
  await settles(agent, "while it is down");
  await settles(visitor, "while it is down");
  assert.equal(await part(visitor, "composer").inputValue(), "a draft");
  await say(agent, "we are back");
  await settles(visitor, "we are back");
  await assertSame(visitor, agent);
  assert.equal(await part(visitor, "composer").inputValue(), "a draft");
}

/** Both ways to stay without an ack: the message is lost on its way, or the ack is. */
async function reloadSendsAgain(scene: Scene): Promise<void> {
  for (const lost of ["message", "ack"] as const) {
    const { stage, visitorContext, agent } = scene;
    const text = `its ${lost} was lost`;
    await scene.visitor.close();
    const cut = { on: false };
    const page = await visitorContext.newPage();
    await page.routeWebSocket(/./, (route) => relay(route, cut, lost));
    await page.goto(`${stage.server.url}/visitor`);
    await settles(page, "we are back");
    assert.equal(await part(page, "composer").inputValue(), "a draft");
    cut.on = true;
    await say(page, text);
    await shows(page, "message", "[data-state=pending]");
    if (lost === "ack") await settles(agent, text);
    else assert.ok(!(await linesOf(agent)).some((line) => line.text === text));
    cut.on = false;
    await page.reload();
    await settles(page, text);
    await settles(agent, text);
    await assertSame(page, agent);
    await part(page, "composer").fill("a draft");
    await page.close();
    // Without the relay from here on.
    scene.visitor = await stage.openVisitorPage(visitorContext);
    await settles(scene.visitor, text);
  }
  await part(scene.visitor, "composer").fill("");
}

/** Passes a page's socket on to the server, one direction of it only while cut. */
function relay(route: WebSocketRoute, cut: { on: boolean }, lost: "message" | "ack"): void {
  const server = route.connectToServer();
  // A socket that was cut once stays cut: what its page sends while it goes away is lost too.
  const state = { wasCut: false };
  const passes = (direction: "message" | "ack") => {
    state.wasCut ||= cut.on;
    return !state.wasCut || lost !== direction;
  };
  route.onMessage((message) => {
    if (passes("message")) server.send(message);
  });
  server.onMessage((message) => {
    if (passes("ack")) route.send(message);
  });
}

async function tabsShareTheChat({ stage, visitorContext, visitor, agent }: Scene): Promise<void> {
  const second = await stage.openVisitorPage(visitorContext);
  await settles(second, "we are back");
  await assertSame(second, agent);
  await say(visitor, "from the first tab");
  await say(second, "from the second tab");
  for (const page of [visitor, second, agent]) {
    await settles(page, "from the first tab");
    await settles(page, "from the second tab");
  }
  await assertSame(visitor, second);
  const more: Page[] = [];
  for (let tab = 3; tab <= 8; tab++) {
    const page = await stage.openVisitorPage(visitorContext);
    await shows(page, "connection", "[data-state=open]");
    more.push(page);
  }
  const ninth = await stage.openVisitorPage(visitorContext);
  await part(ninth, "connection", "[data-state=stopped]").filter({ hasText: "Too many tabs" })
    .waitFor();
  await say(agent, "to eight tabs");
  for (const page of [visitor, second, ...more]) await settles(page, "to eight tabs");
  for (const page of [second, ninth, ...more]) await page.close();
  await visitor.bringToFront();
}

async function newConsoleReplaces(scene: Scene): Promise<void> {
  const { stage, visitor, agent: first } = scene;
  const state = { sockets: 0 };
  first.on("websocket", () => state.sockets += 1);
  const second = await stage.openConsole(await stage.person("second console"), "ana");
  await part(first, "connection", "[data-state=stopped]").filter({ hasText: "another window" })
    .waitFor();
  await first.evaluate(() => globalThis.dispatchEvent(new Event("online")));
  await settles(second, "to eight tabs");
  await settles(second, note);
  await say(second, "from the new console");
  await settles(visitor, "from the new console");
  await say(visitor, "to the new console");
  await settles(second, "to the new console");
  assert.ok(!(await linesOf(first)).some(({ text }) => text === "to the new console"));
  scene.replaced.push({ page: first, sockets: () => state.sockets, limit: 0 });
  scene.agent = second;
}

async function hostileTextIsText({ visitor, agent }: Scene): Promise<void> {
  const title = await visitor.title();
  const texts = [
    `<img src=x onerror="document.title='pwned'">`,
    "\u202egnp.exe\u202d \u2067עברית مرحبا",
    `z${"\u0301".repeat(5_000)}`,
    "W".repeat(600),
  ];
  for (const text of texts) {
    await say(visitor, text);
    await settles(agent, text);
    await say(agent, `${text}.`);
    await settles(visitor, `${text}.`);
  }
  for (const page of [visitor, agent]) {
    assert.equal(await page.locator(".messages img, .messages b, .who b").count(), 0);
    const size = page.viewportSize();
    for (const width of [1100, 360]) {
      await page.setViewportSize({ width, height: 640 });
      assert.equal(await sidewaysScroll(page), 0, `${page.url()} scrolls at ${width} px`);
    }
    if (size !== null) await page.setViewportSize(size);
  }
  await assertSame(visitor, agent);
  assert.equal(await visitor.title(), title);
  assert.match(await agent.title(), /^(\(\d+\) )?Agent console$/);
  await longTextIsRefused(visitor);
  await longTextIsRefused(agent);
}

async function longTextIsRefused(page: Page): Promise<void> {
  const before = await linesOf(page);
  const text = "é".repeat(8 * 1024 + 1);
  await say(page, text);
  await page.getByRole("alert").filter({ hasText: "too long" }).waitFor();
  assert.equal(await part(page, "composer").inputValue(), text);
  assert.ok(await part(page, "send").isDisabled());
  assert.deepEqual(await linesOf(page), before);
  await part(page, "composer").fill("");
  await page.getByRole("alert").waitFor({ state: "detached" });
}

async function eitherSideEnds({ visitor, agent }: Scene): Promise<void> {
  await part(agent, "end").click();
  await shows(agent, "ended");
  await shows(visitor, "ended");
  await shows(visitor, "notice", "[data-kind=chat_ended]");
  await assertSame(visitor, agent);
  await visitor.getByRole("button", { name: "Start a new chat" }).click();
  await startChat(visitor, visitorName);
  await shows(agent, "chat-tab", "[data-state=active]");
  await part(agent, "chat-tab", "[data-state=active]").click();
  await say(visitor, "once more");
  await settles(agent, "once more");
  await part(visitor, "end").click();
  await shows(visitor, "ended");
  await shows(agent, "ended");
  await assertSame(visitor, agent);
}

async function nobodyComplained({ stage, visitor, replaced }: Scene): Promise<void> {
  for (const { page, sockets, limit } of replaced) {
    await shows(page, "connection", "[data-state=stopped]");
    assert.equal(sockets(), limit, "the replaced console connected again");
  }
  const { all } = stage.complaints;
  assert.deepEqual(all, []);
  // The silence means something: an error and a script of a stranger are heard.
  await visitor.evaluate(() => {
    setTimeout(() => {
      throw new Error("made by the test");
    });
    const script = document.createElement("script");
    script.textContent = "document.title = 'pwned'";
    document.head.append(script);
  });
  assert.notEqual(await visitor.title(), "pwned");
  await visitor.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.match(all.join("\n"), /made by the test/);
  assert.match(all.join("\n"), /Content.Security.Policy/);
}

/** Both pages show the same messages in the same order; notes are the agent's alone. */
async function assertSame(a: Page, b: Page): Promise<void> {
  const [left, right] = await Promise.all([linesOf(a), linesOf(b)]);
  assert.deepEqual(left.filter((line) => !line.note), right.filter((line) => !line.note));
  assert.ok(left.length > 0, "there is nothing to compare");
}

async function assertUnseen(page: Page, text: string): Promise<void> {
  assert.ok(!(await page.content()).includes(text), `${page.url()} shows: ${text}`);
}

const steps: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
  ["both sides chat, see typing and ticks", theyChat],
  ["a note stays with the agents", noteStaysWithAgents],
  ["the node is killed in mid-chat", nodeIsKilled],
  ["a reload sends what was not acked, once", reloadSendsAgain],
  ["tabs share the chat, the ninth is refused", tabsShareTheChat],
  ["a new console replaces the one before", newConsoleReplaces],
  ["hostile and too long text does no harm", hostileTextIsText],
  ["either side ends the chat", eitherSideEnds],
  ["no page error, no violation of the CSP", nobodyComplained],
];

const inCi = ["true", "1"].includes(Deno.env.get("CI") ?? "");
const cannotRun = chromiumPath() === undefined;
if (cannotRun) {
  const words = "tests/e2e: there is no chromium in PATH, NO BROWSER TEST IS RUN\n";
  await Deno.stderr.write(new TextEncoder().encode(words));
}

Deno.test({
  name: "a visitor and an agent chat in real browsers",
  ignore: cannotRun && !inCi,
  // Playwright keeps its pipes to the browser and timers of its own beyond browser.close().
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const stage = await Stage.create();
    try {
      const scene = await setUp(stage);
      for (const [name, run] of steps) {
        // Each step goes on where the one before has left the chat.
        if (await t.step(name, () => run(scene))) continue;
        await stage.capture("tmp/e2e_failure");
        break;
      }
    } finally {
      await stage.close();
    }
  },
});
