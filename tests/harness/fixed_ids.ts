import {
  type CommandId,
  commandIdSchema,
  type ConnectionId,
  connectionIdSchema,
  type MessageId,
  messageIdSchema,
  type TenureId,
  tenureIdSchema,
  type VisitorId,
  visitorIdSchema,
} from "../../core/ids.ts";

/** A ULID made of a number: the same at every run, in the order of the numbers. */
export function fixedUlid(n: number): string {
  return `01J${String(n).padStart(23, "0")}`;
}

/** Ids from a counter, so that a failing test shows the same ids again. */
export class FixedIds {
  #last = 0;

  /** Gives the same ids once more: clients choose ids, and may choose those of another site. */
  rewind(): void {
    this.#last = 0;
  }

  ulid(): string {
    this.#last += 1;
    return fixedUlid(this.#last);
  }

  message(): MessageId {
    return messageIdSchema.parse(this.ulid());
  }

  command(): CommandId {
    return commandIdSchema.parse(this.ulid());
  }

  connection(): ConnectionId {
    return connectionIdSchema.parse(this.ulid());
  }

  tenure(): TenureId {
    return tenureIdSchema.parse(this.ulid());
  }

  visitor(): VisitorId {
    return visitorIdSchema.parse(this.ulid());
  }
}
