// deno-lint-ignore-file no-console -- a tool's output
import { resolve } from "node:path";

const rootDir = resolve(import.meta.dirname ?? ".", "..", "..");

/**
 * How many cases each driver must have run. A case that is skipped, or lost, makes the numbers
 * differ; whoever adds one counts it here.
 */
const expected: Readonly<Record<string, number>> = {
  "config_store/kv": 25,
  "config_store/memory": 25,
  "archive/kv": 41,
  "archive_file/kv": 6,
  "queue/kv": 83,
};

/** One case as `deno test` reports it. */
interface CaseResult {
  /** "queue/kv": the seam from its file's name, the driver from the end of the case's. */
  readonly suite: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** Runs every contract suite on every driver, and ends with one line of JSON. */
async function main(): Promise<number> {
  const report = await Deno.makeTempFile({ prefix: "chatnode_contract_", suffix: ".xml" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${report}`, "tests/contracts"],
      cwd: rootDir,
      stdin: "null",
      env: { NO_COLOR: "1" },
    }).spawn().status;
    return judge(resultsOf(await Deno.readTextFile(report)), success) ? 0 : 1;
  } finally {
    await Deno.remove(report);
  }
}

function judge(results: readonly CaseResult[], isSuccess: boolean): boolean {
  const cases: Record<string, number> = Object.fromEntries(
    Object.keys(expected).map((suite) => [suite, 0]),
  );
  const problems = isSuccess ? [] : ["deno test failed"];
  for (const { suite, name, outcome } of results) {
    cases[suite] = (cases[suite] ?? 0) + (outcome === "skipped" ? 0 : 1);
    if (outcome === "skipped") problems.push(`${suite}: skipped: ${name}`);
  }
  for (const [suite, count] of Object.entries(cases)) {
    const wanted = expected[suite] ?? 0;
    console.log(`${suite}: ${count} cases`);
    if (count !== wanted) {
      problems.push(`${suite}: ${count} cases were run, ${wanted} are expected in contract.ts`);
    }
  }
  for (const problem of problems) console.log(problem);
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  console.log(JSON.stringify({ cases, failed: Math.max(failed, problems.length) }));
  return failed === 0 && problems.length === 0;
}

/** Reads what --junit-path wrote: a test case is an element with its outcome inside. */
export function resultsOf(junit: string): CaseResult[] {
  const results: CaseResult[] = [];
  for (
    const [, attributes = "", inside = ""] of junit.matchAll(
      /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )
  ) {
    const name = attributeOf(attributes, "name");
    const file = attributeOf(attributes, "classname");
    const seam = /([a-z_]+?)_contract_test\.ts$/.exec(file)?.[1] ?? file;
    const driver = /\(([a-z0-9_]+)\)$/.exec(name)?.[1] ?? "no driver named";
    const outcome = /<(failure|error)\b/.test(inside)
      ? "failed"
      : /<skipped\b/.test(inside)
      ? "skipped"
      : "passed";
    results.push({ suite: `${seam}/${driver}`, name, outcome });
  }
  return results;
}

function attributeOf(attributes: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
}

if (import.meta.main) Deno.exit(await main());
