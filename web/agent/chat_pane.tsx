import { useState } from "preact/hooks";
import type { ChatSession } from "../sdk/chat_session.ts";
import type { ChatSnapshot } from "../sdk/snapshot.ts";
import { Composer } from "../view/composer.tsx";
import type { Drafts } from "../view/drafts.ts";
import { MessageList } from "../view/message_list.tsx";
import { visitorName } from "./visitor_name.ts";

/** One chat as its agent sees it. Give it another `key` for another chat. */
export function ChatPane(
  { chat, session, drafts }: { chat: ChatSnapshot; session: ChatSession; drafts: Drafts },
) {
  const { chatId, view } = chat;
  const [asNote, setAsNote] = useState(false);
  const name = view === undefined ? "…" : visitorName(view.visitor.name, view.visitor.id);
  const ended = view?.state.state === "ended";
  return (
    <section class="pane" aria-label="Chat">
      <PaneHead chat={chat} session={session} name={name} />
      <MessageList
        chat={chat}
        side="agent"
        otherName={name}
        whenEmpty={chat.level ? "Nothing was written yet." : "Loading…"}
        onDismiss={(id) => session.dismiss(id)}
        onRead={(order) => session.markRead(chatId, order)}
      />
      {ended ? <p class="ended" data-testid="ended">The chat has ended.</p> : (
        <Composer
          key={asNote ? "note" : "message"}
          drafts={drafts}
          draftName={asNote ? `${chatId}/note` : chatId}
          placeholder={asNote ? "Write a note, for agents only…" : "Write a message…"}
          onSend={(text) => {
            const posted = asNote ? session.postNote(chatId, text) : session.post(chatId, text);
            return posted.type === "refused" ? posted.code : undefined;
          }}
          onTyping={(on) => session.typing(chatId, on && !asNote)}
        >
          <label class="toggle">
            <input
              type="checkbox"
              data-testid="note-toggle"
              checked={asNote}
              onChange={({ currentTarget }) => setAsNote(currentTarget.checked)}
            />
            Note, not seen by the visitor
          </label>
        </Composer>
      )}
    </section>
  );
}

function PaneHead(
  { chat: { chatId, view }, session, name }: {
    chat: ChatSnapshot;
    session: ChatSession;
    name: string;
  },
) {
  const ended = view?.state.state === "ended";
  return (
    <header class="pane-head">
      <div class="who">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <small>
          <bdi>{view?.visitor.email ?? "no e-mail given"}</bdi>
        </small>
      </div>
      {ended
        ? (
          <button type="button" class="quiet" onClick={() => session.closeChat(chatId)}>
            Close
          </button>
        )
        : (
          <button
            type="button"
            class="quiet"
            data-testid="end"
            onClick={() => session.endChat(chatId)}
          >
            End chat
          </button>
        )}
    </header>
  );
}
