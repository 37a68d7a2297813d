import assert from "node:assert/strict";
import { checkMachinePaths, forbiddenPaths } from "./machine_paths.ts";

const forbidden = forbiddenPaths({ parentDir: "/builds/team7", homeDir: "/home/ana" });

function found(text: string): number {
  return checkMachinePaths([{ path: "README.md", text }], forbidden).length;
}

Deno.test("a path of the machine and a registry's host are found", () => {
  assert.equal(found("cd /builds/team7/chatnode"), 1);
  assert.equal(found('"file:///home/ana/.cache"'), 1);
  assert.equal(found("see https://registry.npm" + "js.org/zod"), 1);
  assert.equal(found("cd chatnode\ncat docs/builds/team7/a.md /tmp/a"), 0);
});

Deno.test("folders that every machine has are allowed", () => {
  assert.equal(forbiddenPaths({ parentDir: "/tmp", homeDir: "/" }).length, forbidden.length - 2);
});
