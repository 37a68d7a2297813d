/** Another process has the data folder. */
export class DataFolderInUse extends Error {
  override name = "DataFolderInUse";
}

/**
 * Takes the data folder for this process; Deno KV itself does not keep a second one out. The lock
 * ends with the process, however it ends. Throws DataFolderInUse, naming the holder.
 */
export async function lockDataFolder(dataDir: string): Promise<{ release(): void }> {
  const path = `${dataDir}/lock`;
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    const holder = await readHolder(path);
    throw new DataFolderInUse(
      `Cannot use data folder "${dataDir}" as process ${holder} already has it`,
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return { release: () => file.close() };
}

/** The process that has the data folder; undefined: none has. */
export async function holderOf(dataDir: string): Promise<string | undefined> {
  const path = `${dataDir}/lock`;
  let file;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const isFree = await file.tryLock(false);
  file.close();
  return isFree ? undefined : await readHolder(path);
}

async function readHolder(path: string): Promise<string> {
  return (await Deno.readTextFile(path)).trim() || "unknown";
}
