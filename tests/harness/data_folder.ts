import { kvFiles } from "../../server/data_files.ts";
import { openKeyRing } from "../../server/keys.ts";
import { LogFiles } from "../../server/log_files.ts";
import { openOperatorKey } from "../../server/operator_key.ts";

/** A data folder with all of its files open, as a running process has it. */
export class DataFolder {
  readonly dir: string;
  /** Where a test puts backups; removed, too. */
  readonly beside: string;
  readonly log: LogFiles;
  readonly #kvs: ReadonlyMap<string, Deno.Kv>;

  private constructor(root: string, log: LogFiles, kvs: ReadonlyMap<string, Deno.Kv>) {
    this.dir = `${root}/data`;
    this.beside = root;
    this.log = log;
    this.#kvs = kvs;
  }

  static async open(): Promise<DataFolder> {
    const root = await Deno.makeTempDir({ prefix: "chatnode_folder_" });
    await Deno.mkdir(`${root}/data`);
    await openKeyRing(`${root}/data`);
    await openOperatorKey(`${root}/data`);
    const log = await LogFiles.open(`${root}/data/journal`);
    const kvs = new Map<string, Deno.Kv>();
    for (const name of kvFiles) kvs.set(name, await Deno.openKv(`${root}/data/${name}`));
    const folder = new DataFolder(root, log, kvs);
    await folder.write("first");
    return folder;
  }

  /** Puts a word into every file: one record more, one key more. */
  async write(word: string): Promise<void> {
    await this.log.append([{ seq: this.log.lastSeq + 1, value: new TextEncoder().encode(word) }]);
    for (const kv of this.#kvs.values()) await kv.set(["word", word], word);
  }

  kv(name: string): Deno.Kv {
    const kv = this.#kvs.get(name);
    if (kv === undefined) throw new Error(`There is no ${name}`);
    return kv;
  }

  /** The process ends; its files stay. */
  release(): void {
    this.log.close();
    for (const kv of this.#kvs.values()) kv.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.beside, { recursive: true });
  }
}

/** The words in each file of a folder that no process has. */
export async function wordsIn(dir: string): Promise<Record<string, string[]>> {
  const words: Record<string, string[]> = {};
  const log = await LogFiles.open(`${dir}/journal`);
  words["journal"] = [];
  for await (const { value } of log.read(0)) words["journal"].push(new TextDecoder().decode(value));
  log.close();
  for (const name of kvFiles) {
    const kv = await Deno.openKv(`${dir}/${name}`);
    const found: string[] = [];
    for await (const { value } of kv.list<string>({ prefix: ["word"] })) found.push(value);
    kv.close();
    words[name] = found.sort();
  }
  return words;
}

/** Every path below a folder, sorted. */
export async function pathsIn(dir: string, under = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${under}`)) {
    if (isDirectory) paths.push(...await pathsIn(dir, `${under}${name}/`));
    else paths.push(`${under}${name}`);
  }
  return paths.sort();
}
