/** The form of a value on the wire, as core/ declares it; `notes` are its further rules. */
export type WireType =
  & { readonly notes: readonly string[] }
  & (
    | { readonly type: "string"; readonly min?: number; readonly max?: number }
    | { readonly type: "integer"; readonly min?: number; readonly max?: number }
    | { readonly type: "boolean" }
    | { readonly type: "literal"; readonly value: string }
    | { readonly type: "enum"; readonly values: readonly string[] }
    | {
      readonly type: "array";
      readonly of: WireType;
      readonly min?: number;
      readonly max?: number;
    }
    | { readonly type: "record"; readonly key: WireType; readonly value: WireType }
    | { readonly type: "object"; readonly fields: readonly Field[] }
    | { readonly type: "union"; readonly tag: string; readonly members: readonly WireType[] }
    | { readonly type: "named"; readonly name: string }
  );

/** One field of an object, with the comment that stands before it. */
export interface Field {
  readonly name: string;
  readonly doc: string;
  readonly optional: boolean;
  readonly type: WireType;
}

/** A type that several frames share; it has a section of its own. */
export interface NamedType {
  readonly name: string;
  readonly doc: string;
  readonly type: WireType;
}

/** A frame: what a WebSocket message holds. */
export interface Frame {
  readonly type: string;
  readonly doc: string;
  readonly fields: readonly Field[];
  /** Who sends it. */
  readonly from: readonly ("visitor" | "agent" | "server")[];
}

/** One named value of core/limits.ts, or several under one comment. */
export interface Limit {
  readonly names: readonly string[];
  readonly doc: string;
}

/** Everything that the documents are made of. */
export interface Protocol {
  readonly clientFrames: readonly Frame[];
  readonly serverFrames: readonly Frame[];
  readonly namedTypes: readonly NamedType[];
  readonly limits: readonly Limit[];
}

/** The first sentence of a comment. */
export function firstSentence(doc: string): string {
  return /^.*?\.(?= |$)/s.exec(doc)?.[0] ?? doc;
}
