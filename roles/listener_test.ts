import assert from "node:assert/strict";
import { SystemClock } from "../server/clock.ts";
import type { Via } from "../server/session_hub.ts";
import { BadCertificate, readCertificate } from "./certificate.ts";
import { Listener } from "./listener.ts";

/** A self-signed certificate of this name, made with openssl. */
async function makeCertificate(dir: string, name: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30".split(" "),
      ...["-keyout", `${dir}/key.pem`, "-out", `${dir}/cert.pem`, "-subj", `/CN=${name}`],
      ...["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"],
    ],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

async function withListener(
  run: (bench: {
    listener: Listener;
    dir: string;
    logged: string[];
    moved: Via[];
    ask(): Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  await makeCertificate(dir, "first");
  const logged: string[] = [];
  const moved: Via[] = [];
  const listener = await Listener.start({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: `${dir}/cert.pem`, key: `${dir}/key.pem` },
    clock: new SystemClock(),
    log: { write: (_, event) => void logged.push(event) },
    answer: (_, { via }) => new Response(via.isRetiring ? "retiring" : "here"),
    move: (via) => {
      moved.push(via);
      return Promise.resolve();
    },
  });
  const caCerts = [await Deno.readTextFile(`${dir}/cert.pem`)];
  const ask = async () => {
    const client = Deno.createHttpClient({ caCerts, poolMaxIdlePerHost: 0 });
    try {
      // Deno's own option; the browser's types, which the pages need, do not have it.
      const init = { client } as RequestInit;
      const response = await fetch(`https://127.0.0.1:${listener.port}/`, init);
      return await response.text();
    } finally {
      client.close();
    }
  };
  try {
    await run({ listener, dir, logged, moved, ask });
  } finally {
    await listener.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("[ST2] a renewed certificate is taken over, and the old listener's sockets are moved", async () => {
  await withListener(async ({ listener, dir, logged, moved, ask }) => {
    assert.equal(await ask(), "here");
    const { port } = listener;
    assert.equal(await listener.reload(), false, "nothing changed");
    await makeCertificate(dir, "second");
    assert.equal(await listener.reload(), true);
    assert.equal(listener.port, port);
    assert.deepEqual(moved.map(({ isRetiring }) => isRetiring), [true]);
    assert.deepEqual(logged, ["certificate", "certificate_reloaded"]);
    await assert.rejects(ask(), "who trusts the first one alone is not let in any more");
  });
});

Deno.test("[ST2] a key that does not belong to the certificate is told, and the old pair goes on", async () => {
  await withListener(async ({ listener, dir, logged, ask }) => {
    const cert = await Deno.readTextFile(`${dir}/cert.pem`);
    await makeCertificate(dir, "second");
    await Deno.writeTextFile(`${dir}/cert.pem`, cert);
    assert.equal(await listener.reload(), false);
    assert.deepEqual(logged, ["certificate", "certificate_refused"]);
    assert.equal(await ask(), "here");
  });
});

Deno.test("[ST2] what is no certificate is refused with the setting and the file", async () => {
  const dir = await Deno.makeTempDir();
  const paths = { cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  const refused = (pattern: RegExp) =>
    assert.rejects(readCertificate(paths), (error) => {
      assert.ok(error instanceof BadCertificate);
      assert.match(error.message, pattern);
      return true;
    });
  await refused(/^TLS_CERT: cannot read/);
  await Deno.writeTextFile(paths.cert, "hello");
  await refused(/^TLS_KEY: cannot read/);
  await Deno.writeTextFile(paths.key, "hello");
  await refused(/^TLS_CERT: .* holds no certificate/);
  await Deno.remove(dir, { recursive: true });
});
