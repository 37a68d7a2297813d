import { deepEqual, equal } from "node:assert/strict";
import { agent, FakeNetwork, type FakePage, visitor } from "./fake_network.ts";
import { limits } from "./limits.ts";

const typesOf = (page: FakePage) => page.sent.splice(0).map(({ type }) => type);

Deno.test("page and variables are told with every connection, the variables together", () => {
  const network = new FakeNetwork();
  const vik = network.open(visitor());
  network.settle();
  typesOf(vik);
  const set = (variables: Record<string, string>) =>
    vik.handle({ type: "variables_set", commandId: vik.ids.commandId(), variables });
  set({ plan: "free" });
  set({ plan: "pro", tier: "gold" });
  vik.handle({ type: "page_viewed", url: "https://acme.com/", title: "Acme", visits: 2 });
  network.settle();
  vik.drop({ told: true });
  network.advance(5_000);
  const sent = vik.sent.splice(0);
  const after = sent.slice(sent.findIndex(({ type }) => type === "hello"));
  deepEqual(after.map(({ type }) => type), ["hello", "view_page", "set_variables"]);
  const [variables] = after.filter((frame) => frame.type === "set_variables");
  deepEqual(variables?.variables, { plan: "pro", tier: "gold" });
  equal(vik.client.snapshot().unacked, 0);
});

Deno.test("a console asks for its lists with every connection, and for every page of them", () => {
  const network = new FakeNetwork();
  const ana = network.open(agent());
  ana.handle({ type: "lists_wanted", lists: ["visitors"] });
  network.settle();
  deepEqual(typesOf(ana), ["hello", "subscribe", "get_rows"]);
  const { visitors, total } = ana.client.snapshot().lists;
  deepEqual([visitors.length, total], [2, 3]);
  ana.drop({ told: true });
  network.advance(5_000);
  deepEqual(typesOf(ana), ["hello", "subscribe", "get_rows"]);
  equal(ana.client.snapshot().lists.visitors.length, 2);
});

Deno.test("what was refused for now is told once more with the next heartbeat", () => {
  const network = new FakeNetwork();
  const ana = network.open(agent());
  network.settle();
  network.server.refuseOnce("subscribe", "rate_limited");
  ana.handle({ type: "lists_wanted", lists: ["visitors"] });
  network.settle();
  equal(ana.client.snapshot().lists.visitors.length, 0);
  network.advance(limits.heartbeatMs + 1_000);
  equal(ana.client.snapshot().lists.visitors.length, 2);
});
