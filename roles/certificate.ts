import { X509Certificate } from "node:crypto";

/** A certificate chain and its key, as PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** Where they lie: TLS_CERT and TLS_KEY. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

/** The certificate cannot be used; the message says which file, and why. */
export class BadCertificate extends Error {
  override name = "BadCertificate";
}

/** What an operator wants to know of a certificate. */
export interface CertificateFacts {
  readonly names: string;
  readonly expiresAt: number;
}

/**
 * Reads a certificate and its key, and proves that they belong together before anybody listens with
 * them. Throws BadCertificate.
 */
export async function readCertificate(
  paths: CertificatePaths,
): Promise<CertificatePair & { readonly facts: CertificateFacts }> {
  const cert = await read("TLS_CERT", paths.cert);
  const key = await read("TLS_KEY", paths.key);
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(cert);
  } catch (error) {
    throw new BadCertificate(`TLS_CERT: "${paths.cert}" holds no certificate (PEM)`, {
      cause: error,
    });
  }
  proveTogether({ cert, key }, paths);
  const names = x509.subjectAltName ?? x509.subject;
  return { cert, key, facts: { names, expiresAt: Date.parse(x509.validTo) } };
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new BadCertificate(`${setting}: cannot read "${path}"`, { cause: error });
  }
}

/** TLS itself is asked: it takes the pair for a moment, on a port of its own. */
function proveTogether(pair: CertificatePair, paths: CertificatePaths): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...pair }).close();
  } catch (error) {
    throw new BadCertificate(
      `TLS_KEY: "${paths.key}" does not belong to "${paths.cert}", or one of them is damaged`,
      { cause: error },
    );
  }
}
