/**
 * Every frame of a visitor's page, by how the chat that it names stands to the visitor; "left" is a
 * chat that its visitor ended before any agent had it. The words of the answers: core/site_test.ts.
 */
export const visitorTable = `
none          | heartbeat              | beat without it
none          | post_message           | refused unknown_chat
none          | typing                 | refused unknown_chat
none          | mark_read              | refused unknown_chat
none          | end_chat               | refused unknown_chat
none          | get_entries            | refused unknown_chat
none          | upload_entries         | refused unknown_chat
none          | request_transcript     | refused unknown_chat
none          | request_chat           | done
none          | view_page              | silent
none          | set_variables          | done
none          | sign_in                | done
none          | submit_offline_message | done
none          | rate_chat              | refused unknown_chat
none          | answer_invitation      | refused unknown_invitation
none          | capture_conversion     | done
bot own       | heartbeat              | beat
bot own       | post_message           | ack
bot own       | typing                 | silent
bot own       | mark_read              | done
bot own       | end_chat               | done
bot own       | get_entries            | page
bot own       | upload_entries         | refused not_asked
bot own       | request_transcript     | done
bot own       | request_chat           | refused already_chatting
bot own       | view_page              | silent
bot own       | set_variables          | done
bot own       | sign_in                | done
bot own       | submit_offline_message | done
bot own       | rate_chat              | refused not_chatted
bot own       | answer_invitation      | refused unknown_invitation
bot own       | capture_conversion     | done
bot other     | heartbeat              | beat without it
bot other     | post_message           | refused not_in_chat
bot other     | typing                 | refused not_in_chat
bot other     | mark_read              | refused not_in_chat
bot other     | end_chat               | refused not_in_chat
bot other     | get_entries            | refused not_in_chat
bot other     | upload_entries         | refused not_in_chat
bot other     | request_transcript     | refused not_in_chat
bot other     | request_chat           | done
bot other     | view_page              | silent
bot other     | set_variables          | done
bot other     | sign_in                | done
bot other     | submit_offline_message | done
bot other     | rate_chat              | refused not_in_chat
bot other     | answer_invitation      | refused unknown_invitation
bot other     | capture_conversion     | done
waiting own   | heartbeat              | beat
waiting own   | post_message           | ack
waiting own   | typing                 | silent
waiting own   | mark_read              | done
waiting own   | end_chat               | done
waiting own   | get_entries            | page
waiting own   | upload_entries         | refused not_asked
waiting own   | request_transcript     | done
waiting own   | request_chat           | refused already_chatting
waiting own   | view_page              | silent
waiting own   | set_variables          | done
waiting own   | sign_in                | done
waiting own   | submit_offline_message | done
waiting own   | rate_chat              | refused not_chatted
waiting own   | answer_invitation      | refused unknown_invitation
waiting own   | capture_conversion     | done
waiting other | heartbeat              | beat without it
waiting other | post_message           | refused not_in_chat
waiting other | typing                 | refused not_in_chat
waiting other | mark_read              | refused not_in_chat
waiting other | end_chat               | refused not_in_chat
waiting other | get_entries            | refused not_in_chat
waiting other | upload_entries         | refused not_in_chat
waiting other | request_transcript     | refused not_in_chat
waiting other | request_chat           | done
waiting other | view_page              | silent
waiting other | set_variables          | done
waiting other | sign_in                | done
waiting other | submit_offline_message | done
waiting other | rate_chat              | refused not_in_chat
waiting other | answer_invitation      | refused unknown_invitation
waiting other | capture_conversion     | done
active own    | heartbeat              | beat
active own    | post_message           | ack
active own    | typing                 | silent
active own    | mark_read              | done
active own    | end_chat               | done
active own    | get_entries            | page
active own    | upload_entries         | refused not_asked
active own    | request_transcript     | done
active own    | request_chat           | refused already_chatting
active own    | view_page              | silent
active own    | set_variables          | done
active own    | sign_in                | done
active own    | submit_offline_message | done
active own    | rate_chat              | done
active own    | answer_invitation      | refused unknown_invitation
active own    | capture_conversion     | done
active other  | heartbeat              | beat without it
active other  | post_message           | refused not_in_chat
active other  | typing                 | refused not_in_chat
active other  | mark_read              | refused not_in_chat
active other  | end_chat               | refused not_in_chat
active other  | get_entries            | refused not_in_chat
active other  | upload_entries         | refused not_in_chat
active other  | request_transcript     | refused not_in_chat
active other  | request_chat           | done
active other  | view_page              | silent
active other  | set_variables          | done
active other  | sign_in                | done
active other  | submit_offline_message | done
active other  | rate_chat              | refused not_in_chat
active other  | answer_invitation      | refused unknown_invitation
active other  | capture_conversion     | done
ended own     | heartbeat              | beat
ended own     | post_message           | refused chat_ended
ended own     | typing                 | refused chat_ended
ended own     | mark_read              | done
ended own     | end_chat               | refused chat_ended
ended own     | get_entries            | page
ended own     | upload_entries         | refused not_asked
ended own     | request_transcript     | done
ended own     | request_chat           | done
ended own     | view_page              | silent
ended own     | set_variables          | done
ended own     | sign_in                | done
ended own     | submit_offline_message | done
ended own     | rate_chat              | done
ended own     | answer_invitation      | refused unknown_invitation
ended own     | capture_conversion     | done
ended other   | heartbeat              | beat without it
ended other   | post_message           | refused not_in_chat
ended other   | typing                 | refused not_in_chat
ended other   | mark_read              | refused not_in_chat
ended other   | end_chat               | refused not_in_chat
ended other   | get_entries            | refused not_in_chat
ended other   | upload_entries         | refused not_in_chat
ended other   | request_transcript     | refused not_in_chat
ended other   | request_chat           | done
ended other   | view_page              | silent
ended other   | set_variables          | done
ended other   | sign_in                | done
ended other   | submit_offline_message | done
ended other   | rate_chat              | refused not_in_chat
ended other   | answer_invitation      | refused unknown_invitation
ended other   | capture_conversion     | done
left own      | heartbeat              | beat
left own      | post_message           | refused chat_ended
left own      | typing                 | refused chat_ended
left own      | mark_read              | done
left own      | end_chat               | refused chat_ended
left own      | get_entries            | page
left own      | upload_entries         | refused not_asked
left own      | request_transcript     | done
left own      | request_chat           | done
left own      | view_page              | silent
left own      | set_variables          | done
left own      | sign_in                | done
left own      | submit_offline_message | done
left own      | rate_chat              | refused not_chatted
left own      | answer_invitation      | refused unknown_invitation
left own      | capture_conversion     | done
`;
