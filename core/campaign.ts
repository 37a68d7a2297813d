import { z } from "zod";
import { formSchema } from "./form.ts";
import { campaignIdSchema, departmentIdSchema } from "./ids.ts";
import { invitationConfigSchema } from "./invitation.ts";
import { limits } from "./limits.ts";
import { textsSchema } from "./visitor_text.ts";

const colourSchema = z.string().regex(/^#[0-9a-f]{6}$/, "a colour as in #1b6ef3, in lower case");

const imageUrlSchema = z.url({ protocol: /^https?$/ }).max(limits.urlCharsMax);

/** What visitors press, and see while nobody chats. */
const buttonSchema = z.strictObject({
  position: z.enum([
    "bottom_right",
    "bottom_left",
    "top_right",
    "top_left",
    "right",
    "left",
    "in_page",
  ]).default("bottom_right").describe(
    "Where it floats; in_page: where the page has put it.",
  ),
  colour: colourSchema.default("#1b6ef3").describe("Its colour."),
  onlineText: z.string().min(1).max(64).optional().describe(
    "Its text while chats are taken; the texts of a language go before.",
  ),
  offlineText: z.string().min(1).max(64).optional().describe(
    "Its text while none are taken. Not with hiddenWhenOffline, as it would never be seen.",
  ),
  onlineImageUrl: imageUrlSchema.optional().describe(
    "An image (http or https) in place of the text while chats are taken.",
  ),
  offlineImageUrl: imageUrlSchema.optional().describe(
    "An image in place of the text while none are taken. Not with hiddenWhenOffline.",
  ),
  hiddenWhenOffline: z.boolean().default(false).describe(
    "There is no button, and no offline form, while no chats are taken.",
  ),
}).describe("The button.");

/** Where visitors chat. */
const windowSchema = z.strictObject({
  title: z.string().min(1).max(64).optional().describe(
    "Its title; the texts of a language go before.",
  ),
  greeting: z.string().min(1).max(1_024).optional().describe(
    "What it says before the chat; the texts of a language go before.",
  ),
  colour: colourSchema.default("#1b6ef3").describe("Its colour."),
  logoUrl: imageUrlSchema.optional().describe("An image (http or https) beside the title."),
  asksForRating: z.boolean().default(true).describe("It asks for a rating when a chat has ended."),
  offersTranscript: z.boolean().default(true).describe("It offers to mail the transcript."),
  offersFiles: z.boolean().default(true).describe("Visitors can attach files."),
}).describe("The chat window.");

/** Button, window, forms and invitations of some of the site's pages: the seed's plan. [EN10] */
export const campaignConfigSchema = z.strictObject({
  campaignId: campaignIdSchema.describe("The campaign's name within the site; the seed's planId."),
  name: z.string().min(1).max(128).describe("What those see who configure the site."),
  departmentId: departmentIdSchema.optional().describe(
    "Its chats and offline messages go to this department when the visitor chose none.",
  ),
  departmentChoice: z.array(departmentIdSchema.describe("A department of the site.")).max(200)
    .default([]).describe(
      "Departments of which the visitor may choose one; none, or two at least.",
    ),
  button: buttonSchema.prefault({}),
  window: windowSchema.prefault({}),
  preChat: formSchema.optional().describe("What is asked before a chat."),
  offlineForm: formSchema.optional().describe("What is asked with an offline message."),
  invitations: z.array(invitationConfigSchema).max(100).default([]).describe(
    "Automatic invitations to a chat.",
  ),
  texts: textsSchema.default({}).describe(
    "Texts of these pages by language; they go before the site's.",
  ),
}).describe("A campaign: button, window, forms, routing, invitations and texts of some pages.");
/** A campaign, as configured. */
export type CampaignConfig = z.infer<typeof campaignConfigSchema>;
