import { closeCodes, reconnects } from "../../core/close_code.ts";
import { limits } from "../../core/limits.ts";
import { refusalCodes } from "../../core/refusal.ts";
import { ExampleMaker } from "./example.ts";
import { escapeTags, fieldTable, form } from "./field_table.ts";
import { firstSentence, type Frame, type NamedType, type Protocol } from "./wire_type.ts";

/** docs/PROTOCOL.md: the introduction as written, then everything that follows from the source. */
export function markdownPage(introduction: string, protocol: Protocol): string {
  const examples = new ExampleMaker(protocol.namedTypes);
  return [
    "<!-- Written by docs/generate.ts from core/ and protocol_introduction.md. Do not edit. -->\n",
    introduction.trim(),
    "## Frames at a glance",
    "What a client sends:",
    glance(protocol.clientFrames, "client"),
    "What the server sends:",
    glance(protocol.serverFrames, "server"),
    "## Client frames",
    "Fields are required unless marked optional. A field that is not named here is refused.",
    ...protocol.clientFrames.map((frame) => frameSection(frame, "client", examples)),
    "## Server frames",
    "Be liberal here: a later minor version may add fields and frames. Ignore those you do not know.",
    ...protocol.serverFrames.map((frame) => frameSection(frame, "server", examples)),
    "## Types",
    ...protocol.namedTypes.map(typeSection),
    refusalSection(),
    closeSection(),
    limitSection(protocol),
  ].join("\n\n") + "\n";
}

function glance(frames: readonly Frame[], side: "client" | "server"): string {
  const rows = frames.map(({ type, from, doc }) => {
    const link = `[\`${type}\`](#${type}-${side})`;
    return side === "client"
      ? `| ${link} | ${from.join(", ")} | ${firstSentence(doc)} |`
      : `| ${link} | ${firstSentence(doc)} |`;
  });
  const head = side === "client"
    ? "| Frame | Sent by | What it is for |\n| --- | --- | --- |"
    : "| Frame | What it tells |\n| --- | --- |";
  return [head, ...rows].join("\n");
}

function frameSection(frame: Frame, side: "client" | "server", examples: ExampleMaker): string {
  const senders = frame.from.length === 1 && side === "client"
    ? `Sent by ${frame.from[0]}s only. `
    : "";
  const parts = [`### ${frame.type} (${side})`, senders + frame.doc];
  if (frame.fields.length > 0) parts.push(fieldTable(frame.fields));
  parts.push("```json\n" + JSON.stringify(examples.frame(frame)) + "\n```");
  return parts.join("\n\n");
}

function typeSection({ name, doc, type }: NamedType): string {
  const parts = [`### ${name}`];
  if (doc !== "") parts.push(escapeTags(doc));
  if (type.type === "object") parts.push(fieldTable(type.fields));
  else if (type.type === "union") {
    parts.push(`One of these, told apart by \`${type.tag}\`:`);
    for (const member of type.members) {
      if (member.type !== "object") continue;
      const tag = member.fields.find((field) => field.name === type.tag)?.type;
      const value = tag?.type === "literal" ? tag.value : "";
      const rest = member.fields.filter((field) => field.name !== type.tag);
      parts.push(`\`${type.tag}: "${value}"\``, fieldTable(rest));
    }
  } else parts.push(`On the wire: ${form(type)}.`);
  return parts.join("\n\n");
}

function refusalSection(): string {
  const rows = Object.entries(refusalCodes).map(([code, { retryable, why }]) =>
    `| \`${code}\` | ${retryable ? "yes" : "no"} | ${why} |`
  );
  return [
    "## Refusal codes",
    "The `code` of a [`refused`](#refused-server) frame. A refusal changes nothing. Retryable: the same " +
    "frame, with the same id, may pass when sent again later; otherwise repeating it is useless. Treat " +
    "a code that you do not know by its `retryable`.",
    ["| Code | Retryable | Why |", "| --- | --- | --- |", ...rows].join("\n"),
    "### RefusalCode",
    "On the wire: one of the codes above, as a string.",
  ].join("\n\n");
}

function closeSection(): string {
  const rows = Object.entries(closeCodes).map(([name, { code, why }]) =>
    `| ${code} | \`${name}\` | ${reconnects(code) ? "yes" : "no"} | ${why} |`
  );
  return [
    "## Close codes",
    "The code of the WebSocket's close frame; the reason text is the name. Decide by the range, so that " +
    "codes of later versions work too: 4000 to 4499 and all standard codes (such as 1001 and 1006) mean " +
    "reconnect and resume; 4500 to 4999 mean stop, as a person or the page has to act first.",
    ["| Code | Name | Reconnect | Why |", "| --- | --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

function limitSection(protocol: Protocol): string {
  const values: Readonly<Record<string, number>> = limits;
  const rows = protocol.limits.flatMap(({ names, doc }) =>
    names.map((name) => `| \`${name}\` | ${amount(name, values[name] ?? 0)} | ${doc} |`)
  );
  return [
    "## Limits",
    "What a server holds itself and its clients to. Operators may change the rates.",
    ["| Limit | Value | What and why |", "| --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

/** A limit's value with the unit that its name ends in. */
export function amount(name: string, value: number): string {
  const plain = value.toLocaleString("en");
  if (/Bytes(Max)?$/.test(name)) {
    if (value % 2 ** 20 === 0) return `${value / 2 ** 20} MiB`;
    return value % 1_024 === 0 ? `${value / 1_024} KiB` : `${plain} bytes`;
  }
  if (/Ms(Max)?$/.test(name)) {
    if (value % 3_600_000 === 0) return `${value / 3_600_000} h`;
    return value % 1_000 === 0 ? `${value / 1_000} s` : `${plain} ms`;
  }
  if (/Chars(Max)?$/.test(name)) return `${plain} characters`;
  return plain;
}
