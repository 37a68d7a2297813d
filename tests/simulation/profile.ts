import type { LinkShape } from "./direction.ts";
import { RandomSource } from "./random_source.ts";
import { type SiteProfile, siteProfileOf } from "./site_profile.ts";

/** How often something happens, per minute of the world's time. */
export interface Rates {
  readonly kill: number;
  readonly freeze: number;
  readonly wallJump: number;
  readonly cut: number;
  readonly halfDie: number;
  readonly pauseReader: number;
  readonly reload: number;
  readonly secondPage: number;
  readonly commitFailure: number;
  readonly mischief: number;
  /** The configuration of a site changes. */
  readonly reconfigure: number;
}

/** Everything that a seed decides before its world begins. */
export interface Profile {
  readonly name: string;
  readonly seed: number;
  readonly nodes: readonly string[];
  readonly sites: readonly SiteProfile[];
  /** How long faults go on. */
  readonly durationMs: number;
  readonly unsavedLogBytes: number;
  readonly commitMsMin: number;
  readonly commitMsMax: number;
  /** For each of the reads of a start or a rebuild: a long journal takes a while. */
  readonly readMsMax: number;
  /** Of each commit, beside those of the rates. */
  readonly commitFailure: number;
  readonly readFailure: number;
  readonly link: LinkShape;
  /** Links once everything works. */
  readonly calmLink: LinkShape;
  readonly rates: Rates;
  /** Of each command received: its answer gets lost. Of those rarely given, more. */
  readonly lostAnswer: number;
  /** Of a person's acts: one of the many that are no talk. */
  readonly deeds: number;
  /** Of each post: its page is reloaded right after. */
  readonly reloadAfterPost: number;
  /** Mean pause between two acts of a person. */
  readonly actMs: number;
  readonly textCharsMax: number;
}

const goodLink: LinkShape = {
  latencyMsMin: 5,
  latencyMsMax: 60,
  delayChance: 0,
  delayMsMax: 0,
  bytesPerMs: Infinity,
};

const noRates: Rates = {
  kill: 0,
  freeze: 0,
  wallJump: 0,
  cut: 0,
  halfDie: 0,
  pauseReader: 0,
  reload: 0,
  secondPage: 0,
  commitFailure: 0,
  mischief: 0,
  reconfigure: 0,
};

/** The world of a seed. Three of twenty have one of their own, the others a mixture. */
export function profileOf(seed: number): Profile {
  const random = new RandomSource(seed * 2_654_435_761);
  if (seed % 20 === 9) return longChats(seed);
  if (seed % 20 === 19) return crowd(seed, random);
  if (seed % 20 === 4) return sleepers(seed, random);
  return mixture(seed, random);
}

function mixture(seed: number, random: RandomSource): Profile {
  const some = (max: number, chance = 0.6) => random.chance(chance) ? random.next() * max : 0;
  const rough = random.chance(0.4);
  return {
    name: "mixture",
    seed,
    nodes: ["n1"],
    sites: Array.from({ length: random.between(1, 3) }, (_, index) => siteProfileOf(index, random)),
    durationMs: random.between(90, 210) * 1_000,
    unsavedLogBytes: random.pick([0, 2_000, 20_000, 16 * 1024 * 1024]) ?? 0,
    commitMsMin: 0,
    commitMsMax: random.pick([1, 5, 40]) ?? 1,
    readMsMax: random.pick([2, 60, 400]) ?? 2,
    commitFailure: 0,
    readFailure: random.chance(0.1) ? 0.01 : 0,
    link: {
      ...goodLink,
      latencyMsMax: random.pick([20, 120, 600]) ?? 20,
      delayChance: rough ? 0.02 : 0,
      delayMsMax: rough ? 15_000 : 0,
    },
    calmLink: goodLink,
    rates: {
      kill: some(0.8),
      freeze: some(0.3, 0.4),
      wallJump: some(1.5, 0.35),
      cut: some(6),
      halfDie: some(3),
      pauseReader: some(2),
      reload: some(5),
      secondPage: some(5),
      commitFailure: some(1.2),
      mischief: some(8, 0.5),
      reconfigure: some(0.8, 0.5),
    },
    lostAnswer: random.chance(0.5) ? 0.03 : 0,
    deeds: random.chance(0.8) ? 0.3 : 0.05,
    reloadAfterPost: random.chance(0.5) ? 0.03 : 0,
    actMs: random.pick([2_000, 5_000]) ?? 2_000,
    textCharsMax: random.chance(0.15) ? 16_000 : 120,
  };
}

/** One agent with 20 long chats, whose console is reloaded on a slow link. */
function longChats(seed: number): Profile {
  const patient = { more: {}, warnAfterMs: 7_200_000, endAfterMs: 7_200_000 };
  return {
    name: "long_chats",
    seed,
    nodes: ["n1"],
    sites: [{
      siteId: "acme",
      mode: "load_balancing",
      agents: [{ agentId: "ana", chatLimit: 20, role: "agent", departmentIds: [] }],
      visitors: 20,
      ...patient,
    }],
    durationMs: 4 * 60_000,
    unsavedLogBytes: 200_000,
    commitMsMin: 0,
    commitMsMax: 2,
    readMsMax: 3,
    commitFailure: 0,
    readFailure: 0,
    link: goodLink,
    calmLink: goodLink,
    rates: noRates,
    lostAnswer: 0,
    deeds: 0,
    reloadAfterPost: 0,
    actMs: 3_000,
    textCharsMax: 120,
  };
}

/**
 * More people at once than elsewhere: a mass that waits, one agent that may take them all, a
 * restart.
 */
function crowd(seed: number, random: RandomSource): Profile {
  return {
    name: "crowd",
    seed,
    nodes: ["n1"],
    sites: [{
      siteId: "acme",
      mode: random.chance(0.7) ? "load_balancing" : "manual",
      agents: [{ agentId: "ana", chatLimit: 100, role: "admin", departmentIds: [] }],
      visitors: 120,
      warnAfterMs: 60_000,
      endAfterMs: 30_000,
      more: {},
    }],
    durationMs: 3 * 60_000,
    unsavedLogBytes: 20_000,
    commitMsMin: 0,
    commitMsMax: 3,
    readMsMax: 3,
    commitFailure: 0,
    readFailure: 0,
    link: goodLink,
    calmLink: goodLink,
    rates: { ...noRates, kill: 0.7, cut: 2 },
    lostAnswer: 0,
    deeds: 0,
    reloadAfterPost: 0,
    actMs: 30_000,
    textCharsMax: 60,
  };
}

/** Visitors whose devices fall asleep in the middle of something, and come back days later. */
function sleepers(seed: number, random: RandomSource): Profile {
  return {
    name: "sleepers",
    seed,
    nodes: ["n1"],
    sites: [{
      siteId: "acme",
      mode: random.chance(0.5) ? "load_balancing" : "manual",
      agents: [{ agentId: "ana", chatLimit: 100, role: "admin", departmentIds: [] }],
      visitors: 12,
      warnAfterMs: 60_000,
      endAfterMs: 30_000,
      more: {},
    }],
    durationMs: 16 * 60_000,
    unsavedLogBytes: random.pick([0, 2_000, 16 * 1024 * 1024]) ?? 0,
    commitMsMin: 0,
    commitMsMax: 3,
    readMsMax: 3,
    commitFailure: 0,
    readFailure: 0,
    link: goodLink,
    calmLink: goodLink,
    rates: { ...noRates, kill: random.pick([0, 0.3]) ?? 0 },
    lostAnswer: 0,
    deeds: 0,
    reloadAfterPost: 0,
    actMs: 30_000,
    textCharsMax: 60,
  };
}
