import { z } from "zod";

/**
 * The texts of the visitor's side, in English: button, window and what stands between messages. A
 * word in braces is put in when the text is shown.
 */
export const visitorTexts = {
  button_online: "Chat with us",
  button_offline: "Leave a message",
  window_title: "Chat",
  greeting: "Ask us anything. An agent will be with you shortly.",
  start_chat: "Start chat",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
  department: "Department",
  optional: "optional",
  message_placeholder: "Write a message…",
  send: "Send",
  attach_file: "Attach a file",
  waiting: "Waiting for an agent…",
  next: "You are next. An agent will be with you shortly.",
  position: "You are number {position}.",
  estimated_wait: "About {minutes} minutes",
  agent_joined: "{agent} joined the chat",
  agent_left: "{agent} left the chat",
  looking_for_agent: "Looking for another agent…",
  still_there: "Still there? The chat ends soon if nobody writes.",
  chat_ended: "The chat has ended",
  end_chat: "End chat",
  rate_chat: "How was this chat?",
  rating_comment: "Anything to add?",
  transcript: "Send me the chat by e-mail",
  offline_title: "Nobody is here now. Leave a message and we will answer by e-mail.",
  offline_sent: "Thank you. Your message was sent.",
  closed: "We are closed now.",
  queue_full: "All agents are busy. Please leave a message.",
  sign_in_wanted: "Please sign in to go on",
  signed_in: "Signed in",
  invitation_accept: "Chat now",
  invitation_refuse: "No, thanks",
  reconnecting: "Connection lost. Reconnecting…",
  not_sent: "Not sent",
} as const;
/** The name of a text of the visitor's side. */
export type VisitorTextKey = keyof typeof visitorTexts;

// Object.keys gives the names as plain strings.
const keys = Object.keys(visitorTexts) as [VisitorTextKey, ...VisitorTextKey[]];

/** A language: as in en, pt-BR, zh-Hant-TW. */
export const languageSchema = z.string().regex(
  /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/,
  "a language as in en, pt-BR or zh-Hant-TW",
);

/** Languages of one site or campaign. */
const languagesMax = 50;

/** Texts that take the place of ours, by language. */
export const textsSchema = z.record(
  languageSchema,
  z.partialRecord(
    z.enum(keys),
    z.string().min(1).max(512).describe(
      "Shown instead of ours. Words in braces are those of our text, as {position}.",
    ),
  ).describe("The texts of one language."),
).refine(
  (texts) => Object.keys(texts).length <= languagesMax,
  `at most ${languagesMax} languages`,
).superRefine((texts, context) => {
  for (const [language, own] of Object.entries(texts)) {
    for (const [key, text] of Object.entries(own)) {
      const message = strangeWord(key as VisitorTextKey, text); // the schema has its keys
      if (message !== undefined) {
        context.addIssue({ code: "custom", path: [language, key], message });
      }
    }
  }
});
/** Texts that take the place of ours, by language. */
export type Texts = z.infer<typeof textsSchema>;

/** A word in braces that nothing would be put in for. [SC2] */
function strangeWord(key: VisitorTextKey, text: string): string | undefined {
  const known = visitorTexts[key].match(/\{\w+\}/g) ?? [];
  const strange = text.match(/\{\w+\}/g)?.find((word) => !known.some((one) => one === word));
  if (strange === undefined) return undefined;
  return `nothing is put in for ${strange} here; known: ${known.join(", ") || "none"}`;
}
