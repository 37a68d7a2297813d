import { agentIdSchema, type ChatId, siteIdSchema } from "../../core/ids.ts";
import { limits } from "../../core/limits.ts";
import type { SiteConfigInput } from "../../core/site_config.ts";
import { passTime } from "./event_turns.ts";
import type { NodeBench } from "./node_bench.ts";
import { benchConfig } from "./site_bench.ts";

/** A site on which a day can be lived through. */
export function daySite(siteId: string, integrations: SiteConfigInput["integrations"] = {}) {
  return benchConfig({
    siteId,
    mode: "manual",
    staff: { ana: { role: "supervisor" } },
    config: {
      cannedMessages: [{ cannedId: "greeting", title: "Greeting", text: "Hello!" }],
      wrapUpCategories: ["sales"],
      integrations,
    },
  });
}

/** What was done on a day, by its ids. */
export interface SiteDay {
  readonly chatId: ChatId;
  readonly offlineMessageId: string;
  readonly wrapUpId: string;
  readonly ratingId: string;
  /** Bans that ana set; the second is lifted again. */
  readonly banIds: readonly [string, string];
}

/** People of a site do everything that leads to a job of any queue of the engine. */
export async function liveDay(bench: NodeBench, siteId = "acme"): Promise<SiteDay> {
  const { ids, node } = bench;
  const command = () => ids.command();
  const [visitorId, visitId] = [ids.visitor(), "visit-1"];
  const arriving = node.visitorArrived(bench.slot(siteId), { visitorId, visitId });
  await bench.idle();
  await arriving;
  const vik = bench.connect({ type: "visitor", visitorId, visitId }, siteId);
  const ana = bench.agent("ana", siteId);
  vik.send({ type: "view_page", url: "https://example.com/", title: "Example" });
  ana.send({ type: "set_status", commandId: command(), status: "online" });
  ana.send({ type: "invite_visitor", commandId: command(), visitorId, text: "May I help you?" });
  await bench.idle();
  const chatId = vik.requestChat();
  vik.post(chatId, "first");
  ana.send({ type: "accept_chat", commandId: command(), chatId });
  ana.post(chatId, "second");
  ana.send({ type: "use_canned", commandId: command(), chatId, cannedId: "greeting" });
  ana.send({ type: "post_note", chatId, messageId: ids.message(), text: "a regular" });
  ana.send({ type: "set_visitor", commandId: command(), visitorId, name: "Vik" });
  vik.post(chatId, "third");
  await bench.idle();
  vik.send({ type: "capture_conversion", commandId: command(), goal: "order", value: "9.50" });
  const ben = agentIdSchema.parse("ben");
  ana.send({ type: "post_private", to: ben, messageId: ids.message(), text: "coffee?" });
  ana.send({ type: "save_preferences", commandId: command(), preferences: "{}" });
  vik.send({ type: "request_transcript", commandId: command(), chatId, email: "vik@example.org" });
  vik.send({ type: "end_chat", commandId: command(), chatId });
  await bench.idle();
  await bench.clock.advance(1_000);
  const [wrapUpId, ratingId, banId, lifted] = [command(), command(), command(), command()];
  ana.send({ type: "wrap_up_chat", commandId: wrapUpId, chatId, category: "sales" });
  vik.send({ type: "rate_chat", commandId: ratingId, chatId, score: 4 });
  for (const [commandId, address] of [[banId, "203.0.113.9"], [lifted, "203.0.113.10"]] as const) {
    ana.send({ type: "ban", commandId, target: { type: "address", address } });
  }
  ana.send({ type: "lift_ban", commandId: command(), banId: lifted });
  ana.send({ type: "log_out", commandId: command() });
  await bench.idle();
  const offlineMessageId = command();
  const stranger = bench.visitor(siteId);
  stranger.send({ type: "submit_offline_message", commandId: offlineMessageId, text: "call me" });
  await bench.idle();
  // Slowly enough for whoever relays what is done.
  await passTime(bench.clock, 2 * limits.visitCountMs, 5_000);
  await bench.idle();
  return { chatId, offlineMessageId, wrapUpId, ratingId, banIds: [banId, lifted] };
}

/** A site's id, as it is branded. */
export const daySiteId = (siteId: string) => siteIdSchema.parse(siteId);
