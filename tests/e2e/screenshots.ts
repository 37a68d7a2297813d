// deno-lint-ignore-file no-console -- a tool's output
/**
 * Writes a picture of each state of both pages, wide and at 360 px:
 * `deno run -A tests/e2e/screenshots.ts [folder]`, by default tmp/screenshots.
 */
import type { Page } from "playwright-core";
import { part, say, settles, shows } from "./browser.ts";
import { setStatus, Stage, startChat } from "./stage.ts";

const sizes = [
  { width: 1100, height: 760 },
  { width: 360, height: 640 },
] as const;

const lines: readonly (readonly ["visitor" | "agent", string])[] = [
  ["visitor", "Hello! Does the fern need much sun? It stands right at a window to the south."],
  ["agent", "Only a little, it likes shade. Let me look up the details, it takes a moment."],
  ["visitor", "Thank you 🌿"],
  ["agent", "A metre from the window is fine:\n- water it twice a week\n- no midday sun"],
  ["visitor", `<img src=x onerror="alert(1)"> https://example.com/${"long-".repeat(30)}`],
];

async function shoot(page: Page, name: string, folder: string): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    const path = `${folder}/${name}_${size.width}.png`;
    await page.screenshot({ path, animations: "disabled" });
    console.log(path);
  }
  await page.setViewportSize(sizes[0]);
}

async function chat(visitor: Page, agent: Page): Promise<void> {
  for (const [who, text] of lines) {
    const [from, to] = who === "visitor" ? [visitor, agent] : [agent, visitor];
    await say(from, text);
    await settles(to, text);
  }
}

async function shootAll(stage: Stage, folder: string): Promise<void> {
  const visitorContext = await stage.person("visitor");
  const agentContext = await stage.person("agent");
  const visitor = await stage.openVisitorPage(visitorContext);
  await shows(visitor, "start");
  await shoot(visitor, "visitor_start_form", folder);

  const strangers = await agentContext.newPage();
  await strangers.goto(`${stage.server.url}/agent`);
  await shows(strangers, "login");
  await shoot(strangers, "agent_login", folder);
  await strangers.close();

  const agent = await stage.openConsole(agentContext, "ana");
  await setStatus(agent, "away");
  await startChat(visitor, "Vik Okonkwo");
  await shows(visitor, "queue-position");
  const other = await stage.openVisitorPage(await stage.person("other visitor"));
  await startChat(other, "Wilhelmina Featherstonehaugh-Cholmondeley of the Northern Gardens");
  await part(agent, "waiting-item").nth(1).waitFor();
  await shoot(visitor, "visitor_waiting", folder);
  await shoot(agent, "agent_waiting_list", folder);

  await setStatus(agent, "online");
  await part(agent, "chat-tab", "[data-state=active]").filter({ hasText: "Vik" }).click();
  await chat(visitor, agent);
  await part(agent, "composer").pressSequentially("One more");
  await shows(visitor, "typing");
  await shoot(visitor, "visitor_chatting", folder);
  await shoot(agent, "agent_chatting", folder);
  await part(agent, "note-toggle").check();
  await say(agent, "Asks about ferns: offer the guide.");
  await settles(agent, "Asks about ferns: offer the guide.");
  await shoot(agent, "agent_note_mode", folder);
  await part(agent, "note-toggle").uncheck();

  await stage.server.kill();
  await part(visitor, "connection").filter({ hasText: "Reconnecting" }).waitFor();
  await say(visitor, "Are you still there?");
  await shows(visitor, "message", "[data-state=pending]");
  await shoot(visitor, "visitor_reconnecting", folder);
  await shoot(agent, "agent_reconnecting", folder);
  await stage.server.start();
  await settles(agent, "Are you still there?");
  await part(agent, "end").click();
  await shows(visitor, "ended");
  await shoot(visitor, "visitor_ended", folder);
  await shoot(agent, "agent_ended", folder);
}

const folder = Deno.args[0] ?? "tmp/screenshots";
await Deno.mkdir(folder, { recursive: true });
const stage = await Stage.create();
try {
  await shootAll(stage, folder);
} finally {
  await stage.close();
}
