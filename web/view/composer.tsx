import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { LocalRefusal } from "../sdk/outbox.ts";
import { textProblem } from "../sdk/text.ts";
import type { Drafts } from "./drafts.ts";

const problems: ReadonlyMap<LocalRefusal, string> = new Map([
  ["too_long", "This message is too long. Please split it in two."],
  ["outbox_full", "Too many messages are waiting to be sent. Please wait for the connection."],
]);

/**
 * Where messages are written. Enter sends, Shift+Enter breaks the line. The draft is kept at every
 * key press. Give it another `key` for another chat.
 */
export function Composer(
  { drafts, draftName, placeholder, onSend, onTyping, children }: {
    drafts: Drafts;
    draftName: string;
    placeholder: string;
    /** Posts the text; answers why it was not taken, and the text stays. */
    onSend: (text: string) => LocalRefusal | undefined;
    onTyping: (on: boolean) => void;
    children?: ComponentChildren;
  },
) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => drafts.get(draftName));
  const [refused, setRefused] = useState<LocalRefusal>();
  const problem = refused ?? textProblem(text);

  const change = (next: string) => {
    setText(next);
    setRefused(undefined);
    drafts.set(draftName, next);
    onTyping(next.trim() !== "");
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (textProblem(text) !== undefined) return;
    const code = onSend(text);
    if (code !== undefined) return setRefused(code);
    setText("");
    drafts.set(draftName, "");
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return (
    <form class="composer" onSubmit={send}>
      <Problem of={problem} />
      {children}
      <div class="composer-row">
        <textarea
          ref={box}
          data-testid="composer"
          aria-label={placeholder}
          placeholder={placeholder}
          rows={1}
          dir="auto"
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => onTyping(false)}
        />
        <button type="submit" data-testid="send" disabled={problem !== undefined}>Send</button>
      </div>
    </form>
  );
}

function Problem({ of: problem }: { of: LocalRefusal | undefined }) {
  const text = problem === undefined ? undefined : problems.get(problem);
  return text === undefined ? null : <p class="failure" role="alert">{text}</p>;
}
