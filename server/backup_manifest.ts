import { z } from "zod";
import { factVersion } from "../core/fact.ts";
import { isDataFile } from "./data_files.ts";
import { digestOf, type FileDigest } from "./file_copy.ts";

/** The file that makes a folder a backup; written last. */
export const manifestName = "manifest.json";

/** The layout of a backup's folder; another one is not read. */
const layoutVersion = 1;

const fileSchema = z.strictObject({
  path: z.string().refine(isDataFile, "no file of a data folder"),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifestSchema = z.strictObject({
  layout: z.literal(layoutVersion),
  /** Format of the facts in it: a build that reads less refuses it. */
  facts: z.int().max(factVersion),
  /** What wrote it. */
  deno: z.string(),
  /** When its pictures were taken: what was acknowledged before is in it. */
  takenAt: z.iso.datetime(),
  /** Of the master keys, newest first. */
  keys: z.array(z.string()),
  files: z.array(fileSchema).min(1),
});

/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A folder is no backup, or not a sound one; the message names the file. */
export class BadBackup extends Error {
  override name = "BadBackup";
}

/** The manifest of a backup that was just written. */
export function manifestOf(made: Pick<Manifest, "takenAt" | "keys" | "files">): Manifest {
  return { layout: layoutVersion, facts: factVersion, deno: Deno.version.deno, ...made };
}

/** Reads a backup's manifest. Throws BadBackup. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = `${folder}/${manifestName}`;
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new BadBackup(`"${folder}" is no finished backup: it has no ${manifestName}`, { cause });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const why = issue === undefined ? "no JSON" : `${issue.path.join(".")}: ${issue.message}`;
    throw new BadBackup(`Cannot use "${path}": ${why}`, { cause });
  }
}

/** Reads every file of a backup and compares it with its manifest. Throws BadBackup. */
export async function verifyBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const wanted = new Set([manifestName, ...manifest.files.map(({ path }) => path)]);
  for (const path of await filesIn(folder)) {
    if (!wanted.has(path)) throw new BadBackup(`"${folder}/${path}" is not in the manifest`);
  }
  for (const file of manifest.files) await verifyFile(folder, file);
  return manifest;
}

async function verifyFile(folder: string, file: Manifest["files"][number]): Promise<void> {
  const path = `${folder}/${file.path}`;
  let found;
  try {
    found = await digestOf(path);
  } catch (cause) {
    throw new BadBackup(`Cannot read "${path}" of the backup`, { cause });
  }
  expectSame(path, found, file);
}

/** Throws BadBackup when a file is not as the manifest says. */
export function expectSame(path: string, found: FileDigest, wanted: FileDigest): void {
  if (found.bytes !== wanted.bytes) {
    throw new BadBackup(`"${path}" has ${found.bytes} bytes, not ${wanted.bytes} as when written`);
  }
  if (found.sha256 !== wanted.sha256) {
    throw new BadBackup(`"${path}" was altered since it was written: its SHA-256 is another`);
  }
}

async function filesIn(folder: string, under = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${under}`)) {
    if (isDirectory) paths.push(...await filesIn(folder, `${under}${name}/`));
    else paths.push(`${under}${name}`);
  }
  return paths;
}
