/**
 * The visitor's page: a demo shop with the chat panel in its corner.
 *
 * Selectors for browser tests (data-testid):
 *   start, name, email      the form before a chat
 *   queue-position          while waiting; data-position is the place in the queue
 *   composer, send, end     while the chat runs
 *   message                 one each; data-state pending|sent|read|failed, data-author
 *   notice                  joins, warnings, the end; data-kind
 *   typing                  present while the agent types
 *   connection              once this browser is a visitor; data-state is the connection's
 *   ended                   after the end
 */
import { render } from "preact";
import { computed, effect, signal } from "@preact/signals";
import type { ChatId } from "../../core/ids.ts";
import { assert } from "../sdk/assert.ts";
import { HttpApi, HttpFailure, type VisitorLogin } from "../sdk/http_api.ts";
import type { ChatSnapshot, ClientSnapshot } from "../sdk/snapshot.ts";
import { ConnectionLine } from "../view/connection_line.tsx";
import { Drafts } from "../view/drafts.ts";
import { type LiveSession, openLiveSession } from "../view/live_session.ts";
import { pageStorage } from "../view/page_storage.ts";
import { siteOf } from "../view/site_name.ts";
import { ChatPanel } from "./chat_panel.tsx";
import { type Introduction, StartForm } from "./start_form.tsx";
import { VisitorLogins } from "./visitor_login.ts";

const siteId = siteOf(location.search);
const storage = pageStorage();
const drafts = new Drafts(storage, `${siteId}/visitor`);
const logins = new VisitorLogins({
  storage,
  siteId,
  api: new HttpApi(location.origin, siteId),
});

const live = signal<LiveSession | undefined>(undefined);
const failure = signal<string | undefined>(undefined);
/** The chat that this page has shown last; it stays in view when it ends. */
const shownChatId = signal<ChatId | undefined>(undefined);
const snapshot = computed(() => live.value?.snapshot.value);

function isRunning({ view }: ChatSnapshot): boolean {
  return view !== undefined && view.state.state !== "ended";
}

/**
 * The running chat; else the one asked for, the one that just ended, or one with unsent messages.
 */
function chatToShow(current: ClientSnapshot | undefined): ChatSnapshot | undefined {
  const chats = current?.chats ?? [];
  return chats.find(isRunning) ??
    chats.find(({ chatId }) => chatId === shownChatId.value) ??
    chats.find(({ posts }) => posts.length > 0);
}

function open(login: VisitorLogin): LiveSession {
  live.value?.stop();
  const { visitorId, token } = login;
  const opened = openLiveSession({
    siteId,
    token,
    storage,
    holder: { type: "visitor", id: visitorId },
  });
  opened.session.viewPage(location.href.slice(0, 2_048), document.title.slice(0, 256));
  opened.session.subscribe(() => forgetRefusedToken(opened));
  live.value = opened;
  return opened;
}

function forgetRefusedToken({ session }: LiveSession): void {
  const { connection } = session.snapshot();
  if (connection.state !== "stopped") return;
  const { closeName } = connection;
  if (closeName === "bad_token" || closeName === "token_expired") logins.forget();
}

async function start(introduction: Introduction): Promise<void> {
  failure.value = undefined;
  try {
    const login = await logins.obtain(Date.now());
    const stopped = live.value?.snapshot.value.connection.state === "stopped";
    const { session } = live.value === undefined || stopped ? open(login) : live.value;
    const requested = session.requestChat(introduction);
    if (requested.type === "posted") shownChatId.value = requested.id;
    else failure.value = "Please wait until your earlier messages are sent.";
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    failure.value = `${error.message}. Please try again.`;
  }
}

function Panel() {
  const current = snapshot.value;
  const chat = chatToShow(current);
  const refused = current?.failed.find(({ type }) => type === "request_chat");
  const session = live.value?.session;
  const begun = chat !== undefined && session !== undefined &&
    (chat.view !== undefined || refused?.chatId !== chat.chatId || chat.posts.length > 0);
  return (
    <section class="panel" aria-label="Chat">
      <header class="panel-head">
        <h2>Chat with us</h2>
        {current === undefined ? null : (
          <ConnectionLine
            connection={current.connection}
            onRetry={() => {
              logins.obtain(Date.now()).then(open, () => {});
            }}
          />
        )}
      </header>
      {begun
        ? (
          <ChatPanel
            chat={chat}
            session={session}
            drafts={drafts}
            onAgain={() => {
              session.closeChat(chat.chatId);
              shownChatId.value = undefined;
            }}
          />
        )
        : (
          <StartForm
            drafts={drafts}
            failure={failure.value ?? refused?.failure.message}
            onStart={(introduction) => {
              if (refused !== undefined) session?.dismiss(refused.id);
              return start(introduction);
            }}
          />
        )}
    </section>
  );
}

effect(() => {
  const running = snapshot.value?.chats.find(isRunning);
  if (running !== undefined) shownChatId.value = running.chatId;
});
const kept = logins.kept(Date.now());
if (kept !== undefined) open(kept);
const root = document.getElementById("chat");
assert(root !== null, "the page has no place for the chat");
render(<Panel />, root);
