import { KvArchive } from "../../archive/archive_kv.ts";
import { type ArchiveDriver } from "./archive_driver.ts";
import { epoch } from "../harness/archive_samples.ts";

/** The embedded archive, each time in a folder of its own. */
export const kvArchiveDriver: ArchiveDriver = {
  name: "kv",
  async use(run) {
    const dir = await Deno.makeTempDir();
    const clock = { now: epoch + 3_600_000 };
    const open = () => KvArchive.open({ path: `${dir}/archive.kv`, now: () => clock.now });
    let archive = await open();
    const reopen = async () => {
      await archive.close();
      archive = await open();
      return archive;
    };
    try {
      await run(archive, reopen, clock);
    } finally {
      await archive.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
