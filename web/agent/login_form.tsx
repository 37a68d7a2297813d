import { useState } from "preact/hooks";
import type { AgentLogin, HttpApi } from "../sdk/http_api.ts";
import { HttpFailure } from "../sdk/http_api.ts";

/** Asks for an agent's name and password until the server takes them. */
export function LoginForm(
  { api, notice, onLogin }: {
    api: HttpApi;
    /** Why the agent is asked again. */
    notice: string | undefined;
    onLogin: (login: AgentLogin) => void;
  },
) {
  const [agentId, setAgentId] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onLogin(await api.loginAgent(agentId.trim(), password));
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      setFailure(error.status === 401 ? "Wrong name or password." : error.message);
      setBusy(false);
    }
  };
  return (
    <form class="login" onSubmit={submit}>
      <h1>Agent console</h1>
      {notice === undefined ? null : <p>{notice}</p>}
      <label>
        Name
        <input
          data-testid="login-agent"
          name="username"
          autocomplete="username"
          autocapitalize="none"
          required
          value={agentId}
          onInput={({ currentTarget }) => setAgentId(currentTarget.value)}
        />
      </label>
      <label>
        Password
        <input
          data-testid="login-password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onInput={({ currentTarget }) => setPassword(currentTarget.value)}
        />
      </label>
      {failure === undefined ? null : <p class="failure" role="alert">{failure}</p>}
      <button type="submit" data-testid="login" disabled={busy}>Log in</button>
    </form>
  );
}
