// deno-lint-ignore-file no-console -- a tool's output
import { canaries, type Canary } from "./canaries.ts";
import { Counts } from "./counts.ts";
import { keptSeeds } from "./kept_seeds.ts";
import { busyMin, namedCases } from "./named_cases.ts";
import { rules } from "./rules.ts";
import { World } from "./world.ts";

const canarySeedsMax = 50;

interface Options {
  /** Seeds from..from+seeds-1. */
  readonly from: number;
  readonly seeds: number;
  /** One seed, with its whole trace. */
  readonly only: number | undefined;
  /** Rules to look away from, to see what else is wrong. */
  readonly ignore: ReadonlySet<string>;
  readonly canaries: boolean;
}

function readOptions(args: readonly string[]): Options {
  const value = (name: string) => {
    const place = args.indexOf(`--${name}`);
    return place < 0 ? undefined : args[place + 1];
  };
  const number = (name: string) => {
    const text = value(name);
    if (text === undefined) return undefined;
    const parsed = Number(text);
    if (!Number.isSafeInteger(parsed)) throw new Error(`--${name} wants a whole number`);
    return parsed;
  };
  return {
    from: number("from") ?? 1,
    seeds: number("seeds") ?? 200,
    only: number("seed"),
    ignore: new Set((value("ignore") ?? "").split(",")),
    canaries: !args.includes("--no-canaries"),
  };
}

function report(world: World): void {
  const { checker, trace, profile } = world.stage;
  const [first] = checker.violations;
  if (first === undefined) return;
  console.log(`\nseed ${profile.seed} (${profile.name}) breaks "${first.rule}" at ${first.at} ms`);
  console.log(`  expected  ${rules[first.rule]}`);
  for (const { rule, message } of checker.violations) console.log(`  ${rule}: ${message}`);
  console.log(`  see it with: deno task sim --seed ${profile.seed}\n  the end of its trace:`);
  for (const line of trace.tail(30)) console.log(`    ${line.slice(0, 240)}`);
}

/**
 * The same seed gives the same world, also after canaries: what a failing seed is worth depends on
 * it.
 */
async function repeats(
  hashes: ReadonlyMap<number, string>,
  { ignore }: Options,
): Promise<boolean> {
  let same = true;
  for (const [seed, before] of [...hashes].slice(-5)) {
    const { hash } = (await World.run(seed, { ignore })).stage.trace;
    console.log(
      `seed ${seed} ${hash === before ? "repeats" : "DOES NOT REPEAT"}: ${before} ${hash}`,
    );
    if (hash !== before) same = false;
  }
  return same;
}

/** Seeds until the canary is found by its own rule where nothing is wrong without it. */
async function caughtAfter(
  canary: Canary,
  broken: ReadonlySet<number>,
): Promise<number | undefined> {
  for (let seed = 1; seed <= canarySeedsMax; seed++) {
    if (broken.has(seed)) continue;
    const profile = canary.profile?.(seed);
    const options = profile === undefined ? {} : { profile };
    const world = await World.run(seed, { sabotage: canary.sabotage(), ...options });
    if (world.stage.checker.violations.some(({ rule }) => rule === canary.rule)) return seed;
  }
  return undefined;
}

async function runCanaries(
  broken: ReadonlySet<number>,
): Promise<{ count: number; caught: boolean }> {
  let caught = true;
  console.log("\ncanaries: a rule is broken on purpose, and found at seed");
  for (const canary of canaries) {
    const seed = await caughtAfter(canary, broken);
    if (seed === undefined) caught = false;
    console.log(
      `  ${String(seed ?? "NEVER").padStart(5)}  ${canary.rule.padEnd(13)} ${canary.what}`,
    );
  }
  for (const rule of Object.keys(rules)) {
    if (canaries.some((canary) => canary.rule === rule)) continue;
    console.log(`  NEVER  ${rule}: it has no canary`);
    caught = false;
  }
  return { count: canaries.length, caught };
}

/** Prints what happened and how often; false when there was too little of something. */
function wasBusy(counts: Counts, share: number): boolean {
  let busy = true;
  console.log("\nnamed cases");
  for (const [name, counter] of Object.entries(namedCases)) {
    const count = counts.of(counter);
    if (count === 0 && share >= 1) busy = false;
    console.log(`  ${String(count).padStart(7)}  ${name}`);
  }
  console.log("\nhow busy it was (and at least)");
  for (const [name, least] of Object.entries(busyMin)) {
    const count = counts.of(name);
    const enough = count >= Math.floor(least * Math.min(1, share));
    if (!enough) busy = false;
    console.log(
      `  ${String(count).padStart(7)}  ${name} (${least})${enough ? "" : "  TOO LITTLE"}`,
    );
  }
  return busy;
}

async function runOne(seed: number, { ignore }: Options): Promise<number> {
  const world = await World.run(seed, { ignore, print: true });
  for (const [name, count] of world.stage.counts.all()) console.log(`${name}=${count}`);
  report(world);
  return world.broken ? 1 : 0;
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  if (options.only !== undefined) return await runOne(options.only, options);
  const started = performance.now();
  const counts = new Counts();
  const seeds = new Set(Object.values(keptSeeds));
  for (let i = 0; i < options.seeds; i++) seeds.add(options.from + i);
  const broken = new Set<number>();
  const byRule = new Counts();
  const hashes = new Map<number, string>();
  for (const seed of seeds) {
    const world = await World.run(seed, { ignore: options.ignore });
    counts.join(world.stage.counts);
    hashes.set(seed, world.stage.trace.hash);
    const [first] = world.stage.checker.violations;
    if (first === undefined) continue;
    broken.add(seed);
    byRule.add(first.rule);
    if (byRule.of(first.rule) <= 2) report(world);
    else console.log(`seed ${seed} breaks "${first.rule}": ${first.message.slice(0, 150)}`);
  }
  const busy = wasBusy(counts, options.seeds / 200);
  const found = options.canaries ? await runCanaries(broken) : { count: 0, caught: true };
  const deterministic = await repeats(hashes, options);
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`\n${seeds.size} seeds, ${broken.size} broken, ${seconds} s`);
  for (const [rule, count] of byRule.all()) console.log(`  ${count} seeds break "${rule}"`);
  console.log(JSON.stringify({
    seeds: seeds.size,
    violations: broken.size,
    canaries: found.count,
    canary_caught: found.caught,
    busy: {
      chats: counts.of("chats_asked"),
      restarts: counts.of("restarts"),
      lost_connections: counts.of("lost_connections"),
      failed_commits: counts.of("failed_commits"),
    },
  }));
  return broken.size === 0 && busy && found.caught && deterministic ? 0 : 1;
}

Deno.exit(await main());
