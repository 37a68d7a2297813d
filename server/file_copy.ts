import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

const chunkBytes = 1024 * 1024;

/** What was read of a file. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reads a file, or its first `bytesMax` bytes, and says what is in it. */
export async function digestOf(
  path: string,
  options: { readonly bytesMax?: number; readonly chunk?: (bytes: Uint8Array) => void } = {},
): Promise<FileDigest> {
  const { bytesMax = Infinity, chunk = () => {} } = options;
  const hash = createHash("sha256");
  const buffer = new Uint8Array(chunkBytes);
  using file = await Deno.open(path, { read: true });
  let bytes = 0;
  while (bytes < bytesMax) {
    const read = await file.read(buffer.subarray(0, Math.min(chunkBytes, bytesMax - bytes)));
    if (read === null) break;
    const part = buffer.subarray(0, read);
    hash.update(part);
    chunk(part);
    bytes += read;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * Copies a file, or its first `bytesMax` bytes, into one that does not exist yet, with the same
 * rights, and returns when the copy is on disk.
 */
export async function copyFile(
  from: string,
  to: string,
  bytesMax?: number,
): Promise<FileDigest> {
  const { mode } = await Deno.stat(from);
  using copy = await Deno.open(to, {
    write: true,
    createNew: true,
    ...(mode === null ? {} : { mode: mode & 0o777 }),
  });
  const digest = await digestOf(from, {
    ...(bytesMax === undefined ? {} : { bytesMax }),
    chunk(part) {
      for (let written = 0; written < part.length;) {
        written += copy.writeSync(part.subarray(written));
      }
    },
  });
  await copy.sync();
  return digest;
}

/** Writes a text into a file that does not exist yet; on disk when it returns. */
export async function writeSynced(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600, createNew: true });
  await syncPath(path);
}

/**
 * Writes a text into a file that only its owner may read: after a power cut the file has all of it,
 * or is as it was before.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  try {
    await Deno.remove(beside); // of an attempt that was cut off
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await writeSynced(beside, text);
  await renameSynced(beside, path);
}

/** What was written to a file, or the names in a folder, survive a power cut from here on. */
export async function syncPath(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

/** Gives a file or a folder another name, and returns when that is on disk. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  await syncPath(dirname(to));
}

/** Bytes free on the disk of a folder. */
export async function freeOnDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Bytes for people, who compare them. */
export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
