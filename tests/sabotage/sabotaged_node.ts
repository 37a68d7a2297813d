/** chatnode with one promise broken on purpose (argument 1), to show that the checker sees it. */
import { Chat } from "../../core/chat.ts";
import { runAll } from "../../roles/all.ts";
import type { JournalStore, JournalWrite } from "../../server/journal_store.ts";
import { DiskJournalStore } from "../../server/journal_store_disk.ts";

const sabotage = Deno.args[0];
const lateMs = 100;
const droppedOf = 500;

if (sabotage === "double-one") {
  const find = Chat.prototype.log.find;
  let done = false;
  Chat.prototype.log.find = function (author, id) {
    const entry = find.call(this, author, id);
    if (done || entry === undefined || entry.kind !== "message") return entry;
    // Only the look-up before a post counts; the transcript looks up what it lists.
    if (!new Error().stack?.includes("posting.ts")) return entry;
    done = true;
    return undefined;
  };
}

/** A store that lies about what it wrote. */
function lying(store: JournalStore): JournalStore {
  let commits = 0;
  let last = Promise.resolve();
  return {
    async commit(write: JournalWrite) {
      commits += 1;
      if (sabotage === "drop-one" && commits % droppedOf === 0) {
        const empty = write.puts.map((put) =>
          put.key[0] === "log"
            ? { key: put.key, value: new TextEncoder().encode('{"site":"chaos","facts":[]}') }
            : put
        );
        return await store.commit({ ...write, puts: empty });
      }
      if (sabotage !== "ack-early") return await store.commit(write);
      const copy = write.puts.map(({ key, value }) => ({ key, value: value.slice() }));
      last = last.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, lateMs));
        await store.commit({ ...write, puts: copy });
      });
    },
    list: (prefix, after) => store.list(prefix, after),
    async last(prefix) {
      await last;
      return await store.last(prefix);
    },
    close: () => store.close(),
  };
}

await runAll({
  env: Deno.env.toObject(),
  webDir: "web/dist",
  openJournalStore: async (dir) => lying(await DiskJournalStore.open(dir)),
});
