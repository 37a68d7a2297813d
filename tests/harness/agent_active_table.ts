/**
 * Every frame of an agent's console, by how a chat that some agent has stands to this one. "former"
 * gave it away; who "joined", is "monitoring" or has only "managed" it is a supervisor, who may do
 * more with what others have. The words of the answers: core/site_test.ts.
 */
export const agentActiveTable = `
active own        | heartbeat               | beat
active own        | post_message            | ack
active own        | typing                  | silent
active own        | mark_read               | done
active own        | end_chat                | done
active own        | get_entries             | page
active own        | upload_entries          | refused not_asked
active own        | request_transcript      | done
active own        | set_status              | done
active own        | log_out                 | done
active own        | accept_chat             | done
active own        | refuse_chat             | refused chat_not_waiting
active own        | transfer_chat           | done
active own        | join_chat               | refused forbidden
active own        | leave_chat              | refused last_agent
active own        | take_over_chat          | refused forbidden
active own        | post_note               | ack
active own        | post_private            | ack
active own        | wrap_up_chat            | done
active own        | set_visitor             | done
active own        | set_translation         | done
active own        | ban                     | done
active own        | lift_ban                | refused forbidden
active own        | invite_visitor          | refused visitor_busy
active own        | save_preferences        | done
active own        | use_canned              | done
active own        | subscribe               | agents
active own        | get_rows                | visitors
active own        | get_visitor             | visitor
active own        | capture_chat_conversion | done
active joined     | heartbeat               | beat
active joined     | post_message            | ack
active joined     | typing                  | silent
active joined     | mark_read               | done
active joined     | end_chat                | done
active joined     | get_entries             | page
active joined     | upload_entries          | refused not_asked
active joined     | request_transcript      | done
active joined     | set_status              | done
active joined     | log_out                 | done
active joined     | accept_chat             | refused chat_taken
active joined     | refuse_chat             | refused chat_not_waiting
active joined     | transfer_chat           | done
active joined     | join_chat               | done
active joined     | leave_chat              | done
active joined     | take_over_chat          | done
active joined     | post_note               | ack
active joined     | post_private            | ack
active joined     | wrap_up_chat            | refused not_in_chat
active joined     | set_visitor             | done
active joined     | set_translation         | done
active joined     | ban                     | done
active joined     | lift_ban                | done
active joined     | invite_visitor          | refused visitor_busy
active joined     | save_preferences        | done
active joined     | use_canned              | done
active joined     | subscribe               | agents
active joined     | get_rows                | visitors
active joined     | get_visitor             | visitor
active joined     | capture_chat_conversion | done
active monitoring | heartbeat               | beat
active monitoring | post_message            | refused not_in_chat
active monitoring | typing                  | refused not_in_chat
active monitoring | mark_read               | refused not_in_chat
active monitoring | end_chat                | done
active monitoring | get_entries             | page
active monitoring | upload_entries          | refused not_asked
active monitoring | request_transcript      | done
active monitoring | set_status              | done
active monitoring | log_out                 | done
active monitoring | accept_chat             | refused chat_taken
active monitoring | refuse_chat             | refused chat_not_waiting
active monitoring | transfer_chat           | done
active monitoring | join_chat               | done
active monitoring | leave_chat              | done
active monitoring | take_over_chat          | done
active monitoring | post_note               | ack
active monitoring | post_private            | ack
active monitoring | wrap_up_chat            | refused not_in_chat
active monitoring | set_visitor             | done
active monitoring | set_translation         | refused not_in_chat
active monitoring | ban                     | done
active monitoring | lift_ban                | done
active monitoring | invite_visitor          | refused visitor_busy
active monitoring | save_preferences        | done
active monitoring | use_canned              | refused not_in_chat
active monitoring | subscribe               | agents
active monitoring | get_rows                | visitors
active monitoring | get_visitor             | visitor
active monitoring | capture_chat_conversion | done
active former     | heartbeat               | beat without it
active former     | post_message            | refused not_in_chat
active former     | typing                  | refused not_in_chat
active former     | mark_read               | refused not_in_chat
active former     | end_chat                | refused not_in_chat
active former     | get_entries             | refused not_in_chat
active former     | upload_entries          | refused not_in_chat
active former     | request_transcript      | refused not_in_chat
active former     | set_status              | done
active former     | log_out                 | done
active former     | accept_chat             | refused chat_taken
active former     | refuse_chat             | refused chat_not_waiting
active former     | transfer_chat           | refused not_in_chat
active former     | join_chat               | refused forbidden
active former     | leave_chat              | refused not_in_chat
active former     | take_over_chat          | refused forbidden
active former     | post_note               | refused not_in_chat
active former     | post_private            | ack
active former     | wrap_up_chat            | refused not_in_chat
active former     | set_visitor             | refused forbidden
active former     | set_translation         | refused not_in_chat
active former     | ban                     | done
active former     | lift_ban                | refused forbidden
active former     | invite_visitor          | refused visitor_busy
active former     | save_preferences        | done
active former     | use_canned              | refused not_in_chat
active former     | subscribe               | agents
active former     | get_rows                | visitors
active former     | get_visitor             | visitor
active former     | capture_chat_conversion | refused not_in_chat
active managed    | heartbeat               | beat without it
active managed    | post_message            | refused not_in_chat
active managed    | typing                  | refused not_in_chat
active managed    | mark_read               | refused not_in_chat
active managed    | end_chat                | done
active managed    | get_entries             | refused not_in_chat
active managed    | upload_entries          | refused not_in_chat
active managed    | request_transcript      | refused not_in_chat
active managed    | set_status              | done
active managed    | log_out                 | done
active managed    | accept_chat             | refused chat_taken
active managed    | refuse_chat             | refused chat_not_waiting
active managed    | transfer_chat           | done
active managed    | join_chat               | done
active managed    | leave_chat              | refused not_in_chat
active managed    | take_over_chat          | done
active managed    | post_note               | refused not_in_chat
active managed    | post_private            | ack
active managed    | wrap_up_chat            | refused not_in_chat
active managed    | set_visitor             | done
active managed    | set_translation         | refused not_in_chat
active managed    | ban                     | done
active managed    | lift_ban                | done
active managed    | invite_visitor          | refused visitor_busy
active managed    | save_preferences        | done
active managed    | use_canned              | refused not_in_chat
active managed    | subscribe               | agents
active managed    | get_rows                | visitors
active managed    | get_visitor             | visitor
active managed    | capture_chat_conversion | refused not_in_chat
active other      | heartbeat               | beat without it
active other      | post_message            | refused not_in_chat
active other      | typing                  | refused not_in_chat
active other      | mark_read               | refused not_in_chat
active other      | end_chat                | refused not_in_chat
active other      | get_entries             | refused not_in_chat
active other      | upload_entries          | refused not_in_chat
active other      | request_transcript      | refused not_in_chat
active other      | set_status              | done
active other      | log_out                 | done
active other      | accept_chat             | refused chat_taken
active other      | refuse_chat             | refused chat_not_waiting
active other      | transfer_chat           | refused not_in_chat
active other      | join_chat               | refused forbidden
active other      | leave_chat              | refused not_in_chat
active other      | take_over_chat          | refused forbidden
active other      | post_note               | refused not_in_chat
active other      | post_private            | ack
active other      | wrap_up_chat            | refused not_in_chat
active other      | set_visitor             | refused forbidden
active other      | set_translation         | refused not_in_chat
active other      | ban                     | done
active other      | lift_ban                | refused forbidden
active other      | invite_visitor          | refused visitor_busy
active other      | save_preferences        | done
active other      | use_canned              | refused not_in_chat
active other      | subscribe               | agents
active other      | get_rows                | visitors
active other      | get_visitor             | visitor
active other      | capture_chat_conversion | refused not_in_chat
`;
