import { archiveCases } from "./archive_contract.ts";
import { kvArchiveDriver } from "./archive_kv_driver.ts";

for (const driver of [kvArchiveDriver]) {
  for (const { name, run } of archiveCases) {
    Deno.test(`${name} (${driver.name})`, () => run(driver));
  }
}
