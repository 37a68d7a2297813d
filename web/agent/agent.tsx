/**
 * The agent console.
 *
 * Selectors for browser tests (data-testid):
 *   login-agent, login-password, login   the log-in form
 *   status                  select: online, away, offline; data-status is the status as committed
 *   waiting-item, accept    one each per waiting visitor; waiting-item has data-chat
 *   chat-tab                one each; data-chat, data-unread, data-state; aria-current: shown
 *   composer, send, note-toggle, end     of the chat that is shown
 *   message                 one each; data-state pending|sent|read|failed, data-author
 *   notice                  joins, warnings, the end; data-kind
 *   typing                  present while the visitor types
 *   connection              always; data-state is the connection's state
 *   ended                   in place of the composer after the end
 *   failures                commands that were refused, such as an accept that came too late
 */
import { render } from "preact";
import { signal } from "@preact/signals";
import { assert } from "../sdk/assert.ts";
import { type AgentLogin, HttpApi } from "../sdk/http_api.ts";
import { Drafts } from "../view/drafts.ts";
import { type LiveSession, openLiveSession } from "../view/live_session.ts";
import { pageStorage, tabStorage } from "../view/page_storage.ts";
import { siteOf } from "../view/site_name.ts";
import { AgentLogins } from "./agent_logins.ts";
import { Console } from "./console.tsx";
import { LoginForm } from "./login_form.tsx";

const siteId = siteOf(location.search);
const storage = pageStorage();
const logins = new AgentLogins(tabStorage(), siteId);
const api = new HttpApi(location.origin, siteId);

interface Desk {
  readonly login: AgentLogin;
  readonly live: LiveSession;
  readonly drafts: Drafts;
}

const desk = signal<Desk | undefined>(undefined);
const notice = signal<string | undefined>(undefined);

function open(login: AgentLogin): void {
  logins.keep(login);
  const { agentId, token } = login;
  const live = openLiveSession({
    siteId,
    token,
    storage,
    holder: { type: "agent", id: agentId },
  });
  const drafts = new Drafts(storage, `${siteId}/agent/${agentId}`);
  live.session.subscribe(() => askAgain(live));
  notice.value = undefined;
  desk.value = { login, live, drafts };
}

/** A token that is not taken any more means to log in again; what is un-acked waits in storage. */
function askAgain({ session }: LiveSession): void {
  const { connection } = session.snapshot();
  if (connection.state !== "stopped") return;
  const { closeName } = connection;
  if (closeName !== "bad_token" && closeName !== "token_expired") return;
  notice.value = "Your session has expired. Please log in again.";
  leave();
}

function leave(): void {
  logins.forget();
  desk.value?.live.stop();
  desk.value = undefined;
}

function Page() {
  const current = desk.value;
  if (current === undefined) return <LoginForm api={api} notice={notice.value} onLogin={open} />;
  const { live, login, drafts } = current;
  return (
    <Console
      session={live.session}
      snapshot={live.snapshot.value}
      drafts={drafts}
      name={login.name}
      onRetry={() => live.session.start(login.token)}
      onLogout={leave}
    />
  );
}

const kept = logins.kept(Date.now());
if (kept !== undefined) open(kept);
const root = document.getElementById("console");
assert(root !== null, "the page has no place for the console");
render(<Page />, root);
