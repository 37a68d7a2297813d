import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ChatSnapshot } from "../sdk/snapshot.ts";
import { visitorName } from "./visitor_name.ts";

/** Messages of the visitor that the agent has not seen. */
export function unreadIn({ entries, view }: ChatSnapshot): number {
  const read = view?.read.agent ?? 0;
  let unread = 0;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry === undefined || entry.order <= read) break;
    if (entry.author.type === "visitor") unread += 1;
  }
  return unread;
}

/** The agent's chats, with what is unread in each. */
export function ChatTabs(
  { chats, shown, onShow }: {
    chats: readonly ChatSnapshot[];
    shown: ChatId | undefined;
    onShow: (chatId: ChatId) => void;
  },
) {
  return (
    <nav class="tabs" aria-label="Your chats">
      <h2>
        Chats <span class="count">{chats.length}</span>
      </h2>
      {chats.length === 0 ? <p class="nothing">Accept a visitor to begin.</p> : null}
      <ul>
        {chats.map((chat) => <ChatTab key={chat.chatId} {...{ chat, shown, onShow }} />)}
      </ul>
    </nav>
  );
}

function ChatTab(
  { chat, shown, onShow }: {
    chat: ChatSnapshot;
    shown: ChatId | undefined;
    onShow: (chatId: ChatId) => void;
  },
) {
  const { chatId, view, entries, typing } = chat;
  const unread = unreadIn(chat);
  const last = typing.length > 0 ? "typing…" : lastWritten(entries);
  return (
    <li>
      <button
        type="button"
        class="tab"
        data-testid="chat-tab"
        data-chat={chatId}
        data-unread={unread}
        data-state={view?.state.state}
        aria-current={chatId === shown ? "true" : undefined}
        onClick={() => onShow(chatId)}
      >
        <span class="who">
          <bdi>{view === undefined ? "…" : visitorName(view.visitor.name, view.visitor.id)}</bdi>
          <small dir="auto">{view?.state.state === "ended" ? "ended" : last.slice(0, 80)}</small>
        </span>
        {unread === 0
          ? null
          : <span class="unread" role="img" aria-label={`${unread} unread`}>{unread}</span>}
      </button>
    </li>
  );
}

/** What somebody wrote last; joins and ends are no words of anybody. */
function lastWritten(entries: readonly SignedEntry[]): string {
  for (let place = entries.length - 1; place >= 0; place--) {
    const entry = entries[place];
    if (entry?.kind === "message" || entry?.kind === "note") return entry.text;
  }
  return "";
}
