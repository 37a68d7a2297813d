/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured logging: one JSON object a line. Never message texts, tokens or secrets. */
export interface Log {
  write(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Writes to standard output. */
export function createLog(): Log {
  return {
    write(level, event, fields = {}) {
      const line = JSON.stringify({ at: new Date().toISOString(), level, event, ...fields });
      // deno-lint-ignore no-console -- the one place where lines leave the process
      console.log(line);
    },
  };
}

/** Keeps nothing: for tests that do not look at the log. */
export const silentLog: Log = { write() {} };

/** An error as fields of a log line, its causes included. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) };
  return { error: error.message, name: error.name, stack: error.stack, ...cause };
}
