import type { Field, Frame, NamedType, WireType } from "./wire_type.ts";

const sampleUlids: Readonly<Record<string, string>> = {
  VisitorId: "01K8ZQ3E5VAF0T9B7NWX2M4HJC",
  ChatId: "01K8ZQ4T9G6M2X7WCV5RPDHNAB",
  MessageId: "01K8ZQ52H3KDBM8Y6T0QGZ1WRE",
  CommandId: "01K8ZQ5B7W9CXJ4N2VFATHM6DK",
  ConnectionId: "01K8ZQ3M1R8PZB5D7HYG4XKEWT",
  TenureId: "01K8ZP0A6NQV3C9XWMJ2BTDRHG",
};

const sampleNames: Readonly<Record<string, unknown>> = {
  ...sampleUlids,
  AgentId: "ana",
  DepartmentId: "sales",
  CampaignId: "shop",
  InvitationId: "welcome-back",
  MessageText: "Do you ship to Norway?",
  SiteId: "acme",
  StreamKey: `${sampleUlids["TenureId"]}/public`,
  Vector: { [`${sampleUlids["TenureId"]}/public`]: 7 },
  RefusalCode: "chat_ended",
};

/** By name of the field, where the type alone says too little. */
const sampleFields: Readonly<Record<string, unknown>> = {
  retryable: false,
  protocol: 1,
  token: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…",
  term: 1,
  unacked: 0,
  text: "Do you ship to Norway?",
  order: 1_760_000_123_456,
  before: 1_760_000_100_000,
  at: 1_760_000_123_456,
  since: 1_760_000_120_000,
  requestedAt: 1_760_000_120_000,
  name: "Vik",
  agentName: "Ana",
  email: "vik@example.org",
  url: "https://shop.example.org/shipping",
  title: "Shipping",
  n: 7,
  sig: "c2lnbmF0dXJlIG9mIHRoZSBlbnRyeQ",
  re: sampleUlids["MessageId"],
  message: "The chat has ended; it takes no more messages.",
  field: "chatId",
  total: 1,
  accepted: 7,
  retryAfterMs: 1_000,
  position: 1,
  visitorLanguage: "no",
  score: 5,
  comment: "Quick and friendly.",
  category: "Shipping",
  subject: "Shipping to Norway",
  goal: "order",
  value: "49.90",
  cannedId: "greeting",
  preferences: '{"sound":true}',
  reason: "lunch",
  address: "192.0.2.7",
  referrer: "https://search.example.org/",
  fileId: "01K8ZQ52H3KDBM8Y6T0QGZ1WRE",
  mediaType: "image/png",
  bytes: 48_213,
  banId: sampleUlids["CommandId"],
  until: 1_760_000_153_456,
  arrivedAt: 1_760_000_000_000,
  startedAt: 1_760_000_000_000,
  pages: 3,
  visits: 2,
  listed: 1,
  chatLimit: 3,
};

/** Fields that are absent more often than not, and would make an example of what rarely is. */
const oftenAbsent = new Set([
  "retryAfterMs",
  "refused",
  "waiting",
  "position",
  "changes",
  "file",
  "rating",
  "wrapUp",
  "signInWanted",
  "translating",
  "offeredTo",
  "refusedByAll",
  "threads",
]);

/** Makes one example of each frame. The generator checks each with the real schema. */
export class ExampleMaker {
  readonly #named: ReadonlyMap<string, NamedType>;

  constructor(namedTypes: readonly NamedType[]) {
    this.#named = new Map(namedTypes.map((one) => [one.name, one]));
  }

  /** A frame as it could be sent. */
  frame({ type, fields }: Frame): Readonly<Record<string, unknown>> {
    return { type, ...this.#object(fields) };
  }

  #object(fields: readonly Field[]): Record<string, unknown> {
    const shown = fields.filter(({ name, optional }) => !optional || !oftenAbsent.has(name));
    return Object.fromEntries(shown.map((field) => [field.name, this.#field(field)]));
  }

  #field({ name, type }: Field): unknown {
    const scalar = ["string", "integer", "boolean"].includes(type.type);
    if (scalar && name in sampleFields) return sampleFields[name];
    if ((name === "id" || name === "messageId") && scalar) return sampleUlids["MessageId"];
    if (type.type === "array" && oftenAbsent.has(name)) return [];
    return this.#value(type);
  }

  #value(type: WireType): unknown {
    switch (type.type) {
      case "string":
        return "text";
      case "integer":
        return type.min ?? 0;
      case "boolean":
        return true;
      case "literal":
        return type.value;
      case "enum":
        return type.values[0];
      case "array":
        return [this.#value(type.of)];
      case "record":
        return { [String(this.#value(type.key))]: this.#value(type.value) };
      case "object":
        return this.#object(type.fields);
      case "union":
        return this.#value(type.members[0] ?? { type: "boolean", notes: [] });
      case "named": {
        if (type.name in sampleNames) return sampleNames[type.name];
        const named = this.#named.get(type.name);
        if (named === undefined) throw new Error(`No example of ${type.name}`);
        return this.#value(named.type);
      }
      default:
        return unknownType(type);
    }
  }
}

function unknownType(type: never): never {
  throw new Error(`No example of ${JSON.stringify(type)}`);
}
