/**
 * The landing page: links to the visitor's page and the console of the site named by `?site=`.
 *
 * Selectors for browser tests (data-testid): visitor-link, agent-link.
 */
import { siteOf } from "../view/site_name.ts";

const siteId = siteOf(location.search);

for (const link of document.querySelectorAll<HTMLAnchorElement>(".ways a")) {
  const url = new URL(link.href);
  if (siteId !== "demo") url.searchParams.set("site", siteId);
  link.href = url.href;
}

const name = document.getElementById("site");
if (name !== null) name.textContent = siteId;
