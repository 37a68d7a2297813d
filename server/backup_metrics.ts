import { Counter, Gauge, type Registry } from "prom-client";
import type { BackupTurn } from "./backup_turn.ts";

/** Adds backups to a node's metrics: how they ended, and when the last one was made. [PB8] */
export function addBackupMetrics(registry: Registry, turn: BackupTurn): void {
  const registers = [registry];
  new Counter({
    name: "chatnode_backups_total",
    help: "Backups by how they ended, since the process started",
    labelNames: ["how"],
    registers,
    collect() {
      this.reset();
      this.inc({ how: "made" }, turn.counts.made);
      this.inc({ how: "failed" }, turn.counts.failed);
    },
  });
  new Gauge({
    name: "chatnode_backup_running",
    help: "Whether one is being made",
    registers,
    collect() {
      this.set(turn.isTaken ? 1 : 0);
    },
  });
  new Gauge({
    name: "chatnode_backup_made_timestamp_seconds",
    help: "When the last one was made; 0: none since the process started",
    registers,
    collect() {
      this.set((turn.counts.madeAt ?? 0) / 1_000);
    },
  });
}
