import type { SignedEntry } from "../../core/entry.ts";
import type { PostSnapshot } from "../sdk/snapshot.ts";
import { unreachable } from "../sdk/assert.ts";

/** Where a message of this side stands; of others it is always `sent`. */
export type MessageState = "pending" | "sent" | "read" | "failed";

const marks: { readonly [State in MessageState]: { mark: string; label: string } } = {
  pending: { mark: "◷", label: "Sending" },
  sent: { mark: "✓", label: "Sent" },
  read: { mark: "✓✓", label: "Read" },
  failed: { mark: "!", label: "Not sent" },
};

const failures: ReadonlyMap<string, string> = new Map([
  ["chat_ended", "The chat had ended."],
  ["chat_refused", "The chat could not be started."],
  ["expired", "It was written too long ago."],
  ["unknown_chat", "The chat does not exist any more."],
  ["not_in_chat", "The chat is not yours any more."],
  ["chat_full", "The chat is full."],
]);

/** An entry of the transcript. Text is only ever text. */
export function EntryMessage(
  { entry, state, own }: { entry: SignedEntry; state: MessageState; own: boolean },
) {
  const { kind } = entry;
  switch (kind) {
    case "message":
    case "note":
    case "private":
      return (
        <li
          class={`message ${own ? "own" : "other"} ${kind}`}
          data-testid="message"
          data-state={state}
          data-author={entry.author.type}
        >
          <p class="bubble" dir="auto">{entry.text}</p>
          <Footer at={entry.at} state={own ? state : undefined} note={kind === "note"} />
        </li>
      );
    case "agent_joined":
      return <Notice entry={entry} text={`${entry.text || "An agent"} joined the chat`} />;
    case "inactivity_warned":
      return <Notice entry={entry} text="Still there? The chat ends soon if nobody writes." />;
    case "agent_left":
      return <Notice entry={entry} text={`${entry.text || "An agent"} left the chat`} />;
    case "chat_transferred":
      return <Notice entry={entry} text={`The chat goes to ${entry.text || "somebody else"}`} />;
    case "chat_requeued":
      return <Notice entry={entry} text="Looking for another agent…" />;
    case "monitor_started":
      return <Notice entry={entry} text={`${entry.text} reads along`} />;
    case "monitor_ended":
      return <Notice entry={entry} text={`${entry.text} reads along no more`} />;
    case "sign_in_required":
      return <Notice entry={entry} text="Please sign in to go on" />;
    case "signed_in":
      return <Notice entry={entry} text="Signed in" />;
    case "attachment":
      return <Notice entry={entry} text={`File: ${entry.file?.name ?? ""}`} />;
    case "scan_result":
      return <Notice entry={entry} text={`The file was checked: ${entry.text}`} />;
    case "translation":
      return <Notice entry={entry} text={`Translated: ${entry.text}`} />;
    case "chat_ended":
      return <Notice entry={entry} text="The chat has ended" />;
    default:
      return unreachable(kind);
  }
}

/** A message of this side that is on its way, or could not be delivered. */
export function PostMessage(
  { post, author, onDismiss }: {
    post: PostSnapshot;
    author: "visitor" | "agent";
    onDismiss: (id: string) => void;
  },
) {
  const { state } = post.now;
  return (
    <li
      class={`message own ${post.kind}`}
      data-testid="message"
      data-state={state}
      data-author={author}
    >
      <p class="bubble" dir="auto">{post.text}</p>
      <Footer at={post.postedAt} state={state} note={post.kind === "note"} />
      {post.now.state === "failed"
        ? (
          <p class="failure" role="alert">
            Not delivered. {failures.get(post.now.failure.code) ?? post.now.failure.message}{" "}
            <button type="button" class="link" onClick={() => onDismiss(post.id)}>Remove</button>
          </p>
        )
        : null}
    </li>
  );
}

function Notice({ entry, text }: { entry: SignedEntry; text: string }) {
  return (
    <li class="notice" data-testid="notice" data-kind={entry.kind}>
      <bdi>{text}</bdi> · <Time at={entry.at} />
    </li>
  );
}

function Footer(
  { at, state, note }: { at: number; state: MessageState | undefined; note: boolean },
) {
  return (
    <p class="meta">
      {note ? <span class="tag">Note</span> : null}
      <Time at={at} />
      {state === undefined
        ? null
        : (
          <span class={`mark ${state}`} role="img" aria-label={marks[state].label}>
            {marks[state].mark}
          </span>
        )}
    </p>
  );
}

function Time({ at }: { at: number }) {
  const date = new Date(at);
  const text = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return <time dateTime={date.toISOString()}>{text}</time>;
}
