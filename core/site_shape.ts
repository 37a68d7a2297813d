import { z } from "zod";
import { absenceSchema, inactivitySchema } from "./absence_config.ts";
import { agentConfigSchema } from "./agent_config.ts";
import { banTargetSchema } from "./ban.ts";
import { businessHoursSchema } from "./business_hours.ts";
import { campaignConfigSchema } from "./campaign.ts";
import { departmentConfigSchema } from "./department_config.ts";
import { agentIdSchema, departmentIdSchema, itemIdPattern, siteIdSchema } from "./ids.ts";
import { integrationsSchema } from "./integrations.ts";
import { limits } from "./limits.ts";
import { queueSchema, routingSchema } from "./routing_config.ts";
import { languageSchema, textsSchema } from "./visitor_text.ts";

const customVariableSchema = z.strictObject({
  name: z.string().min(1).max(64).describe("Its name, as the page sets it."),
  label: z.string().min(1).max(128).optional().describe("What agents see instead of the name."),
}).describe("A custom variable.");

/** The last moment of a Date. */
const millisMax = 8_640_000_000_000_000;

/** Its form is asked of who writes; what was stored before there was one is still read. [SC8] */
const itemIdSchema = z.string().min(1).max(64).meta({ pattern: itemIdPattern.source });

const cannedMessageSchema = z.strictObject({
  cannedId: itemIdSchema.describe("Its id within the site."),
  title: z.string().min(1).max(128).describe("What agents find it by."),
  shortcut: z.string().regex(/^\S{1,32}$/, "1 to 32 characters without a space").optional()
    .describe(
      "Typed to insert it; once within a department, once among those of the whole site. A " +
        "department's goes before one of the whole site.",
    ),
  text: z.string().min(1).max(limits.textBytesMax / 4).describe("What is inserted."),
  departmentId: departmentIdSchema.optional().describe(
    "Only this department's agents have it; without it all have.",
  ),
}).describe("A text that agents write often.");

const banSchema = z.strictObject({
  banId: itemIdSchema.describe(
    "Its id; of a ban that an agent set the commandId that made it.",
  ),
  target: banTargetSchema.describe("Who is banned."),
  until: z.int().min(1).max(millisMax).optional().describe(
    "When it ends by itself, in milliseconds since 1970; never without it.",
  ),
  agentId: agentIdSchema.optional().describe(
    "Who set it; need not be an agent of the site any more.",
  ),
  comment: z.string().max(limits.commentCharsMax).optional().describe("Why."),
}).describe("A ban.");

/** How the site's own pages sign their users in: JWTs (HS256) under one of these keys. [EN8] */
const signInSchema = z.strictObject({
  keys: z.array(
    z.string().min(32).max(256).describe("A key of HS256.").meta({ writeOnly: true }),
  ).min(1).max(5).describe("A token is taken when one of these keys has signed it."),
  audience: z.string().min(1).max(128).describe("What `aud` of a token must name."),
  enforce: z.boolean().default(false).describe("A chat can be asked for only by who is signed in."),
}).describe("How the site's own pages sign their users in: JWTs (HS256).");

/** Days that the archive keeps each kind; statistics are counts without anybody's name. [DB7] */
const retentionSchema = z.strictObject({
  chats: z.int().min(1).max(3_650).default(365).describe("Chats with their messages."),
  offlineMessages: z.int().min(1).max(3_650).default(365).describe("Offline messages."),
  logs: z.int().min(1).max(3_650).default(90).describe(
    "Status changes, queue rows, invitations, uses of canned messages and the like.",
  ),
  visits: z.int().min(1).max(3_650).default(730).describe("Counts of visits."),
}).describe("Days that the archive keeps each kind.");

const hostPattern =
  /^\.?(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const allowedDomainSchema = z.string().regex(
  hostPattern,
  'a host in lower case, as "example.com", or with a dot before it for those below it too, as ' +
    '".example.com"; no scheme, port, path or *',
);

/**
 * Everything that a site is configured with, as to its form alone. Configurations are taken by
 * siteConfigSchema, which refuses those that contradict themselves too.
 */
export const siteShape = z.strictObject({
  siteId: siteIdSchema.describe("The site's name, as it stands in addresses. Never changes."),
  name: z.string().min(1).max(128).describe("The site's name for people."),
  version: z.int().min(1).default(1).describe("One more with every change."),
  madeAt: z.int().min(1).max(millisMax).optional().describe(
    "When it was made, in milliseconds since 1970: sessions of a removed site that had the same " +
      "name are none of this one.",
  ),
  language: languageSchema.default("en").describe(
    "The visitor's side speaks it where it has no texts in the visitor's own.",
  ),
  texts: textsSchema.default({}).describe("Texts that take the place of ours, by language."),
  agents: z.array(agentConfigSchema).max(1_000).default([]).describe("The agents."),
  departments: z.array(departmentConfigSchema).max(200).default([]).describe("The departments."),
  campaigns: z.array(campaignConfigSchema).max(200).default([]).describe(
    "The first one is the default; without any there is one that asks for nothing.",
  ),
  routing: routingSchema.prefault({}),
  queue: queueSchema.prefault({}),
  hours: businessHoursSchema.optional().describe("When the site is open; without it always."),
  inactivity: inactivitySchema.prefault({}),
  absence: absenceSchema.prefault({}),
  customVariables: z.array(customVariableSchema).max(limits.variablesMax).default([]).describe(
    "What a visitor's page may tell agents about it.",
  ),
  awayReasons: z.array(z.string().min(1).max(64).describe("A reason.")).max(50).default([])
    .describe("Names of away besides the plain one."),
  wrapUpCategories: z.array(z.string().min(1).max(128).describe("A category.")).max(200)
    .default([]).describe("Categories in which agents wrap chats up."),
  cannedMessages: z.array(cannedMessageSchema).max(2_000).default([]).describe(
    "Texts that agents write often.",
  ),
  bans: z.array(banSchema).max(limits.bansMax).default([]).describe("Who is kept out."),
  trackedVisitorsMax: z.int().min(0).max(limits.trackedVisitorsMax).default(400).describe(
    "Visitors that agents can see at once.",
  ),
  signIn: signInSchema.optional(),
  bot: z.strictObject({
    name: z.string().min(1).max(128).describe("What visitors see."),
  }).optional().describe("A bot answers first; without it agents do."),
  translation: z.strictObject({
    agentLanguage: languageSchema.describe("The language that agents read and write."),
  }).optional().describe("Translation is offered per chat."),
  retention: retentionSchema.prefault({}),
  integrations: integrationsSchema.prefault({}),
  allowedDomains: z.array(allowedDomainSchema.describe("A host.")).max(100).default([]).describe(
    'Hosts whose pages may connect besides our own: "example.com" exactly, ".example.com" below ' +
      "it too.",
  ),
}).describe("Everything that a site is configured with.");
/** Everything that a site is configured with. */
export type SiteConfig = z.infer<typeof siteShape>;
