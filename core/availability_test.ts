import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal } from "../tests/harness/site_page.ts";
import { limits } from "./limits.ts";

Deno.test("[BH2] visitors without a chat are told what the button shows, when that changed", () => {
  const bench = new SiteBench({ agents: { ana: 1 } });
  const looker = bench.visitor();
  assert.equal(onlyOf(looker.connect(), "welcome").availability, "offline");
  const shown = () => {
    bench.advance(limits.pushIntervalMs * 2);
    return ofType(looker.take(), "availability").map(({ availability }) => availability);
  };
  const ana = bench.agent("ana");
  assert.deepEqual(shown(), ["online"]);
  const chatId = bench.visitor().requestChat();
  assert.deepEqual(shown(), ["away"]);
  ana.endChat(chatId);
  assert.deepEqual(shown(), ["online"]);
  ana.setStatus("away");
  assert.deepEqual(shown(), ["offline"]);
  assert.deepEqual(shown(), []);
});

Deno.test("[BH2] outside its hours a site is closed: told at the minute, and no chat is taken", () => {
  // The bench begins on a Friday at 08:00 UTC.
  const hours = { weekly: [{ day: 5, from: "08:00", to: "08:10" }] };
  const bench = new SiteBench({ config: { hours } });
  bench.agent("ana");
  const looker = bench.visitor();
  const request = () => looker.send({ type: "request_chat", commandId: bench.ids.command() });
  assert.equal(onlyOf(looker.connect(), "welcome").availability, "online");
  bench.advance(10 * 60_000);
  assert.equal(ofType(looker.take(), "availability").at(-1)?.availability, "closed");
  assert.equal(refusal(request()), "closed");
  bench.advance(7 * 24 * 3600_000 - 10 * 60_000);
  assert.equal(ofType(looker.take(), "availability").at(-1)?.availability, "online");
});

Deno.test("[BH1] a department is closed outside its own hours, and outside the site's", () => {
  const open = { weekly: [{ day: 5, from: "08:00", to: "09:00" }] };
  const shut = { weekly: [{ day: 0, from: "08:00", to: "09:00" }] };
  const departments = [
    { departmentId: "a", name: "A", hours: open },
    { departmentId: "b", name: "B", hours: shut },
    { departmentId: "c", name: "C" },
  ];
  for (
    const [hours, expected] of [[open, [true, false, true]], [shut, [false, false, false]]] as const
  ) {
    const bench = new SiteBench({ config: { hours: structuredClone(hours), departments } });
    const taken = departments.map(({ departmentId }) => {
      const commandId = bench.ids.command();
      const frame = { type: "request_chat", commandId, departmentId } as never; // configured
      return ofType(bench.visitor().send(frame), "refused").length === 0;
    });
    assert.deepEqual(taken, expected);
  }
});
