import { isObject } from "./merge_patch.ts";

/** A configuration, or a part of it, as JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A field that no answer holds. */
interface Secret {
  /** "*agentId": every item of a list, told from the others by its agentId. */
  readonly path: readonly string[];
  /** Why it is refused in what is sent; undefined: it may be sent, and is kept when it is not. */
  readonly refusal?: string;
}

/** Every secret of a configuration, and what the server alone counts. [AM4] */
export const secrets: readonly Secret[] = [
  { path: ["agents", "*agentId", "passwordHash"], refusal: "send `password` instead" },
  { path: ["agents", "*agentId", "tokenVersion"], refusal: "is counted by the server" },
  { path: ["signIn", "keys"] },
  { path: ["integrations", "webhooks", "*webhookId", "secret"] },
];

/** The configuration as answers show it. */
export function withoutSecrets(config: Json): Json {
  return secrets.reduce((shown, { path }) => asJson(removed(shown, path)), config);
}

/**
 * A configuration for who may read it and not change it: of a webhook's URL its origin alone, as
 * the rest of it may be what lets one in there. [AM24]
 */
export function withoutAccess(shown: Json): Json {
  const integrations = asJson(shown["integrations"]);
  const webhooks = integrations["webhooks"];
  if (!Array.isArray(webhooks)) return shown;
  const hidden = webhooks.map((one) =>
    isObject(one) ? { ...one, url: URL.parse(String(one["url"]))?.origin } : one
  );
  return { ...shown, integrations: { ...integrations, webhooks: hidden } };
}

/** What the sent configuration leaves out of the secrets, as it stands in the stored one. */
export function withKeptSecrets(sent: Json, stored: Json): Json {
  return secrets.reduce((kept, { path }) => asJson(filled(kept, stored, path)), sent);
}

/** Secrets that stand in what was sent though they may not, with their paths. */
export function refusedSecrets(
  sent: Json,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return secrets.flatMap(({ path, refusal }) =>
    refusal === undefined ? [] : found(sent, path).map((at) => ({ path: at, message: refusal }))
  );
}

/** Of secrets that null stands for in a patch: nothing is taken away by it. */
export function takenSecrets(
  patched: Json,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const paths = [["agents", "*agentId", "password"], ...secrets.map(({ path }) => path)];
  return paths.flatMap((path) => found(patched, path)).filter((at) => valueAt(patched, at) === null)
    .map((path) => ({ path, message: "cannot be taken away: leave it out to keep it" }));
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isObject(inner) ? inner[step] : undefined;
  }, value);
}

function asJson(value: unknown): Json {
  return isObject(value) ? value : {};
}

function removed(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (step.startsWith("*")) {
    return Array.isArray(value) ? value.map((item) => removed(item, rest)) : value;
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return value;
  if (rest.length > 0) return { ...value, [step]: removed(value[step], rest) };
  const { [step]: _, ...others } = value;
  return others;
}

function filled(value: unknown, stored: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (step.startsWith("*")) {
    if (!Array.isArray(value) || !Array.isArray(stored)) return value;
    const key = step.slice(1);
    const known = new Map(stored.filter(isObject).map((item) => [item[key], item]));
    return value.map((item) =>
      isObject(item) && known.has(item[key]) ? filled(item, known.get(item[key]), rest) : item
    );
  }
  if (!isObject(value) || !isObject(stored) || !Object.hasOwn(stored, step)) return value;
  const has = Object.hasOwn(value, step);
  if (rest.length === 0) return has ? value : { ...value, [step]: stored[step] };
  return has ? { ...value, [step]: filled(value[step], stored[step], rest) } : value;
}

function found(
  value: unknown,
  [step, ...rest]: readonly string[],
  at: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (step === undefined) return [at];
  if (step.startsWith("*")) {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, place) => found(item, rest, [...at, place]));
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return [];
  return found(value[step], rest, [...at, step]);
}
