import { type Job, jobsOfFact } from "../../core/job.ts";
import { agentStanding, type ChatStanding, sender, visitorStanding } from "./chat_standing.ts";
import type { Received } from "./site_page.ts";

// The act that fills each queue: who sends what, to whom the chat stands so (chat_standing.ts), and
// the job's id. {id} is the id that the sender chose. visit.log, of page loads, stands below.
const table = `
chat.end              | visitor active own     | end_chat                | {chat}
chat.end              | visitor left own       |                         | {chat}
chat.end              | agent   active own     | end_chat                | {chat}
chat.end              | agent   active own     | ban                     | {chat}
chat.message          | visitor active own     | post_message            | {chat}/{tenure}/public/{n}
chat.message          | agent   active own     | post_note               | {chat}/{tenure}/staff/{n}
chat.transcript       | visitor ended own      | request_transcript      | {chat}/transcript/vik@example.org
offlineMessage.submit | visitor none           | submit_offline_message  | {id}
agent.wrapup          | agent   ended own      | wrap_up_chat            | {chat}/{id}
agent.savePreference  | agent   none           | save_preferences        | {id}
agent.ban             | agent   none           | ban                     | {id}/set
agent.ban             | agent   active managed | lift_ban                | {ban}/lifted
visitor.rating        | visitor active own     | rate_chat               | {chat}/{id}
visitor.save          | agent   active own     | set_visitor             | {id}
cannedMessage.useLog  | agent   active own     | use_canned              | {id}
privateMessage.log    | agent   none           | post_private            | ~ana~cat/ana/{id}
chatQueue.log         | agent   waiting        | accept_chat             | {chat}/queue/1
chatQueue.log         | visitor waiting own    | end_chat                | {chat}/queue/1
chatQueue.log         | agent   offered        | refuse_chat             | {chat}/queue/1/refused/ana
agentStatus.log       | agent   none           | set_status              | ana/{id}
agentStatus.log       | agent   active own     | log_out                 | ana/{id}
invitation.log        | agent   none           | invite_visitor          | visit-1/{id}/{at}/sent
conversion.log        | visitor active own     | capture_conversion      | {id}
conversion.log        | agent   active own     | capture_chat_conversion | {id}
`;

/** An act and the job that it leads to. */
export interface JobAct {
  readonly queue: string;
  readonly side: string;
  readonly standing: string;
  readonly act: string;
  /** With {names} in it. */
  readonly uniqueId: string;
}

/** The acts that fill the queues, one a row. */
export const jobActs: readonly JobAct[] = table.trim().split("\n").map((line) => {
  const [queue = "", who = "", act = "", uniqueId = ""] = line.split("|").map((cell) =>
    cell.trim()
  );
  const [side = "", ...standing] = who.split(/ +/);
  return { queue, side, standing: standing.join(" "), act, uniqueId };
});

/** An act that took place. */
export interface Acted {
  readonly chat: ChatStanding;
  /** The jobs of the act's queue that it led to. */
  readonly jobs: readonly Job[];
  /** What its uniqueId should be. */
  readonly uniqueId: string;
  /** The same once more. */
  repeat(): void;
}

/** Carries an act out. */
export function perform({ queue, side, standing, act, uniqueId }: JobAct): Acted {
  const chat = side === "visitor" ? visitorStanding(standing) : agentStanding(standing);
  chat.page.take();
  // What led to the standing was the act itself where none is named.
  const before = new Set(act === "" ? [] : jobsOf(chat).map((one) => one.queue + one.uniqueId));
  const send = act === "" ? () => [] : sender(act, chat);
  const named = namesIn(chat, send());
  const jobs = jobsOf(chat).filter((one) =>
    one.queue === queue && !before.has(one.queue + one.uniqueId)
  );
  return {
    chat,
    jobs,
    uniqueId: uniqueId.replace(/\{(\w+)\}/g, (_, name) => named[name] ?? "?"),
    repeat() {
      if (chat.page.closedWith !== undefined) chat.page.connect();
      send();
    },
  };
}

/** Everything published until now, messages included. */
export function jobsOf({ bench }: ChatStanding): Job[] {
  const { siteId } = bench.site.state.config;
  return [...bench.facts.flatMap((fact) => jobsOfFact(siteId, fact)), ...bench.jobs];
}

function namesIn(chat: ChatStanding, frames: readonly Received[]): Record<string, string> {
  const { bench, chatId, banId } = chat;
  const names = {
    chat: chatId,
    ban: banId,
    tenure: bench.site.state.tenure ?? "",
    at: String(bench.at),
  };
  for (const frame of frames) {
    if (frame.type === "done") return { ...names, id: frame.commandId };
    if (frame.type === "ack" && "entry" in frame) {
      return { ...names, id: frame.entry.id, n: String(frame.entry.n) };
    }
  }
  return names;
}
