import { useRef, useState } from "preact/hooks";
import type { ChatSnapshot } from "../sdk/snapshot.ts";
import { EntryMessage, PostMessage } from "./message.tsx";
import { useNewestInView, useSeen } from "./newest_in_view.ts";

/** Messages drawn at once; earlier ones come on request, as thousands would make typing slow. */
const drawnAtOnce = 200;

/** What a list of messages shows, and for whom. */
export interface MessageListProps {
  readonly chat: ChatSnapshot;
  readonly side: "visitor" | "agent";
  readonly otherName: string;
  /** Said while there is nothing to show. */
  readonly whenEmpty: string;
  readonly onDismiss: (id: string) => void;
  /** Everything up to this order was seen. */
  readonly onRead: (order: number) => void;
}

/** The transcript of a chat and what is on its way, at the newest unless the person scrolled up. */
export function MessageList(props: MessageListProps) {
  const { chat, side, otherName, onRead } = props;
  const list = useRef<HTMLOListElement>(null);
  const { entries, posts, view } = chat;
  const typing = chat.typing.some(({ type }) => type !== side);
  const length = `${entries.length}/${posts.length}/${typing}`;
  const { atEnd, onScroll, toEnd } = useNewestInView(list, length);
  const lastOrder = entries.at(-1)?.order ?? 0;
  const unread = view !== undefined && atEnd && lastOrder > view.read[side];
  useSeen(unread ? () => onRead(lastOrder) : undefined, String(lastOrder));
  return (
    <div class="messages" role="log" aria-label="Messages">
      <ol ref={list} tabIndex={0} onScroll={onScroll}>
        <Transcript {...props} />
        {typing ? <Typing name={otherName} /> : null}
      </ol>
      {atEnd
        ? null
        : <button type="button" class="to-end" onClick={toEnd}>Newest messages ↓</button>}
    </div>
  );
}

function Transcript({ chat, side, whenEmpty, onDismiss }: MessageListProps) {
  const [drawn, setDrawn] = useState(drawnAtOnce);
  const { entries, posts, view } = chat;
  const readByOther = view?.read[side === "visitor" ? "agent" : "visitor"] ?? 0;
  return (
    <>
      {entries.length > drawn
        ? (
          <li class="notice">
            <button type="button" class="link" onClick={() => setDrawn(drawn + drawnAtOnce)}>
              Show earlier messages
            </button>
          </li>
        )
        : null}
      {entries.length + posts.length === 0 ? <li class="notice">{whenEmpty}</li> : null}
      {entries.slice(-drawn).map((entry) => {
        const own = entry.author.type === side;
        const state = own && entry.kind !== "note" && entry.order <= readByOther ? "read" : "sent";
        return <EntryMessage key={entry.id} entry={entry} own={own} state={state} />;
      })}
      {posts.map((post) => (
        <PostMessage key={post.id} post={post} author={side} onDismiss={onDismiss} />
      ))}
    </>
  );
}

function Typing({ name }: { name: string }) {
  return (
    <li class="typing" data-testid="typing">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>
        <bdi>{name}</bdi> is typing…
      </span>
    </li>
  );
}
