/** The site of this page, from `?site=`; the demo site when none is named. */
export function siteOf(search: string): string {
  return new URLSearchParams(search).get("site") || "demo";
}
