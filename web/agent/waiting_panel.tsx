import { useEffect, useState } from "preact/hooks";
import type { ChatId } from "../../core/ids.ts";
import type { WaitingSnapshot } from "../sdk/waiting_list.ts";
import { visitorName, waitedText } from "./visitor_name.ts";

/** Who waits for an agent, longest first. */
export function WaitingPanel(
  { waiting, onAccept }: { waiting: WaitingSnapshot; onAccept: (chatId: ChatId) => void },
) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="waiting" aria-label="Waiting visitors">
      <h2>
        Waiting <span class="count">{waiting.total}</span>
      </h2>
      {waiting.chats.length === 0 ? <p class="nothing">Nobody waits.</p> : null}
      <ul>
        {waiting.chats.map(({ chatId, name, visitorId, since }) => (
          <li key={chatId} data-testid="waiting-item" data-chat={chatId}>
            <span class="who">
              <bdi>{visitorName(name, visitorId)}</bdi>
              <small>{waitedText(since, now)}</small>
            </span>
            <button
              type="button"
              data-testid="accept"
              onClick={() =>
                onAccept(chatId)}
            >
              Accept
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
