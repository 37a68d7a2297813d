import type { z } from "zod";
import type { DepartmentId } from "./ids.ts";
import { itemIdAllowed, itemIdPattern, ulidPattern } from "./ids.ts";
import { limits } from "./limits.ts";
import { faultOfUrl } from "./public_url.ts";
import { type Path, refuseTwice } from "./repeated_name.ts";
import type { SiteConfig } from "./site_shape.ts";
import { isStorable } from "./storable_text.ts";
import { utf8Bytes } from "./utf8.ts";

type Refuse = (path: Path, message: string) => void;

/**
 * What a configuration cannot mean although each of its fields may have its value: each is refused
 * with its path and the reason. What lies within one form, one set of hours or the integrations is
 * refused there. [SC2]
 */
export function refuseContradictions(config: SiteConfig, context: z.RefinementCtx): void {
  const refuse: Refuse = (path, message) => context.addIssue({ code: "custom", path, message });
  for (const [names, pathOf] of namesOf(config)) refuseTwice(names, pathOf, context);
  refuseEqualKeys(config, refuse);
  refuseUnstorable(config, [], refuse);
  refuseStrangeIds(config, refuse);
  refuseUnknownDepartments(config, refuse);
  refuseCycles(config, refuse);
  refuseRouting(config, refuse);
  refuseAbsence(config, refuse);
  refuseCampaigns(config, refuse);
  refuseInnerUrls(config, refuse);
  const bytes = utf8Bytes(JSON.stringify(config));
  if (bytes > limits.configBytesMax) {
    refuse([], `the configuration has ${bytes} bytes; at most ${limits.configBytesMax}`);
  }
}

type Names = readonly [readonly (string | undefined)[], (index: number) => Path];

/** Every list of names that stand once, with the place of each. */
function namesOf(config: SiteConfig): Names[] {
  const by = <Item>(list: string, items: readonly Item[], key: keyof Item & string): Names => [
    items.map((item) => item[key] as string | undefined), // every key below is of a string
    (index) => [list, index, key],
  ];
  const plain = (list: "awayReasons" | "wrapUpCategories" | "allowedDomains"): Names => [
    config[list],
    (index) => [list, index],
  ];
  const invitations = config.campaigns.flatMap(({ invitations }, campaign) =>
    invitations.map(({ invitationId }, index) => ({ invitationId, campaign, index }))
  );
  return [
    by("agents", config.agents, "agentId"),
    by("departments", config.departments, "departmentId"),
    by("campaigns", config.campaigns, "campaignId"),
    by("customVariables", config.customVariables, "name"),
    by("cannedMessages", config.cannedMessages, "cannedId"),
    by("bans", config.bans, "banId"),
    plain("awayReasons"),
    plain("wrapUpCategories"),
    plain("allowedDomains"),
    [
      invitations.map(({ invitationId }) => invitationId),
      (place) => {
        const at = invitations[place];
        return ["campaigns", at?.campaign ?? 0, "invitations", at?.index ?? 0, "invitationId"];
      },
    ],
    ...config.agents.map(({ departmentIds }, agent): Names => [
      departmentIds,
      (index) => ["agents", agent, "departmentIds", index],
    ]),
    ...config.campaigns.map(({ departmentChoice }, campaign): Names => [
      departmentChoice,
      (index) => ["campaigns", campaign, "departmentChoice", index],
    ]),
    ...shortcutsOf(config),
  ];
}

/** Shortcuts stand once within a department, and once among those of the whole site. */
function shortcutsOf({ cannedMessages }: SiteConfig): Names[] {
  const scopes = new Set(cannedMessages.map(({ departmentId }) => departmentId));
  return [...scopes].map((scope): Names => [
    cannedMessages.map((one) => one.departmentId === scope ? one.shortcut : undefined),
    (index) => ["cannedMessages", index, "shortcut"],
  ]);
}

/** As refuseTwice, but for secrets: which one it is stands in no answer and no log. [AM4] */
function refuseEqualKeys({ signIn }: SiteConfig, refuse: Refuse): void {
  const keys = signIn?.keys ?? [];
  keys.forEach((key, index) => {
    if (keys.indexOf(key) < index) refuse(["signIn", "keys", index], "the same key stands twice");
  });
}

/** Texts, and names of members, that a store would not take as they are. [SC8] */
function refuseUnstorable(value: unknown, path: Path, refuse: Refuse): void {
  if (typeof value === "string") {
    if (!isStorable(value)) refuse(path, "no NUL character, and no half of a surrogate pair");
  } else if (Array.isArray(value)) {
    value.forEach((item, place) => refuseUnstorable(item, [...path, place], refuse));
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (isStorable(name)) refuseUnstorable(member, [...path, name], refuse);
      else refuse(path, "no name with a NUL character, or half of a surrogate pair");
    }
  }
}

/** Ids that stand in addresses are read back from there as they are. [SC8] */
function refuseStrangeIds({ cannedMessages, bans }: SiteConfig, refuse: Refuse): void {
  cannedMessages.forEach(({ cannedId }, index) => {
    if (!itemIdPattern.test(cannedId)) {
      refuse(["cannedMessages", index, "cannedId"], itemIdAllowed);
    }
  });
  bans.forEach(({ banId }, index) => {
    if (!itemIdPattern.test(banId)) refuse(["bans", index, "banId"], itemIdAllowed);
  });
}

/** Every department that is named is there. */
function refuseUnknownDepartments(config: SiteConfig, refuse: Refuse): void {
  const departments = new Set(config.departments.map(({ departmentId }) => departmentId));
  const known = (id: DepartmentId | undefined, path: Path) => {
    if (id !== undefined && !departments.has(id)) refuse(path, `there is no department "${id}"`);
  };
  const all = (ids: readonly DepartmentId[], path: Path) =>
    ids.forEach((id, index) => known(id, [...path, index]));
  config.agents.forEach(({ departmentIds }, index) =>
    all(departmentIds, ["agents", index, "departmentIds"])
  );
  config.departments.forEach(({ backupDepartmentId }, index) =>
    known(backupDepartmentId, ["departments", index, "backupDepartmentId"])
  );
  config.campaigns.forEach(({ departmentId, departmentChoice }, index) => {
    known(departmentId, ["campaigns", index, "departmentId"]);
    all(departmentChoice, ["campaigns", index, "departmentChoice"]);
  });
  config.cannedMessages.forEach(({ departmentId }, index) =>
    known(departmentId, ["cannedMessages", index, "departmentId"])
  );
  known(config.absence.departmentId, ["absence", "departmentId"]);
}

/** No department backs up itself, nor over others; each cycle is told at its first department. */
function refuseCycles({ departments }: SiteConfig, refuse: Refuse): void {
  const backupOf = new Map(departments.map((one) => [one.departmentId, one.backupDepartmentId]));
  const checked = new Set<DepartmentId>();
  departments.forEach(({ departmentId }, index) => {
    const trail: DepartmentId[] = [];
    let next: DepartmentId | undefined = departmentId;
    while (next !== undefined && !checked.has(next) && !trail.includes(next)) {
      trail.push(next);
      next = backupOf.get(next);
    }
    if (next !== undefined && next === departmentId && trail.includes(next)) {
      const message = `a department cannot back up itself: ${[...trail, next].join(" → ")}`;
      refuse(["departments", index, "backupDepartmentId"], message);
      trail.forEach((id) => checked.add(id));
    } else if (next === undefined || checked.has(next)) trail.forEach((id) => checked.add(id));
  });
}

function refuseRouting({ routing, queue }: SiteConfig, refuse: Refuse): void {
  if (routing.mode === "manual") {
    const why = "with manual routing agents take chats themselves";
    if (routing.acceptWithinMs !== undefined) refuse(["routing", "acceptWithinMs"], why);
    if (routing.lastChattedFirst) refuse(["routing", "lastChattedFirst"], why);
  }
  const { estimatedWaitMsMax, waitMsMax, lengthMax } = queue;
  if (estimatedWaitMsMax === undefined) return;
  if (lengthMax === 0) {
    refuse(["queue", "estimatedWaitMsMax"], "nothing waits with a lengthMax of 0");
  }
  if (waitMsMax !== undefined && estimatedWaitMsMax > waitMsMax) {
    refuse(
      ["queue", "estimatedWaitMsMax"],
      `no chat waits for longer than waitMsMax, ${waitMsMax}`,
    );
  }
}

function refuseAbsence({ absence, inactivity }: SiteConfig, refuse: Refuse): void {
  const transfers = absence.afterGrace === "transfer" || absence.atLogout === "transfer";
  if (transfers && absence.departmentId === undefined) {
    refuse(["absence", "departmentId"], "transfer needs a department");
  }
  const { agentSilentMs, warnAfterMs, endAfterMs } = inactivity;
  if (agentSilentMs !== undefined && agentSilentMs >= warnAfterMs + endAfterMs) {
    const message = "the chat has ended by then: less than warnAfterMs and endAfterMs together";
    refuse(["inactivity", "agentSilentMs"], message);
  }
}

/** The server sends to nothing that is within: not to itself, nor to its neighbours. [SC9] */
function refuseInnerUrls({ integrations }: SiteConfig, refuse: Refuse): void {
  const { webhooks, salesforce } = integrations;
  webhooks.forEach(({ url }, index) => {
    const fault = faultOfUrl(url);
    if (fault !== undefined) refuse(["integrations", "webhooks", index, "url"], fault);
  });
  const fault = salesforce === undefined ? undefined : faultOfUrl(salesforce.instanceUrl);
  if (fault !== undefined) refuse(["integrations", "salesforce", "instanceUrl"], fault);
}

function refuseCampaigns(config: SiteConfig, refuse: Refuse): void {
  const variables = new Set(config.customVariables.map(({ name }) => name));
  config.campaigns.forEach(({ button, departmentChoice, invitations }, campaign) => {
    if (departmentChoice.length === 1) {
      const message = "one department is no choice: give it as departmentId";
      refuse(["campaigns", campaign, "departmentChoice"], message);
    }
    for (const key of ["offlineText", "offlineImageUrl"] as const) {
      if (!button.hiddenWhenOffline || button[key] === undefined) continue;
      refuse(["campaigns", campaign, "button", key], "never seen, as it is hidden when offline");
    }
    invitations.forEach(({ invitationId, conditions }, index) => {
      const path = ["campaigns", campaign, "invitations", index];
      if (ulidPattern.test(invitationId)) {
        refuse([...path, "invitationId"], "1 to 64 of a-z 0-9 _ -; a ULID is one by hand");
      }
      for (const name of Object.keys(conditions.variables)) {
        if (variables.has(name)) continue;
        const message = `never holds: the site has no custom variable "${name}"`;
        refuse([...path, "conditions", "variables", name], message);
      }
    });
  });
}
