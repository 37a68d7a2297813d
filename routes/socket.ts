import type { AgentFrame, VisitorFrame } from "../core/protocol.ts";
import type { Hello } from "../core/client_frames.ts";
import { protocolVersion } from "../core/protocol.ts";
import type { ChatId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { Entry, SignedEntry } from "../core/entry.ts";
import { causeOf } from "../core/site.ts";
import type { Refusal } from "../core/refusal.ts";
import { refusedFrame } from "../core/turn.ts";
import type { Connection, Socket, Via } from "../server/session_hub.ts";
import { sessionOf } from "../server/session_token.ts";
import { readSignIn } from "../server/sign_in.ts";
import type { SiteSlot } from "../server/site_slot.ts";
import type { AppDeps } from "./app_deps.ts";
import { readFrame } from "./frame_intake.ts";
import { TokenBucket } from "./rate_limit.ts";

type Frame = VisitorFrame | AgentFrame;

/**
 * Pages asked for or uploaded per frame allowed: 50 entries a page, one page in flight per chat.
 */
const pagesPerFrame = 4;

/** One WebSocket of a visitor or an agent: from bytes to events, and nothing else. */
export class ChatSocket {
  readonly #deps: AppDeps;
  readonly #side: "visitor" | "agent";
  readonly #connection: Connection;
  readonly #frames: TokenBucket;
  readonly #pages: TokenBucket;
  #greeting: "none" | "checking" | "done" = "none";
  #refusedSince = 0;
  #refusedCount = 0;
  readonly #address: string | undefined;
  /** Frames behind a sign-in that is being checked; they may stand on it. */
  #held: Exclude<Frame, Hello>[] | undefined;

  constructor(
    deps: AppDeps,
    side: "visitor" | "agent",
    slot: SiteSlot,
    socket: Socket,
    from: { readonly address?: string | undefined; readonly via?: Via | undefined } = {},
  ) {
    this.#deps = deps;
    this.#side = side;
    this.#address = from.address;
    const now = deps.clock.monotonic();
    this.#connection = deps.node.hub.add(slot, socket, {
      now,
      via: from.via,
      gone: () => this.#gone(),
    });
    this.#frames = new TokenBucket(deps.limits.framesBurst, now);
    this.#pages = new TokenBucket(deps.limits.framesBurst * pagesPerFrame, now);
  }

  /** A WebSocket message came. */
  receive(data: unknown): void {
    const { node, clock } = this.#deps;
    if (this.#connection.closing) return;
    const now = clock.monotonic();
    // Before its hello a connection has its ten seconds, whatever it says meanwhile. [CN1]
    if (this.#greeting === "done") this.#connection.heardAt = now;
    const intake = readFrame(this.#side, data);
    if (intake.type === "too_big") return node.hub.close(this.#connection, "frame_too_big");
    if (intake.type === "refused") {
      if (this.#overRate(now, undefined)) return;
      return this.#refuse(intake.re, intake.refusal);
    }
    const { frame } = intake;
    if (this.#overRate(now, frame)) return;
    if (frame.type === "hello") return this.#hello(frame);
    if (this.#greeting !== "done") return this.#refuse(frame.type, { code: "hello_expected" });
    this.#post(frame);
  }

  /** The WebSocket is gone. */
  closed(): void {
    this.#deps.node.hub.remove(this.#connection);
  }

  #gone(): void {
    const { node } = this.#deps;
    const { no, slot, session } = this.#connection;
    if (session !== undefined) node.post(slot, { type: "disconnected", connection: no });
  }

  #post(frame: Exclude<Frame, Hello>): void {
    if (this.#held !== undefined) return void this.#held.push(frame);
    const { node, disk } = this.#deps;
    const { slot, no } = this.#connection;
    const re = causeOf(frame);
    if (slot.state === "failed") return this.#refuse(re, { code: "unavailable" });
    if (!slot.acceptsMore) return this.#refuse(re, { code: "overloaded", retryAfterMs: 1_000 });
    if (frame.type === "upload_entries") return this.#upload(frame);
    if (frame.type === "sign_in") return void this.#signIn(frame);
    const isNew = frame.type === "request_chat" &&
      !slot.site.state.chats.has(frame.commandId as string as ChatId); // it names its chat [CH1]
    if (isNew && disk.state === "full") {
      return this.#refuse(re, { code: "storage_full", retryAfterMs: 60_000 });
    }
    node.postFrame(slot, no, frame);
  }

  /** Checks every signature here; the engine takes the entries as proved. [SG2] */
  #upload(frame: Extract<Frame, { type: "upload_entries" }>): void {
    const { node, signer } = this.#deps;
    const { slot, no } = this.#connection;
    const entries: Entry[] = [];
    const forged: string[] = [];
    for (const signed of frame.entries) {
      if (signer.verify(slot.siteId, signed)) entries.push(withoutSig(signed));
      else forged.push(signed.id);
    }
    const { chatId } = frame;
    node.post(slot, { type: "entries_uploaded", connection: no, chatId, entries, forged });
  }

  /** Checks the site's token here; the engine takes what it says as proved. [SI1] */
  async #signIn(frame: Extract<Frame, { type: "sign_in" }>): Promise<void> {
    const { node, configs, clock } = this.#deps;
    const { slot, no } = this.#connection;
    const config = configs.get(slot.siteId);
    if (config === undefined) return this.#refuse(frame.commandId, { code: "unavailable" });
    this.#held = [];
    const answer = await readSignIn(frame.token, config, clock.now());
    const held = this.#held;
    this.#held = undefined;
    if (this.#connection.closing) return;
    const { commandId } = frame;
    const signedIn = "fault" in answer ? answer : answer.signedIn;
    node.post(slot, { type: "visitor_signed_in", connection: no, commandId, signedIn });
    for (const one of held) this.#post(one);
  }

  #hello(hello: Hello): void {
    if (this.#greeting !== "none") return this.#refuse("hello", { code: "hello_expected" });
    if (hello.protocol !== protocolVersion) {
      return this.#deps.node.hub.close(this.#connection, "bad_protocol");
    }
    this.#greeting = "checking";
    void this.#greet(hello);
  }

  async #greet(hello: Hello): Promise<void> {
    const { node, tokens, configs, clock } = this.#deps;
    const connection = this.#connection;
    const claims = await tokens.read(hello.token);
    if (connection.closing || connection.socket.readyState !== 1) return;
    if (typeof claims === "string") return node.hub.close(connection, claims);
    const config = configs.get(connection.slot.siteId);
    if (config === undefined) return node.hub.close(connection, "unknown_site");
    const session = sessionOf(claims, config, clock.now());
    if (session?.type !== this.#side) return node.hub.close(connection, "bad_token");
    connection.session = session;
    connection.heardAt = clock.monotonic();
    this.#greeting = "done";
    const { no, slot } = connection;
    const address = this.#address;
    node.post(slot, { type: "connected", connection: no, session, hello, address });
  }

  /** Counts the frame; over the rate it is refused, far over it the connection is closed. [BI3] */
  #overRate(now: number, frame: Frame | undefined): boolean {
    const { limits: rates, node, siteFrames } = this.#deps;
    const isPage = frame?.type === "get_entries" || frame?.type === "upload_entries";
    const factor = isPage ? pagesPerFrame : 1;
    const bucket = isPage ? this.#pages : this.#frames;
    const rate = rates.framesPerSecond * factor;
    const own = bucket.take(now, rate, rates.framesBurst * factor) ? 0 : bucket.waitMs(rate);
    const waitMs = own > 0 ? own : siteFrames.take(this.#connection.slot.siteId, now);
    if (waitMs === 0) return false;
    if (now - this.#refusedSince > 1_000) {
      this.#refusedSince = now;
      this.#refusedCount = 0;
    }
    this.#refusedCount += 1;
    if (own > 0 && this.#refusedCount > limits.framesRefusedMax) {
      node.hub.close(this.#connection, "too_many_frames");
    } else {
      const re = frame === undefined ? "" : causeOf(frame);
      this.#refuse(re, { code: "rate_limited", retryAfterMs: waitMs });
    }
    return true;
  }

  #refuse(re: string, refusal: Refusal): void {
    this.#deps.node.hub.sendNow(this.#connection, refusedFrame(re, refusal));
  }
}

function withoutSig(signed: SignedEntry): Entry {
  const { sig: _, ...entry } = signed;
  return entry;
}
