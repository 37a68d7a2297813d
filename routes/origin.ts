/**
 * Whether a page of this origin may connect: our own host, an exact host of the site's list, or a
 * host below a list item that begins with a dot. Clients that are no browsers send no origin.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  ownHost: string | undefined,
  allowedDomains: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { host, hostname } = new URL(origin);
  if (host === ownHost) return true;
  return allowedDomains.map((domain) => domain.toLowerCase()).some((domain) =>
    domain.startsWith(".")
      ? hostname.endsWith(domain) || hostname === domain.slice(1)
      : hostname === domain || host === domain
  );
}
