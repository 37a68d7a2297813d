import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import { invitationIdSchema, visitorIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const idOf = ({ session }: SitePage) =>
  visitorIdSchema.parse(session.type === "visitor" ? session.visitorId : "");
const prices = invitationIdSchema.parse("prices");

function site(conditions: Record<string, unknown>): BenchOptions {
  const invitations = [{ invitationId: "prices", text: "Questions?", conditions }];
  return {
    config: {
      customVariables: [{ name: "plan" }],
      campaigns: [{ campaignId: "main", name: "Main", invitations }],
    },
  };
}

const view = (url: string, more: { referrer?: string; visits?: number } = {}) =>
  ({ type: "view_page", url, title: "", ...more }) as const;
const invited = (page: SitePage) => ofType(page.take(), "invitation").length;
const outcomes = (bench: SiteBench) =>
  bench.jobsOf("invitation.log").map(({ payload }) => payload["outcome"]);

function invite(bench: SiteBench, by: SitePage, whom: SitePage, commandId = bench.ids.command()) {
  return by.send({ type: "invite_visitor", commandId, visitorId: idOf(whom), text: "Hello?" });
}

const rules: readonly (readonly [string, Record<string, unknown>, (p: SitePage) => void])[] = [
  ["page", { urlContains: "/prices" }, (page) => page.send(view("https://acme.com/prices"))],
  ["pages", { pagesMin: 2 }, (page) => {
    page.send(view("https://acme.com/a"));
    page.bench.decided = () => {};
    page.send(view("https://acme.com/b"));
  }],
  ["visits", { visitsMin: 3 }, (page) => page.send(view("https://acme.com/", { visits: 3 }))],
  [
    "referrer",
    { referrerContains: "search." },
    (page) => page.send(view("https://acme.com/", { referrer: "https://search.example/" })),
  ],
  ["custom variable", { variables: { plan: "free" } }, (page) => {
    const commandId = page.bench.ids.command();
    page.send({ type: "set_variables", commandId, variables: { plan: "free" } });
  }],
  ["time on the page", { secondsOnPageMin: 30 }, (page) => {
    page.bench.advance(10_000);
    page.send(view("https://acme.com/a"));
    page.bench.advance(29_999);
    assert.equal(invited(page), 0);
    page.bench.advance(1);
  }],
  ["time on the site", { secondsOnSiteMin: 60 }, (page) => {
    page.bench.advance(59_000);
    page.send(view("https://acme.com/a"));
    assert.equal(invited(page), 0);
    page.bench.advance(1_000);
  }],
];
for (const [what, conditions, act] of rules) {
  Deno.test(`[IV1] a rule about ${what} invites when it holds, and not before`, () => {
    const bench = new SiteBench(site(conditions));
    bench.agent("ana");
    const vik = bench.visitor();
    assert.equal(invited(vik), 0);
    bench.watch = (page, frame) => {
      if (page === vik && typeof frame !== "string" && frame.type === "invitation") count += 1;
    };
    let count = 0;
    act(vik);
    assert.equal(count, 1);
  });
}

Deno.test("[IV1] every condition of a rule must hold", () => {
  const bench = new SiteBench(site({ urlContains: "/prices", visitsMin: 2 }));
  bench.agent("ana");
  const vik = bench.visitor();
  vik.send(view("https://acme.com/prices"));
  assert.equal(outcomes(bench).length, 0);
  onlyOf(vik.send(view("https://acme.com/prices", { visits: 2 })), "invitation");
});

Deno.test("[IV2] an automatic invitation is shown once a visit, again to a tab that comes meanwhile", () => {
  const bench = new SiteBench(site({ urlContains: "/prices" }));
  bench.agent("ana");
  const vik = bench.visitor();
  onlyOf(vik.send(view("https://acme.com/prices")), "invitation");
  const tab = bench.anotherPage(vik);
  vik.lose();
  onlyOf(vik.connect(), "invitation");
  const commandId = bench.ids.command();
  const frame = { type: "answer_invitation", commandId, invitationId: prices } as const;
  onlyOf(vik.send({ ...frame, answer: "refused" }), "done");
  onlyOf(vik.send({ ...frame, answer: "refused" }), "done");
  assert.equal(ofType(tab.take(), "invitation_ended").length, 1);
  assert.deepEqual(ofType(tab.send(view("https://acme.com/prices")), "invitation"), []);
  assert.deepEqual(outcomes(bench), ["sent", "refused"]);
});

Deno.test("[IV2] nobody is invited while nobody could answer; it is tried again", () => {
  const bench = new SiteBench(site({ urlContains: "/prices" }));
  const vik = bench.visitor();
  assert.deepEqual(ofType(vik.send(view("https://acme.com/prices")), "invitation"), []);
  bench.agent("ana");
  bench.advance(limits.invitationRetryMs);
  assert.equal(invited(vik), 1);
});

Deno.test("[IV2] nobody is invited while chatting", () => {
  const bench = new SiteBench(site({ secondsOnSiteMin: 10 }));
  bench.agent("ana");
  const vik = bench.visitor();
  vik.requestChat();
  bench.advance(60_000);
  assert.deepEqual(outcomes(bench), []);
});

Deno.test("[IV3] an agent invites by hand; the visitor's answer and chat are logged once each", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  const tab = bench.anotherPage(vik);
  const commandId = bench.ids.command();
  onlyOf(invite(bench, ana, vik, commandId), "done");
  onlyOf(invite(bench, ana, vik, commandId), "done");
  const { invitationId, text, agentName } = onlyOf(vik.take(), "invitation");
  assert.deepEqual([invitationId, text, agentName], [commandId, "Hello?", "Ana"]);
  assert.equal(invited(tab), 1);
  for (const page of [vik, tab]) {
    const shown = bench.ids.command();
    page.send({ type: "answer_invitation", commandId: shown, invitationId, answer: "shown" });
  }
  const request = bench.ids.command();
  vik.send({ type: "request_chat", commandId: request, invitationId });
  assert.deepEqual(outcomes(bench), ["sent", "shown", "accepted"]);
  assert.equal(ofType(tab.take(), "invitation_ended").length, 1);
  const requested = bench.facts.find((fact) => fact.type === "chat_requested");
  assert.equal(requested?.type === "chat_requested" && requested.invitedBy, "ana");
});

Deno.test("[IV3] inviting a banned, chatting, invited, untracked or unknown visitor is refused", () => {
  const bench = new SiteBench({ config: { trackedVisitorsMax: 3 } });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const [banned, chatting, open, untracked] = [1, 2, 3, 4].map(() => bench.visitor());
  assert.ok(banned && chatting && open && untracked);
  chatting.requestChat();
  invite(bench, ana, open);
  const visitorId = idOf(banned);
  ana.send({ type: "ban", commandId: bench.ids.command(), target: { type: "visitor", visitorId } });
  ben.take();
  assert.equal(refusal(invite(bench, ben, banned)), "banned visitorId");
  assert.equal(refusal(invite(bench, ben, chatting)), "visitor_busy visitorId");
  assert.equal(refusal(invite(bench, ben, open)), "visitor_busy visitorId");
  assert.equal(refusal(invite(bench, ben, untracked)), "unknown_visitor visitorId");
  open.lose();
  bench.advance(limits.presenceGraceMs + 1);
  ben.take();
  assert.equal(refusal(invite(bench, ben, open)), "unknown_visitor visitorId");
});

Deno.test("[IV4] an answer to an invitation that does not stand is refused", () => {
  const bench = new SiteBench();
  const vik = bench.visitor();
  const commandId = bench.ids.command();
  const frame = { type: "answer_invitation", commandId, invitationId: prices } as const;
  assert.equal(
    refusal(vik.send({ ...frame, answer: "accepted" })),
    "unknown_invitation invitationId",
  );
});
