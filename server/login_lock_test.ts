import assert from "node:assert/strict";
import { agentIdSchema, siteIdSchema } from "../core/ids.ts";
import { lockLimits, type LoginAttempt, LoginLock, type LoginName } from "./login_lock.ts";

const name = (agentId: string, more: Partial<LoginName> = {}): LoginName => ({
  siteId: siteIdSchema.parse("acme"),
  agentId: agentIdSchema.parse(agentId),
  isAgent: true,
  from: "192.0.2.1",
  ...more,
});

/** A lock on a clock that stands still. */
function locking() {
  const clock = { now: 0 };
  const lock = new LoginLock(() => clock.now);
  const open = async (who: LoginName): Promise<Extract<LoginAttempt, { type: "open" }>> => {
    const attempt = await lock.attempt(who);
    assert.ok(attempt.type === "open", `${who.agentId} is locked`);
    return attempt;
  };
  return {
    ...{ clock, lock },
    /** One wrong password; whether it locks. */
    wrong: async (who: LoginName) => (await open(who)).end("wrong"),
    right: async (who: LoginName) => (await open(who)).end("right"),
    /** How long it is locked; 0: it is not. */
    async lockedMs(who: LoginName): Promise<number> {
      const attempt = await lock.attempt(who);
      if (attempt.type === "locked") return attempt.waitMs;
      attempt.end("neither");
      return 0;
    },
  };
}

Deno.test("[AM7] the fifth wrong password locks for a minute, each further one twice as long", async () => {
  const { clock, wrong, lockedMs } = locking();
  const waits: number[] = [];
  for (let n = 1; n <= 4; n++) assert.equal(await wrong(name("ana")), false);
  for (let n = 5; n <= 14; n++) {
    assert.equal(await wrong(name("ana")), true);
    const waitMs = await lockedMs(name("ana"));
    waits.push(waitMs / 1_000);
    clock.now += waitMs;
  }
  assert.deepEqual(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]);
});

Deno.test("[AM7] a lock holds to its end, and tries while it holds do not prolong it", async () => {
  const { clock, wrong, lockedMs } = locking();
  for (let n = 0; n < 5; n++) await wrong(name("ana"));
  for (const [now, left] of [[0, 60_000], [59_999, 1], [60_000, 0]] as const) {
    clock.now = now;
    assert.equal(await lockedMs(name("ana")), left);
  }
});

Deno.test("[AM7] attempts at once are no more than one by one", async () => {
  const { lock } = locking();
  let looked = 0;
  let refused = 0;
  const tries = Array.from({ length: 100 }, async () => {
    const attempt = await lock.attempt(name("ana"));
    if (attempt.type === "locked") return void (refused += 1);
    looked += 1;
    await Promise.resolve();
    attempt.end("wrong");
  });
  await Promise.all(tries);
  assert.deepEqual([looked, refused], [lockLimits.failuresMax, 100 - lockLimits.failuresMax]);
});

Deno.test("[AM22] right passwords at once are all let in, some after others", async () => {
  const { lock } = locking();
  let pending = 0;
  let pendingMax = 0;
  const ends = await Promise.all(Array.from({ length: 40 }, async () => {
    const attempt = await lock.attempt(name("ana"));
    if (attempt.type === "locked") return "locked";
    pending += 1;
    pendingMax = Math.max(pendingMax, pending);
    await Promise.resolve();
    pending -= 1;
    attempt.end("right");
    return "in";
  }));
  assert.deepEqual(new Set(ends), new Set(["in"]));
  assert.equal(pendingMax, lockLimits.failuresMax);
});

Deno.test("[AM22] what could not be looked at is neither right nor wrong, and makes room", async () => {
  const { lock, wrong, lockedMs } = locking();
  for (let n = 0; n < 4; n++) await wrong(name("ana"));
  const attempt = await lock.attempt(name("ana"));
  const next = lock.attempt(name("ana"));
  assert.ok(attempt.type === "open");
  attempt.end("neither");
  assert.equal((await next).type, "open");
  assert.equal(await lockedMs(name("ben")), 0);
});

Deno.test("[AM22] strangers lock a name for their address, and for no other and no session", async () => {
  const { wrong, lockedMs } = locking();
  for (let n = 0; n < 5; n++) await wrong(name("ana"));
  assert.equal(await lockedMs(name("ana")), 60_000);
  assert.equal(await lockedMs(name("ana", { from: "192.0.2.2" })), 0);
  assert.equal(await lockedMs(name("ana", { from: "session" })), 0);
  assert.equal(await lockedMs(name("ben")), 0);
});

Deno.test("[AM22] many addresses together lock a name for all but those that logged in", async () => {
  const { clock, wrong, right, lockedMs } = locking();
  const home = name("ana", { from: "198.51.100.7" });
  await right(home);
  let n = 0;
  for (; n < lockLimits.nameFailuresMax - 1; n++) {
    assert.equal(await wrong(name("ana", { from: `192.0.2.${n}` })), false);
  }
  assert.equal(await wrong(name("ana", { from: `192.0.2.${n}` })), true);
  for (const from of ["192.0.2.0", "203.0.113.9"]) {
    assert.equal(await lockedMs(name("ana", { from })), 60_000, from);
  }
  assert.equal(await lockedMs(home), 0);
  assert.equal(await lockedMs(name("ana", { from: "session" })), 0);
  clock.now = lockLimits.provedMs;
  for (let again = 0; again < lockLimits.nameFailuresMax; again++) {
    await wrong(name("ana", { from: `192.0.2.${again}` }));
  }
  assert.equal(await lockedMs(home), 60_000, "it was long ago");
});

Deno.test("[AM7] a cleared name and one that was left alone for a day begin anew", async () => {
  const { clock, lock, wrong, lockedMs } = locking();
  for (let n = 0; n < 5; n++) {
    await wrong(name("ana"));
    await wrong(name("ana", { from: "session" }));
  }
  lock.clear(name("ana"));
  assert.equal(await lockedMs(name("ana")), 0);
  assert.equal(await lockedMs(name("ana", { from: "session" })), 0);
  for (let n = 0; n < 4; n++) await wrong(name("ana"));
  clock.now = lockLimits.keptMs + 1;
  assert.equal(await wrong(name("ana")), false);
});

Deno.test("[AM7] a right password begins the count anew", async () => {
  const { wrong, right } = locking();
  for (let n = 0; n < 4; n++) await wrong(name("ana"));
  await right(name("ana"));
  for (let n = 0; n < 4; n++) assert.equal(await wrong(name("ana")), false);
});

Deno.test("[AM7] made-up names are locked alike, cost bounded memory and push no agent out", async () => {
  const { lock, wrong, lockedMs } = locking();
  const nobody = name("nobody", { isAgent: false });
  for (let n = 0; n < 5; n++) {
    await wrong(name("ana"));
    await wrong(nobody);
  }
  assert.equal(await lockedMs(nobody), 60_000);
  for (let n = 0; n < lockLimits.namesMax + 10; n++) await wrong(name(`x${n}`, { isAgent: false }));
  assert.equal(lock.size, 2 * (lockLimits.namesMax + 1));
  assert.equal(await lockedMs(name("ana")), 60_000);
  assert.equal(await lockedMs(nobody), 0);
});
