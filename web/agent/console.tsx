import { useEffect, useState } from "preact/hooks";
import type { ChatId } from "../../core/ids.ts";
import type { AgentStatus } from "../../core/views.ts";
import type { ChatSession } from "../sdk/chat_session.ts";
import type { ChatSnapshot, ClientSnapshot, FailedCommand } from "../sdk/snapshot.ts";
import { ConnectionLine } from "../view/connection_line.tsx";
import type { Drafts } from "../view/drafts.ts";
import { ChatPane } from "./chat_pane.tsx";
import { ChatTabs, unreadIn } from "./chat_tabs.tsx";
import { WaitingPanel } from "./waiting_panel.tsx";

const statuses: readonly AgentStatus[] = ["online", "away", "offline"];

/** The whole console of an agent who is logged in. */
export function Console(
  { session, snapshot, drafts, name, onRetry, onLogout }: {
    session: ChatSession;
    snapshot: ClientSnapshot;
    drafts: Drafts;
    name: string;
    onRetry: () => void;
    onLogout: () => void;
  },
) {
  const [wanted, setWanted] = useState<ChatId>();
  const chats = snapshot.chats.filter(({ view, posts }) => view !== undefined || posts.length > 0);
  const shown = chats.find(({ chatId }) => chatId === wanted) ?? newestRunning(chats) ?? chats[0];
  const unread = chats.reduce((sum, chat) => sum + unreadIn(chat), 0);
  useEffect(() => {
    document.title = unread === 0 ? "Agent console" : `(${unread}) Agent console`;
  }, [unread]);
  return (
    <div class="console">
      <header class="bar">
        <strong class="name">
          <bdi>{name}</bdi>
        </strong>
        <StatusSelect session={session} snapshot={snapshot} />
        <ConnectionLine connection={snapshot.connection} onRetry={onRetry} />
        <button type="button" class="quiet" onClick={onLogout}>Log out</button>
      </header>
      <Failures failed={snapshot.failed} onDismiss={(id) => session.dismiss(id)} />
      <aside class="side">
        <WaitingPanel
          waiting={snapshot.waiting}
          onAccept={(chatId) => {
            setWanted(chatId);
            session.acceptChat(chatId);
          }}
        />
        <ChatTabs chats={chats} shown={shown?.chatId} onShow={setWanted} />
      </aside>
      <main>
        {shown === undefined
          ? <p class="empty">No chat is open. Set your status to online and accept a visitor.</p>
          : <ChatPane key={shown.chatId} chat={shown} session={session} drafts={drafts} />}
      </main>
    </div>
  );
}

function newestRunning(chats: readonly ChatSnapshot[]): ChatSnapshot | undefined {
  return chats.findLast(({ view }) => view !== undefined && view.state.state !== "ended");
}

function StatusSelect(
  { session, snapshot }: { session: ChatSession; snapshot: ClientSnapshot },
) {
  const status = snapshot.self?.type === "agent" ? snapshot.self.status : "offline";
  return (
    <select
      class="status"
      data-testid="status"
      data-status={status}
      aria-label="Your status"
      value={status}
      disabled={snapshot.self === undefined}
      onChange={({ currentTarget }) => {
        const chosen = statuses.find((each) => each === currentTarget.value);
        if (chosen !== undefined) session.setStatus(chosen);
      }}
    >
      {statuses.map((each) => <option key={each} value={each}>{each}</option>)}
    </select>
  );
}

function Failures(
  { failed, onDismiss }: {
    failed: readonly FailedCommand[];
    onDismiss: (id: string) => void;
  },
) {
  if (failed.length === 0) return null;
  return (
    <ul class="failures" data-testid="failures">
      {failed.map(({ id, failure }) => (
        <li key={id} role="alert">
          {failure.message}
          <button type="button" class="link" onClick={() => onDismiss(id)}>Dismiss</button>
        </li>
      ))}
    </ul>
  );
}
