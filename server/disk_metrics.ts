import { Gauge, type Registry } from "prom-client";
import type { DiskBudget } from "./disk_budget.ts";

/** Adds to a node's metrics how the disk stands. [PB10] */
export function addDiskMetrics(registry: Registry, disk: DiskBudget): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read());
      },
    });
  gauge("chatnode_disk_used_bytes", "Bytes in use in the data folder", () => disk.usedBytes);
  gauge("chatnode_disk_budget_bytes", "Bytes that may be kept", () => disk.budgetBytes);
  gauge("chatnode_disk_free_bytes", "Bytes free on its disk", () => disk.freeBytes);
  gauge(
    "chatnode_disk_state",
    "0: room enough; 1: from 80% of the budget; 2: from 95%, new chats are refused",
    () => ({ normal: 0, tight: 1, full: 2 })[disk.state],
  );
}
