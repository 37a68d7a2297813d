import { configStoreCases } from "./config_store_contract.ts";
import { kvDriver, memoryDriver } from "./config_store_driver.ts";

for (const driver of [memoryDriver, kvDriver]) {
  for (const { name, run } of configStoreCases) {
    Deno.test(`${name} (${driver.name})`, () => run(driver));
  }
}
