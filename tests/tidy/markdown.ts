import { posix } from "node:path";
import type { Finding, TreeFile } from "./tree.ts";

interface Line {
  readonly text: string;
  readonly line: number;
}

/** One H1 per file; relative links and anchors lead somewhere. */
export function checkMarkdown(
  files: readonly TreeFile[],
  exists: (path: string) => boolean,
): Finding[] {
  const documents = new Map(
    files.filter(({ path }) => path.endsWith(".md")).map((file) => [file.path, prose(file.text)]),
  );
  return [...documents].flatMap(([path, lines]) => [
    ...headings(path, lines),
    ...lines.flatMap(({ text, line }) =>
      linksIn(text).flatMap((link) => {
        const message = whyBroken(path, link, { documents, exists });
        return message === undefined ? [] : [{ path, line, message }];
      })
    ),
  ]);
}

/** The lines outside of code blocks, code spans and HTML comments. */
function prose(text: string): Line[] {
  const lines: Line[] = [];
  let fence: string | undefined;
  text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, "")).split("\n").forEach(
    (raw, place) => {
      const mark = /^\s*(```+|~~~+)/.exec(raw)?.[1];
      if (fence !== undefined) {
        if (mark !== undefined && mark.startsWith(fence)) fence = undefined;
      } else if (mark !== undefined) fence = mark;
      else lines.push({ text: raw, line: place + 1 });
    },
  );
  return lines;
}

function headings(path: string, lines: readonly Line[]): Finding[] {
  const titles = lines.filter(({ text }) => /^# /.test(text));
  if (titles.length === 1) return [];
  const message = `${titles.length} H1 headings: a document has one title`;
  return [{ path, line: titles[1]?.line ?? 1, message }];
}

function linksIn(text: string): string[] {
  const withoutCode = text.replace(/`[^`]*`/g, "");
  return [...withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, link]) =>
    link ?? ""
  )
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

interface Targets {
  readonly documents: ReadonlyMap<string, readonly Line[]>;
  readonly exists: (path: string) => boolean;
}

function whyBroken(from: string, link: string, { documents, exists }: Targets): string | undefined {
  const [file = "", anchor] = link.split("#");
  if (file.startsWith("/")) return `link ${link}: make it relative to this file`;
  const target = file === "" ? from : posix.normalize(posix.join(posix.dirname(from), file));
  if (!exists(target.replace(/\/$/, ""))) return `link ${link}: there is no ${target}`;
  const lines = documents.get(target);
  if (anchor === undefined || lines === undefined || anchorsIn(lines).has(anchor)) return undefined;
  return `link ${link}: no heading of ${target} makes the anchor #${anchor}`;
}

function anchorsIn(lines: readonly Line[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text } of lines) {
    const title = /^#{1,6} +(.*)$/.exec(text)?.[1];
    if (title !== undefined) anchors.add(anchorOf(title));
  }
  return anchors;
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(title: string): string {
  return title.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}
