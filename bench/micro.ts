import { createHash, createHmac, hash } from "node:crypto";
import { cpuMs, ticksPerSecond } from "./process_usage.ts";
import { print, printTable } from "./report.ts";

const commits = 1_000;
const kvValueBytes = 60_000;
const signings = 20_000;
const signingRounds = 7;

/** The small measurements behind docs/adr/0004 and 0006: journal commits, and entry signatures. */
export async function benchMicro(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "chatnode_micro_" });
  try {
    const rows: string[][] = [];
    for (const bytes of [5_000, 35_000, 140_000]) {
      const kv = await timed(() => commitToKv(`${folder}/kv${bytes}`, bytes));
      const file = await timed(() => commitToFile(`${folder}/file${bytes}`, bytes));
      rows.push([String(bytes), kv.wall, kv.cpu, file.wall, file.cpu]);
    }
    printTable(["bytes", "kv wall ms", "kv cpu ms", "file wall ms", "file cpu ms"], rows);
    print("");
    const signatures = costOfSignatures();
    printTable(
      ["signature", "us"],
      Object.entries(signatures).map(([n, us]) => [n, us.toFixed(2)]),
    );
    print(JSON.stringify({ commits: rows, signatures }));
    return true;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Milliseconds per commit, of the clock and of all threads. */
async function timed(run: () => Promise<void>): Promise<{ wall: string; cpu: string }> {
  const ticks = ticksPerSecond();
  const cpu = cpuMs(Deno.pid, ticks);
  const wall = performance.now();
  await run();
  return {
    wall: ((performance.now() - wall) / commits).toFixed(2),
    cpu: ((cpuMs(Deno.pid, ticks) - cpu) / commits).toFixed(2),
  };
}

async function commitToKv(path: string, bytes: number): Promise<void> {
  using kv = await Deno.openKv(path);
  const parts = Math.ceil(bytes / kvValueBytes);
  const value = new Uint8Array(bytes / parts).fill(65);
  for (let i = 0; i < commits; i++) {
    const atomic = kv.atomic();
    for (let part = 0; part < parts; part++) atomic.set(["log", i * parts + part], value);
    await atomic.commit();
  }
}

async function commitToFile(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const value = new Uint8Array(bytes).fill(65);
  for (let i = 0; i < commits; i++) {
    let written = 0;
    while (written < bytes) written += file.writeSync(value.subarray(written));
    await file.syncData();
  }
}

/** Microseconds to sign an entry of about 430 bytes, the best of several rounds. */
function costOfSignatures(): Record<string, number> {
  const key = "k".repeat(128);
  const keyBytes = new TextEncoder().encode(key);
  const ways: Record<string, (text: string) => string> = {
    "createHmac sha256": (text) => createHmac("sha256", keyBytes).update(text).digest("base64url"),
    "createHash blake2b512": (text) =>
      createHash("blake2b512").update(keyBytes).update(text).digest("base64url"),
    "hash blake2b512 hex": (text) => hash("blake2b512", key + text, "hex"),
    "hash sha512-256 hex": (text) => hash("sha512-256", key + text, "hex"),
    "hash sha256 hex": (text) => hash("sha256", key.slice(64) + text, "hex"),
  };
  const entry = (n: number) => `{"n":${n},"ids":"${"i".repeat(200)}","text":"${"x".repeat(200)}"}`;
  const best: Record<string, number> = {};
  for (let round = 0; round < signingRounds; round++) {
    for (const [name, sign] of Object.entries(ways)) {
      const started = performance.now();
      for (let n = 0; n < signings; n++) sign(entry(n));
      const us = (performance.now() - started) * 1_000 / signings;
      best[name] = Math.min(best[name] ?? Infinity, us);
    }
  }
  return best;
}
