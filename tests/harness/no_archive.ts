import { type Archive, ArchiveUnavailable } from "../../archive/archive.ts";

const away = () => Promise.reject(new ArchiveUnavailable("This bench has no archive"));

/** An archive that is away: for benches in which nobody looks back. */
export const noArchive: Archive = {
  record: away,
  holds: away,
  chats: away,
  chat: away,
  transcript: away,
  offlineMessages: away,
  logRows: away,
  visitCounts: away,
  exportVisitor: away,
  eraseVisitor: away,
  expire: away,
  close: () => Promise.resolve(),
};
