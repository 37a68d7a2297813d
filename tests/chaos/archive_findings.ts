/** lost, duplicated: of chats and messages. The others: of what chats lead to besides. */
export type FindingKind = "lost" | "duplicated" | "missingEffects" | "extraEffects";

/** What a thing that is missing, or there too often, is counted as. */
interface Kinds {
  readonly missing: FindingKind;
  readonly extra: FindingKind;
}

/** How chats and messages are counted. */
export const ofChats: Kinds = { missing: "lost", extra: "duplicated" };
/** How what they lead to is counted. */
export const ofEffects: Kinds = { missing: "missingEffects", extra: "extraEffects" };

const examplesMax = 20;

/** What was found wrong in archive and queues, counted, with a few examples. */
export class ArchiveFindings {
  /** Chats in the archive, each once. */
  chats = 0;
  /** Messages acknowledged to people whose chats were compared. */
  acked = 0;
  /** Rows and second-level messages that had to be there. */
  effects = 0;
  lost = 0;
  duplicated = 0;
  missingEffects = 0;
  extraEffects = 0;
  readonly examples: string[] = [];

  note(kind: FindingKind, example: string): void {
    this[kind] += 1;
    if (this.examples.length < examplesMax) this.examples.push(`${kind}: ${example}`);
  }

  /** Compares a list with what it must hold, each once, and nothing else. */
  compare(
    where: string,
    found: readonly string[],
    expected: ReadonlySet<string>,
    kinds: Kinds,
  ): void {
    const counts = new Map<string, number>();
    for (const id of found) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const id of expected) {
      if (!counts.has(id)) this.note(kinds.missing, `${id} not in ${where}`);
    }
    for (const [id, count] of counts) {
      if (!expected.has(id)) this.note(kinds.extra, `${id} in ${where}, which nobody asked for`);
      else if (count > 1) this.note(kinds.extra, `${id} ${count} times in ${where}`);
    }
    if (kinds === ofEffects) this.effects += expected.size;
  }
}
