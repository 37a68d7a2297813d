import type { ChatSession } from "../sdk/chat_session.ts";
import type { ChatSnapshot } from "../sdk/snapshot.ts";
import { Composer } from "../view/composer.tsx";
import type { Drafts } from "../view/drafts.ts";
import { MessageList } from "../view/message_list.tsx";

/** A chat as its visitor sees it: waiting, with an agent, or ended. */
export function ChatPanel(
  { chat, session, drafts, onAgain }: {
    chat: ChatSnapshot;
    session: ChatSession;
    drafts: Drafts;
    onAgain: () => void;
  },
) {
  const { chatId, view } = chat;
  const state = view?.state;
  const ended = state?.state === "ended";
  return (
    <>
      <div class="panel-line">
        <Situation chat={chat} />
        {ended ? null : (
          <button
            type="button"
            class="quiet"
            data-testid="end"
            onClick={() => session.endChat(chatId)}
          >
            End chat
          </button>
        )}
      </div>
      <MessageList
        chat={chat}
        side="visitor"
        whenEmpty="Write your question now; the agent will see it."
        otherName={state?.state === "active" ? state.agentName : "The agent"}
        onDismiss={(id) => session.dismiss(id)}
        onRead={(order) => session.markRead(chatId, order)}
      />
      {ended
        ? (
          <div class="ended" data-testid="ended">
            <p>The chat has ended. Thank you!</p>
            <button type="button" onClick={onAgain}>Start a new chat</button>
          </div>
        )
        : (
          <Composer
            key={chatId}
            drafts={drafts}
            draftName={chatId}
            placeholder="Write a message…"
            onSend={(text) => {
              const posted = session.post(chatId, text);
              return posted.type === "refused" ? posted.code : undefined;
            }}
            onTyping={(on) => session.typing(chatId, on)}
          />
        )}
    </>
  );
}

function Situation({ chat: { view } }: { chat: ChatSnapshot }) {
  const state = view?.state;
  if (state === undefined) return <p>Starting your chat…</p>;
  if (state.state === "active") {
    return (
      <p>
        You are chatting with <bdi class="strong">{state.agentName}</bdi>
      </p>
    );
  }
  if (state.state === "ended") return <p>Chat ended</p>;
  if (state.state === "bot") return <p>You are chatting with our assistant.</p>;
  const { position } = state;
  return (
    <p data-testid="queue-position" data-position={position}>
      {position === undefined
        ? "Waiting for an agent…"
        : position === 1
        ? "You are next. An agent will be with you shortly."
        : `You are number ${position} in the queue.`}
    </p>
  );
}
