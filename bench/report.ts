/** What a bench prints: tables, goals and the last line for machines. */

export function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

/** Prints rows under their headings, numbers to the right. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length))
  );
  for (const row of [headings, ...rows]) {
    print(
      row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      }).join("  "),
    );
  }
}

/** A promise of ours, or the least amount of work that makes a run count. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Whether the value is on the right side of every border; a NaN is on none. */
export function isMet(goal: Goal): boolean {
  const { value, atLeast = -Infinity, atMost = Infinity } = goal;
  return value >= atLeast && value <= atMost;
}

/** Prints each goal and whether it was met; returns whether all were. */
export function printGoals(goals: readonly Goal[]): boolean {
  for (const goal of goals) {
    const border = goal.atLeast !== undefined ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
    print(
      `${isMet(goal) ? "ok    " : "MISSED"} ${goal.name} = ${short(goal.value)}, goal ${border}`,
    );
  }
  return goals.every(isMet);
}

/** A number as people read it. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** For the machine's line: three digits after the point, and null for what has no value. */
export function rounded(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
}
