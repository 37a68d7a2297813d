import { runAll } from "./roles/all.ts";
import { DiskJournalStore } from "./server/journal_store_disk.ts";

if (import.meta.main) {
  await runAll({
    env: Deno.env.toObject(),
    webDir: `${import.meta.dirname}/web/dist`,
    openJournalStore: DiskJournalStore.open,
  });
}
