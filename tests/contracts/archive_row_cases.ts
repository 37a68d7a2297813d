import assert from "node:assert/strict";
import type { DepartmentId } from "../../core/ids.ts";
import { type ArchiveCase, dayMs, on } from "./archive_case.ts";
import { all } from "./archive_driver.ts";
import {
  acme,
  ana,
  ben,
  epoch,
  offlineWrite,
  rowWrite,
  sales,
} from "../harness/archive_samples.ts";

/** Logs, offline messages, visits. */
export const rowCases: readonly ArchiveCase[] = [
  {
    name: "[AR6] rows of a log, newest first, of one agent, in a stretch of time",
    run: on([
      rowWrite(1),
      rowWrite(2, { agentId: ben }),
      rowWrite(3),
      rowWrite(4, { log: "ban" }),
    ], async (archive) => {
      const found = async (filter: { agentId?: typeof ana; since?: number; until?: number }) => {
        const log = "agent_status";
        const items = await all((after) =>
          archive.logRows(acme, { log, limit: 1, after, ...filter })
        );
        return items.map(({ body }) => body["no"]);
      };
      assert.deepEqual(await found({}), [3, 2, 1]);
      assert.deepEqual(await found({ agentId: ana }), [3, 1]);
      assert.deepEqual(await found({ since: epoch + 2_000, until: epoch + 3_000 }), [2]);
    }),
  },
  {
    name: "[AR6] offline messages, newest first, of some departments",
    run: on([
      offlineWrite(1, { departmentId: sales }),
      offlineWrite(2),
      offlineWrite(3, { departmentId: sales }),
    ], async (archive) => {
      const found = async (departmentIds?: (DepartmentId | null)[]) => {
        const filter = departmentIds === undefined ? {} : { departmentIds };
        const items = await all((after) =>
          archive.offlineMessages(acme, { limit: 1, after, ...filter })
        );
        return items.map(({ messageId }) => messageId);
      };
      assert.deepEqual(await found(), ["offline-3", "offline-2", "offline-1"]);
      assert.deepEqual(await found([sales]), ["offline-3", "offline-1"]);
      assert.deepEqual(await found([null]), ["offline-2"]);
    }),
  },
  {
    name: "[AR6] visits are counted by stretches of time, empty ones left out",
    run: on(
      [0, 1, 2, 12].map((period) =>
        rowWrite(period, {
          log: "visit",
          agentId: null,
          at: epoch + period * 300_000,
          body: { visits: period + 1 },
        })
      ),
      async (archive) => {
        const range = { since: epoch, until: epoch + dayMs, bucketMs: 3_600_000 };
        assert.deepEqual(await archive.visitCounts(acme, range), [
          { at: epoch, visits: 6 },
          { at: epoch + 3_600_000, visits: 13 },
        ]);
        const short = { ...range, until: epoch + 600_000 };
        assert.deepEqual(await archive.visitCounts(acme, short), [{ at: epoch, visits: 3 }]);
      },
    ),
  },
];
