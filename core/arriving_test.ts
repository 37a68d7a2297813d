import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, SitePage } from "../tests/harness/site_page.ts";
import type { Arrival } from "./outcome.ts";
import type { VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";

function load(
  bench: SiteBench,
  visitorId: VisitorId = bench.ids.visitor(),
  more: { url?: string; address?: string; visitId?: string } = {},
): Arrival {
  const { visitId = `visit-${bench.arrivals.length}`, ...page } = more;
  bench.handle({ type: "visitor_arrived", visitorId, visitId, query: 1, ...page });
  const arrival = bench.arrivals.at(-1);
  assert.ok(arrival !== undefined);
  return arrival;
}

Deno.test("[VL1] whether a visitor is tracked is decided when it comes, and never later", () => {
  const bench = new SiteBench({ config: { trackedVisitorsMax: 2 } });
  const [first, second, third] = [1, 2, 3].map(() => bench.ids.visitor());
  assert.deepEqual([first, second, third].map((id) => load(bench, id).tracked), [
    true,
    true,
    false,
  ]);
  bench.advance(limits.pageLoadKeptMs / 2);
  load(bench, second);
  load(bench, third);
  bench.advance(limits.pageLoadKeptMs / 2);
  assert.deepEqual([load(bench, third).tracked, load(bench, second).tracked], [false, true]);
  assert.equal(load(bench).tracked, true, "the first one is gone: there is room for somebody new");
});

Deno.test("[VL1] an untracked visitor chats like any other, and is on no list", () => {
  const bench = new SiteBench({ config: { trackedVisitorsMax: 0 } });
  const ana = bench.agent("ana");
  ana.send({ type: "subscribe", lists: ["visitors"] });
  const vik = bench.visitor();
  const chatId = vik.requestChat();
  vik.post(chatId, "hello");
  bench.advance(limits.pushIntervalMs);
  const frames = ana.take();
  assert.ok(frames.some((frame) => frame.type === "entry" && frame.entry.text === "hello"));
  const lists = frames.flatMap((frame) => frame.type === "visitors" ? [frame] : []);
  assert.ok(lists.every(({ changed, removed }) => changed.length + removed.length === 0));
  assert.deepEqual([lists.at(-1)?.listed, lists.at(-1)?.total], [0, 1]);
});

Deno.test("[VL2] a page load is told what it may do, and begins a visit unless one goes on", () => {
  const bench = new SiteBench();
  const visitorId = bench.ids.visitor();
  const first = load(bench, visitorId, { url: "https://acme.com/", visitId: "a" });
  assert.deepEqual(first, {
    visitId: "a",
    banned: false,
    tracked: true,
    hasChat: false,
    availability: "offline",
  });
  assert.equal(load(bench, visitorId, { visitId: "b" }).visitId, "a");
  bench.agent("ana");
  const page = new SitePage(bench, { type: "visitor", visitorId, visitId: "a" });
  page.connect();
  page.requestChat();
  const during = load(bench, visitorId, { visitId: "c" });
  assert.deepEqual([during.visitId, during.hasChat, during.availability], ["a", true, "online"]);
  page.lose();
  bench.advance(limits.presenceGraceMs);
  assert.equal(load(bench, visitorId, { visitId: "d" }).visitId, "d");
});

Deno.test("[VL2] the page load of a banned visitor or address says so, and leaves no trace", () => {
  const bans = [{ banId: "b", target: { type: "address", address: "192.0.2.0/24" } } as const];
  const bench = new SiteBench({ config: { bans } });
  assert.equal(load(bench, undefined, { address: "192.0.2.1" }).banned, true);
  assert.equal(bench.site.state.visitors.size, 0);
});

Deno.test("[VL3] visits are counted once each and published every five minutes", () => {
  const bench = new SiteBench();
  const visitorId = bench.ids.visitor();
  load(bench, visitorId);
  load(bench, visitorId);
  load(bench);
  const page = new SitePage(bench, { type: "visitor", visitorId, visitId: "a" });
  page.connect();
  bench.advance(limits.visitCountMs);
  const [job, ...others] = bench.jobsOf("visit.log");
  assert.deepEqual([job?.payload["visits"], others.length], [2, 0]);
  bench.restart();
  page.connect();
  bench.advance(limits.visitCountMs);
  assert.equal(bench.jobsOf("visit.log").length, 1, "coming back after a restart is no visit");
});

Deno.test("[VL7] of a visit the latest pages are kept; the same page told again stays one", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  const visitorId = vik.session.type === "visitor" ? vik.session.visitorId : bench.ids.visitor();
  for (let n = 0; n < limits.pagesKept + 5; n++) {
    const url = `https://acme.com/${n}`;
    vik.send({ type: "view_page", url, title: "first" });
    vik.send({ type: "view_page", url, title: "again" });
  }
  const { pages, visitor } = onlyOf(ana.send({ type: "get_visitor", visitorId }), "visitor");
  assert.equal(pages.length, limits.pagesKept);
  assert.deepEqual([visitor.pages, pages.at(-1)?.title], [limits.pagesKept + 5, "again"]);
});
