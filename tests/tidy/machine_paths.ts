import type { Finding, TreeFile } from "./tree.ts";

/** Folders that every machine has; a path below them says nothing about this one. */
const sharedFolders = /^(\/|\/(tmp|home|var|opt|srv|usr|usr\/src|mnt|data|app|builds|workspace))$/;

const registryHosts = [["registry.npm", "js.org"], ["registry.yarn", "pkg.com"], [
  "npm.",
  "jsr.io",
]];

/** What must not stand in any file: where the repository lies, whose home it is, where npm is. */
export function forbiddenPaths(machine: { parentDir: string; homeDir: string }): string[] {
  const folders = [machine.parentDir, machine.homeDir].filter((dir) => !sharedFolders.test(dir));
  return [
    ...new Set(folders.map((dir) => `${dir}/`)),
    ...registryHosts.map((parts) => parts.join("")),
  ];
}

/** No file holds a path of the machine it was written on, nor the host of a package registry. */
export function checkMachinePaths(
  files: readonly TreeFile[],
  forbidden: readonly string[],
): Finding[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, place) =>
      forbidden.filter((part) => contains(line, part)).map((part) => ({
        path,
        line: place + 1,
        message:
          `${part} is of one machine only: write a relative path, or take it from an argument`,
      }))
    )
  );
}

/** A folder counts only where a path begins: /builds/ is not in docs/builds/. */
function contains(line: string, part: string): boolean {
  for (let at = line.indexOf(part); at >= 0; at = line.indexOf(part, at + 1)) {
    if (!part.startsWith("/") || !/[\w.-]\/?$/.test(line.slice(0, at))) return true;
  }
  return false;
}
