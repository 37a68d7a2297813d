import { useState } from "preact/hooks";
import type { Drafts } from "../view/drafts.ts";

/** What a visitor tells before the chat; both are optional. */
export interface Introduction {
  readonly name?: string;
  readonly email?: string;
}

/** Name and e-mail, both optional, and the button that asks for a chat. */
export function StartForm(
  { drafts, failure, onStart }: {
    drafts: Drafts;
    failure: string | undefined;
    onStart: (introduction: Introduction) => Promise<void>;
  },
) {
  const [name, setName] = useState(() => drafts.get("name"));
  const [email, setEmail] = useState(() => drafts.get("email"));
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await onStart({
      ...(name.trim() === "" ? {} : { name: name.trim() }),
      ...(email.trim() === "" ? {} : { email: email.trim() }),
    });
    setBusy(false);
  };
  return (
    <form class="start-form" onSubmit={submit}>
      <p>Ask us anything. An agent will be with you shortly.</p>
      <Field
        name="name"
        label="Name"
        maxLength={128}
        value={name}
        onInput={(value) => {
          setName(value);
          drafts.set("name", value);
        }}
      />
      <Field
        name="email"
        label="E-mail"
        maxLength={254}
        value={email}
        onInput={(value) => {
          setEmail(value);
          drafts.set("email", value);
        }}
      />
      {failure === undefined ? null : <p class="failure" role="alert">{failure}</p>}
      <button type="submit" data-testid="start" disabled={busy}>
        {busy ? "Starting…" : "Start chat"}
      </button>
    </form>
  );
}

function Field(
  { name, label, maxLength, value, onInput }: {
    name: "name" | "email";
    label: string;
    maxLength: number;
    value: string;
    onInput: (value: string) => void;
  },
) {
  return (
    <label>
      <span>
        {label} <span class="optional">optional</span>
      </span>
      <input
        data-testid={name}
        name={name}
        type={name === "email" ? "email" : "text"}
        autocomplete={name}
        list={undefined}
        maxLength={maxLength}
        dir="auto"
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </label>
  );
}
