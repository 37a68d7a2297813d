import type { Clock } from "../server/clock.ts";
import { errorFields, type Log } from "../server/log.ts";
import type { Via } from "../server/session_hub.ts";
import { type CertificatePaths, readCertificate } from "./certificate.ts";

/** How often the certificate's files are looked at. */
const lookMs = 10_000;

/** Answers one request; `env` says where it came from. */
export type Answer = (
  request: Request,
  env: { readonly remoteAddr: Deno.Addr; readonly via: Via },
) => Response | Promise<Response>;

/** What a listener listens with, and whom it tells. */
export interface ListenerOptions {
  readonly hostname: string;
  readonly port: number;
  readonly tls: CertificatePaths | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly answer: Answer;
  /** Moves the sockets that came through a retiring listener; resolves when all were told. */
  move(via: Via): Promise<void>;
}

interface Open {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  readonly via: { isRetiring: boolean };
}

/**
 * The public port. With TLS it takes over renewed certificates while it runs: Deno cannot change
 * that of an open listener, so a second one opens on the same port, the first takes no new sockets,
 * its own are told to reconnect, a few at a time, and it closes. A pair that cannot be used is told
 * in the log, and the old one goes on. [ST2]
 */
export class Listener {
  readonly #options: ListenerOptions;
  #open: Open;
  #pair: string;
  #stopLooking: () => void = () => {};
  #isReloading = false;
  #retiring: Promise<void> = Promise.resolve();

  private constructor(options: ListenerOptions, open: Open, pair: string) {
    this.#options = options;
    this.#open = open;
    this.#pair = pair;
  }

  /** Throws BadCertificate, or Deno's error when the port is taken. */
  static async start(options: ListenerOptions): Promise<Listener> {
    const pair = options.tls === undefined ? undefined : await readCertificate(options.tls);
    const open = listen(options, options.port, pair);
    const listener = new Listener(options, open, JSON.stringify(pair));
    if (pair !== undefined) {
      const { names, expiresAt } = pair.facts;
      options.log.write("info", "certificate", {
        names,
        expires: new Date(expiresAt).toISOString(),
      });
      listener.#lookLater();
    }
    return listener;
  }

  get port(): number {
    return this.#open.server.addr.port;
  }

  #lookLater(): void {
    this.#stopLooking = this.#options.clock.after(lookMs, () => {
      void this.reload().finally(() => this.#lookLater());
    });
  }

  /** Looks whether the files changed, and takes them over. Whether it did. */
  async reload(): Promise<boolean> {
    const { tls, log } = this.#options;
    if (tls === undefined || this.#isReloading) return false;
    this.#isReloading = true;
    try {
      const pair = await readCertificate(tls);
      if (JSON.stringify(pair) === this.#pair) return false;
      const old = this.#open;
      this.#open = listen(this.#options, this.port, pair);
      this.#pair = JSON.stringify(pair);
      log.write("info", "certificate_reloaded", {
        names: pair.facts.names,
        expires: new Date(pair.facts.expiresAt).toISOString(),
      });
      this.#retiring = this.#retire(old);
      return true;
    } catch (error) {
      log.write("error", "certificate_refused", errorFields(error));
      return false;
    } finally {
      this.#isReloading = false;
    }
  }

  async #retire(old: Open): Promise<void> {
    old.via.isRetiring = true;
    await this.#options.move(old.via);
    await old.server.shutdown();
  }

  /** Resolves when every listener is closed and every request answered. */
  async shutdown(): Promise<void> {
    this.#stopLooking();
    await Promise.all([this.#open.server.shutdown(), this.#retiring]);
  }
}

function listen(
  { hostname, answer, tls }: ListenerOptions,
  port: number,
  pair: { readonly cert: string; readonly key: string } | undefined,
): Open {
  const via = { isRetiring: false };
  const server = Deno.serve(
    {
      hostname,
      port,
      onListen: () => {},
      // Two listeners share the port while one takes the other's place.
      ...(tls === undefined ? {} : { reusePort: true }),
      ...(pair === undefined ? {} : { cert: pair.cert, key: pair.key }),
    },
    (request, { remoteAddr }) => answer(request, { remoteAddr, via }),
  );
  return { server, via };
}
