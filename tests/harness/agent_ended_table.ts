/**
 * Every frame of an agent's console, by how an ended chat stood to the agent: see
 * agent_active_table.ts. Who was in it still reads it. The words of the answers: core/site_test.ts.
 */
export const agentEndedTable = `
ended own        | heartbeat               | beat
ended own        | post_message            | refused chat_ended
ended own        | typing                  | refused chat_ended
ended own        | mark_read               | done
ended own        | end_chat                | refused chat_ended
ended own        | get_entries             | page
ended own        | upload_entries          | refused not_asked
ended own        | request_transcript      | done
ended own        | set_status              | done
ended own        | log_out                 | done
ended own        | accept_chat             | refused chat_ended
ended own        | refuse_chat             | refused chat_ended
ended own        | transfer_chat           | refused chat_ended
ended own        | join_chat               | refused forbidden
ended own        | leave_chat              | refused chat_ended
ended own        | take_over_chat          | refused forbidden
ended own        | post_note               | refused chat_ended
ended own        | post_private            | ack
ended own        | wrap_up_chat            | done
ended own        | set_visitor             | refused forbidden
ended own        | set_translation         | refused chat_ended
ended own        | ban                     | done
ended own        | lift_ban                | refused forbidden
ended own        | invite_visitor          | done
ended own        | save_preferences        | done
ended own        | use_canned              | refused chat_ended
ended own        | subscribe               | agents
ended own        | get_rows                | visitors
ended own        | get_visitor             | visitor
ended own        | capture_chat_conversion | done
ended joined     | heartbeat               | beat
ended joined     | post_message            | refused chat_ended
ended joined     | typing                  | refused chat_ended
ended joined     | mark_read               | done
ended joined     | end_chat                | refused chat_ended
ended joined     | get_entries             | page
ended joined     | upload_entries          | refused not_asked
ended joined     | request_transcript      | done
ended joined     | set_status              | done
ended joined     | log_out                 | done
ended joined     | accept_chat             | refused chat_ended
ended joined     | refuse_chat             | refused chat_ended
ended joined     | transfer_chat           | refused chat_ended
ended joined     | join_chat               | refused chat_ended
ended joined     | leave_chat              | refused not_in_chat
ended joined     | take_over_chat          | refused chat_ended
ended joined     | post_note               | refused chat_ended
ended joined     | post_private            | ack
ended joined     | wrap_up_chat            | refused not_in_chat
ended joined     | set_visitor             | done
ended joined     | set_translation         | refused chat_ended
ended joined     | ban                     | done
ended joined     | lift_ban                | done
ended joined     | invite_visitor          | done
ended joined     | save_preferences        | done
ended joined     | use_canned              | refused chat_ended
ended joined     | subscribe               | agents
ended joined     | get_rows                | visitors
ended joined     | get_visitor             | visitor
ended joined     | capture_chat_conversion | done
ended monitoring | heartbeat               | beat
ended monitoring | post_message            | refused not_in_chat
ended monitoring | typing                  | refused not_in_chat
ended monitoring | mark_read               | refused not_in_chat
ended monitoring | end_chat                | refused chat_ended
ended monitoring | get_entries             | page
ended monitoring | upload_entries          | refused not_asked
ended monitoring | request_transcript      | done
ended monitoring | set_status              | done
ended monitoring | log_out                 | done
ended monitoring | accept_chat             | refused chat_ended
ended monitoring | refuse_chat             | refused chat_ended
ended monitoring | transfer_chat           | refused chat_ended
ended monitoring | join_chat               | refused chat_ended
ended monitoring | leave_chat              | refused not_in_chat
ended monitoring | take_over_chat          | refused chat_ended
ended monitoring | post_note               | refused chat_ended
ended monitoring | post_private            | ack
ended monitoring | wrap_up_chat            | refused not_in_chat
ended monitoring | set_visitor             | done
ended monitoring | set_translation         | refused not_in_chat
ended monitoring | ban                     | done
ended monitoring | lift_ban                | done
ended monitoring | invite_visitor          | done
ended monitoring | save_preferences        | done
ended monitoring | use_canned              | refused not_in_chat
ended monitoring | subscribe               | agents
ended monitoring | get_rows                | visitors
ended monitoring | get_visitor             | visitor
ended monitoring | capture_chat_conversion | done
ended former     | heartbeat               | beat
ended former     | post_message            | refused chat_ended
ended former     | typing                  | refused chat_ended
ended former     | mark_read               | done
ended former     | end_chat                | refused chat_ended
ended former     | get_entries             | page
ended former     | upload_entries          | refused not_asked
ended former     | request_transcript      | done
ended former     | set_status              | done
ended former     | log_out                 | done
ended former     | accept_chat             | refused chat_ended
ended former     | refuse_chat             | refused chat_ended
ended former     | transfer_chat           | refused chat_ended
ended former     | join_chat               | refused forbidden
ended former     | leave_chat              | refused chat_ended
ended former     | take_over_chat          | refused forbidden
ended former     | post_note               | refused chat_ended
ended former     | post_private            | ack
ended former     | wrap_up_chat            | done
ended former     | set_visitor             | refused forbidden
ended former     | set_translation         | refused chat_ended
ended former     | ban                     | done
ended former     | lift_ban                | refused forbidden
ended former     | invite_visitor          | done
ended former     | save_preferences        | done
ended former     | use_canned              | refused chat_ended
ended former     | subscribe               | agents
ended former     | get_rows                | visitors
ended former     | get_visitor             | visitor
ended former     | capture_chat_conversion | done
ended managed    | heartbeat               | beat without it
ended managed    | post_message            | refused not_in_chat
ended managed    | typing                  | refused not_in_chat
ended managed    | mark_read               | refused not_in_chat
ended managed    | end_chat                | refused not_in_chat
ended managed    | get_entries             | refused not_in_chat
ended managed    | upload_entries          | refused not_in_chat
ended managed    | request_transcript      | refused not_in_chat
ended managed    | set_status              | done
ended managed    | log_out                 | done
ended managed    | accept_chat             | refused chat_ended
ended managed    | refuse_chat             | refused chat_ended
ended managed    | transfer_chat           | refused not_in_chat
ended managed    | join_chat               | refused chat_ended
ended managed    | leave_chat              | refused not_in_chat
ended managed    | take_over_chat          | refused chat_ended
ended managed    | post_note               | refused not_in_chat
ended managed    | post_private            | ack
ended managed    | wrap_up_chat            | refused not_in_chat
ended managed    | set_visitor             | done
ended managed    | set_translation         | refused not_in_chat
ended managed    | ban                     | done
ended managed    | lift_ban                | done
ended managed    | invite_visitor          | done
ended managed    | save_preferences        | done
ended managed    | use_canned              | refused not_in_chat
ended managed    | subscribe               | agents
ended managed    | get_rows                | visitors
ended managed    | get_visitor             | visitor
ended managed    | capture_chat_conversion | refused not_in_chat
ended other      | heartbeat               | beat without it
ended other      | post_message            | refused not_in_chat
ended other      | typing                  | refused not_in_chat
ended other      | mark_read               | refused not_in_chat
ended other      | end_chat                | refused not_in_chat
ended other      | get_entries             | refused not_in_chat
ended other      | upload_entries          | refused not_in_chat
ended other      | request_transcript      | refused not_in_chat
ended other      | set_status              | done
ended other      | log_out                 | done
ended other      | accept_chat             | refused chat_ended
ended other      | refuse_chat             | refused chat_ended
ended other      | transfer_chat           | refused not_in_chat
ended other      | join_chat               | refused forbidden
ended other      | leave_chat              | refused not_in_chat
ended other      | take_over_chat          | refused forbidden
ended other      | post_note               | refused not_in_chat
ended other      | post_private            | ack
ended other      | wrap_up_chat            | refused not_in_chat
ended other      | set_visitor             | refused forbidden
ended other      | set_translation         | refused not_in_chat
ended other      | ban                     | done
ended other      | lift_ban                | refused forbidden
ended other      | invite_visitor          | done
ended other      | save_preferences        | done
ended other      | use_canned              | refused not_in_chat
ended other      | subscribe               | agents
ended other      | get_rows                | visitors
ended other      | get_visitor             | visitor
ended other      | capture_chat_conversion | refused not_in_chat
`;
