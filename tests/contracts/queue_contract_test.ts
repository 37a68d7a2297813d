import { casesOf } from "./queue_contract.ts";
import { kvDriver } from "./queue_kv_driver.ts";

for (const driver of [kvDriver]) {
  for (const { name, run } of casesOf(driver)) {
    Deno.test(`${name} (${driver.name})`, () => run(driver));
  }
}
