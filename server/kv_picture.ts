import { backup, DatabaseSync } from "node:sqlite";

/** A file of the data folder is no sound SQLite file. */
export class KvFileDamaged extends Error {
  override name = "KvFileDamaged";
}

/**
 * A Deno KV file as it is at one moment: an open read transaction of SQLite. Whoever writes the
 * file goes on meanwhile. Copying takes the thread, so a server has it done by another process.
 */
export class KvPicture {
  readonly #db: DatabaseSync;
  readonly #path: string;

  private constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
  }

  /**
   * `how`: "live" changes nothing, for a file that its process has open; "resting" first takes over
   * what a kill left beside the file. Throws KvFileDamaged.
   */
  static take(path: string, how: "live" | "resting"): KvPicture {
    let db;
    try {
      db = new DatabaseSync(path, { readOnly: how === "live", timeout: 5_000 });
      db.exec("BEGIN");
      // The transaction, and with it the moment, begins with the first read.
      db.prepare("SELECT count(*) FROM sqlite_schema").get();
      return new KvPicture(db, path);
    } catch (cause) {
      db?.close();
      throw new KvFileDamaged(`Cannot read "${path}" as a Deno KV file`, { cause });
    }
  }

  /** Looks at every page. Throws KvFileDamaged. */
  check(): void {
    let found;
    try {
      const [row] = this.#db.prepare("PRAGMA quick_check(1)").all();
      found = Object.values(row ?? {})[0];
    } catch (cause) {
      throw new KvFileDamaged(`"${this.#path}" is damaged`, { cause });
    }
    if (found !== "ok") throw new KvFileDamaged(`"${this.#path}" is damaged: ${found}`);
  }

  /** Copies it, page by page, into a file that does not exist yet. */
  async copyTo(path: string): Promise<void> {
    await backup(this.#db, path, { rate: -1 });
  }

  /** Ends the transaction; as often as one likes. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
