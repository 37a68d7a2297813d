import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { VisitorId } from "../../core/ids.ts";
import type { FrameOf } from "./frame.ts";
import { SiteLists } from "./site_lists.ts";

const id = (no: number) => `01V${String(no).padStart(23, "0")}` as VisitorId; // a ULID in form

function visitors(frame: Partial<FrameOf<"visitors">> & { ids?: number[] }): FrameOf<"visitors"> {
  const { ids = [], ...more } = frame;
  const changed = ids.map((no) => ({
    visitorId: id(no),
    state: "on_site" as const,
    signedIn: false,
    arrivedAt: 1,
    pages: 1,
    visits: 1,
  }));
  return { type: "visitors", snapshot: false, removed: [], listed: 2, total: 9, changed, ...more };
}

Deno.test("a snapshot replaces the list, changes go on from it, totals come along", () => {
  const lists = new SiteLists();
  const shown = () => lists.snapshot().visitors.map(({ visitorId }) => visitorId);
  lists.take(visitors({ ids: [1, 2] }));
  lists.take(visitors({ snapshot: true, more: true, ids: [3] }));
  lists.take(visitors({ ids: [4] }));
  lists.take(visitors({ removed: [id(3)] }));
  deepEqual(shown(), [id(4)]);
  deepEqual([lists.snapshot().listed, lists.snapshot().total], [2, 9]);
  lists.reset("online");
  deepEqual([shown(), lists.snapshot().availability, lists.snapshot().total], [[], "online", 0]);
});

Deno.test("the snapshot is the same object until something changes", () => {
  const lists = new SiteLists();
  const before = lists.snapshot();
  equal(lists.snapshot(), before);
  lists.take({ type: "availability", availability: "away" });
  notEqual(lists.snapshot(), before);
});

Deno.test("an invitation stands until it ends or the connection does", () => {
  const lists = new SiteLists();
  const invitationId = "prices" as FrameOf<"invitation">["invitationId"]; // one by its pattern
  lists.take({ type: "invitation", invitationId, text: "Questions?" });
  equal(lists.snapshot().invitation?.text, "Questions?");
  lists.take({ type: "invitation_ended", invitationId });
  equal(lists.snapshot().invitation, undefined);
  lists.take({ type: "sign_in_wanted" });
  equal(lists.snapshot().signInWanted, true);
  lists.signedIn();
  equal(lists.snapshot().signInWanted, false);
});
