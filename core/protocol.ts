import { z } from "zod";
import {
  acceptChatSchema,
  banVisitorSchema,
  captureAgentConversionSchema,
  getRowsSchema,
  getVisitorSchema,
  inviteVisitorSchema,
  joinChatSchema,
  leaveChatSchema,
  liftBanSchema,
  logOutSchema,
  postNoteSchema,
  postPrivateSchema,
  refuseChatSchema,
  savePreferencesSchema,
  setStatusSchema,
  setTranslationSchema,
  setVisitorSchema,
  subscribeSchema,
  takeOverChatSchema,
  transferChatSchema,
  useCannedSchema,
  wrapUpChatSchema,
} from "./agent_frames.ts";
import {
  endChatSchema,
  getEntriesSchema,
  heartbeatSchema,
  helloSchema,
  markReadSchema,
  postMessageSchema,
  requestTranscriptSchema,
  typingSchema,
  uploadEntriesSchema,
} from "./client_frames.ts";
import {
  answerInvitationSchema,
  captureConversionSchema,
  rateChatSchema,
  requestChatSchema,
  setVariablesSchema,
  signInSchema,
  submitOfflineMessageSchema,
  viewPageSchema,
} from "./visitor_frames.ts";

/** The wire's version. A node speaks this one and refuses others with close code bad_protocol. */
export const protocolVersion = 1;

const common = [
  helloSchema,
  heartbeatSchema,
  postMessageSchema,
  typingSchema,
  markReadSchema,
  endChatSchema,
  getEntriesSchema,
  uploadEntriesSchema,
  requestTranscriptSchema,
] as const;

/** Everything a visitor's page may send. */
export const visitorFrameSchema = z.discriminatedUnion("type", [
  ...common,
  requestChatSchema,
  viewPageSchema,
  setVariablesSchema,
  signInSchema,
  submitOfflineMessageSchema,
  rateChatSchema,
  answerInvitationSchema,
  captureConversionSchema,
]);
export type VisitorFrame = z.infer<typeof visitorFrameSchema>;

/** Everything an agent's console may send. */
export const agentFrameSchema = z.discriminatedUnion("type", [
  ...common,
  setStatusSchema,
  logOutSchema,
  acceptChatSchema,
  refuseChatSchema,
  transferChatSchema,
  joinChatSchema,
  leaveChatSchema,
  takeOverChatSchema,
  postNoteSchema,
  postPrivateSchema,
  wrapUpChatSchema,
  setVisitorSchema,
  setTranslationSchema,
  banVisitorSchema,
  liftBanSchema,
  inviteVisitorSchema,
  savePreferencesSchema,
  useCannedSchema,
  subscribeSchema,
  getRowsSchema,
  getVisitorSchema,
  captureAgentConversionSchema,
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;
/** Everything that a client may send. */
export type ClientFrame = VisitorFrame | AgentFrame;
