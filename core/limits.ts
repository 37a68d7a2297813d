/** Every limit of the chat path, by name, with its reason. Sizes in bytes of UTF-8 unless said. */
export const limits = {
  /** One inbound WebSocket message. More closes the connection: a client of ours never sends it. */
  frameBytesMax: 64 * 1024,
  /** Text of one message: LiveChat's limit, about four printed pages. */
  textBytesMax: 16 * 1024,
  /**
   * The same as JSON: quotes double it, a text of control characters would take six times as much.
   */
  escapedTextBytesMax: 32 * 1024,
  /**
   * Unsent bytes of one connection before it counts as a slow consumer and is told to reconnect.
   */
  sendQueueBytesMax: 1024 * 1024,
  /** From the upgrade to a valid hello. Bounds what strangers can hold open. */
  helloMsMax: 10_000,
  /** A client's heartbeat interval: below the idle cut of common proxies (30 to 60 s). */
  heartbeatMs: 25_000,
  /** How long a client waits for the answer to its heartbeat before it reconnects. */
  heartbeatAnswerMsMax: 8_000,
  /** Silence of a client after which the node closes: two heartbeats and an answer. */
  silenceMsMax: 58_000,
  /** Tabs of one visitor: every one costs a socket and a copy of each frame. */
  tabsPerVisitorMax: 8,
  /**
   * When clocks of two devices are further apart, nobody knows which console was started later: one
   * that was just started wins then.
   */
  clockSkewMsMax: 60_000,
  /**
   * Entries and bytes of one page of history: below a frame, small enough to let live traffic pass.
   */
  pageEntriesMax: 50,
  pageBytesMax: 48 * 1024,
  /** Chats named in one hello or heartbeat. */
  chatsPerHelloMax: 100,
  /**
   * Streams (tenure and stream) in one vector: a chat that lived through 32 restarts, two streams
   * each.
   */
  vectorStreamsMax: 64,
  /**
   * Frames a connection may send per second, and at once. Pages and asked-for uploads do not count.
   */
  framesPerSecond: 50,
  framesBurst: 100,
  /** Refused frames within one second after which the connection is closed for good. */
  framesRefusedMax: 500,
  /** Frames of one site per second: what one tenant can take from its neighbours. */
  siteFramesPerSecond: 2_000,
  /**
   * Events of one site in one commit round: a flooding site delays others by a round of this at
   * most.
   */
  eventsPerRound: 512,
  /** Undecided events of one site before its senders are refused, retryable. */
  mailboxEventsMax: 4_096,
  /** Remembered results of commands, per chat and per agent; older repeats are judged anew. */
  commandsRemembered: 64,
  /** Entries of one chat: a guard for memory, far above any real chat. */
  entriesPerChatMax: 20_000,
  /** Waiting chats of one site. More get a refusal, as nobody would reach them within the hour. */
  waitingChatsMax: 1_000,
  /** Waiting chats listed in full to an agent; beyond it only the total. */
  waitingListedMax: 100,
  /** Pushes of lists and queue positions: at most one per this time, and only when changed. */
  pushIntervalMs: 1_000,
  /** An absent agent still counts as present this long: a lift, a tunnel, a changed network. */
  presenceGraceMs: 60_000,
  /** Ended chats stay readable here this long, for late resumes and the transcript. */
  endedChatKeptMs: 24 * 3600_000,
  /** Ended chats of one site kept in memory; the oldest go first. */
  endedChatsMax: 10_000,
  /**
   * Ids of forgotten chats are kept this long: queues know theirs for seven days after they were
   * consumed, and a day is for what waits in the journal.
   */
  spentIdsKeptMs: 8 * 24 * 3600_000,
  /**
   * And so many of a site: a week of a site with some thousand chats a day, 1.5 MB. Whatever is as
   * old as what was kept and is not any more counts as spent, so a busier site loses nothing.
   */
  spentIdsMax: 20_000,
  /** Ids of one batch, 15 KB in the journal, and how long it is added to. */
  spentIdsPerBatch: 500,
  spentBatchMs: 24 * 3600_000,
  /** How far the clock of whoever makes a chat's id may be ahead of the node's. */
  idAheadMsMax: 600_000,
  /** Name, e-mail, page address and title of a visitor, in characters. */
  nameCharsMax: 128,
  emailCharsMax: 254,
  urlCharsMax: 2_048,
  titleCharsMax: 256,
  /** Fields of one form, and characters of one answer. */
  fieldsMax: 50,
  fieldCharsMax: 4_096,
  /** Custom variables of a visitor, and characters of one value. */
  variablesMax: 50,
  variableCharsMax: 1_024,
  /** Commands about variables that a visitor's presence remembers: as many as tabs may repeat. */
  variableCommandsKept: 16,
  /** Bans of one site: every visitor that comes is compared with its ranges. */
  bansMax: 10_000,
  /**
   * That a ban was lifted is remembered this long while no configuration has it: its copy may still
   * be on its way there, and a queue keeps a job's id as long.
   */
  banLiftKeptMs: 7 * 24 * 3600_000,
  /**
   * One site's configuration as JSON: it is stored with its log row in one transaction of Deno KV,
   * which takes 800 KiB. A thousand agents take 300 KB, five thousand bans 500 KB.
   */
  configBytesMax: 512 * 1024,
  /** Visitors that agents can see at once; beyond it totals only. */
  trackedVisitorsMax: 10_000,
  /** A site's token of its user, and our session token, which may carry what it says. */
  signInTokenCharsMax: 4 * 1024,
  sessionTokenCharsMax: 8 * 1024,
  /** Pages of a visitor's visit that are kept; the oldest go first. */
  pagesKept: 20,
  /** Preferences of one agent, as text. */
  preferencesBytesMax: 8 * 1024,
  /** A rating's or wrap-up's comment, in characters. */
  commentCharsMax: 2_000,
  /** Addresses that one chat's transcript is mailed to. */
  transcriptsPerChatMax: 5,
  /** Chats whose mean duration estimates the wait. */
  durationsKept: 100,
  /** Agents in one chat besides the assigned one. */
  participantsMax: 20,
  /** A private thread is forgotten here when nobody wrote for this long; the log has it. */
  threadKeptMs: 7 * 24 * 3600_000,
  /** Private threads of one agent. */
  threadsPerAgentMax: 100,
  /** Rows of a list that one push tells; the rest follows with the next. */
  listRowsPerPush: 200,
  /** Page addresses in the rows of a list, in characters; in full with get_visitor. */
  listedUrlCharsMax: 512,
  /** While nobody could answer it, an invitation that is due is tried again after this time. */
  invitationRetryMs: 60_000,
  /** Visitors are counted for the visit statistics over this time. */
  visitCountMs: 300_000,
  /** A visitor without a WebSocket counts as here this long after its page was loaded. */
  pageLoadKeptMs: 60_000,
  /** Remembered commands of a visitor outside its chats are forgotten after this time. */
  visitorKeptMs: 24 * 3600_000,
  /** How long a bot or translation may take before the chat goes on without it. */
  botMsMax: 8_000,
  /** What one event may decide, as JSON: 64 facts of a kilobyte or two with their jobs. */
  recordBytesMax: 128 * 1024,
  /** Facts of one wake or of one run of assignments; the rest follows at once, as another event. */
  factsPerEvent: 32,
  /** Bytes of jobs in it after which the rest follows at once, as another event. */
  jobBytesPerEvent: 32 * 1024,
  /** Answers or variables of one visitor together, in characters. */
  answersCharsMax: 8 * 1024,
  /** Records of one round: half a megabyte is some thousand messages. */
  roundBytesMax: 540 * 1024,
  /**
   * One Deno KV value (its own limit is 64 KiB) and one atomic commit (800 KiB, 1,000 mutations).
   */
  kvValueBytesMax: 60 * 1024,
  commitBytesMax: 700 * 1024,
  commitMutationsMax: 900,
} as const;
