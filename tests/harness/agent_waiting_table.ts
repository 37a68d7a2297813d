/**
 * Every frame of an agent's console, by how a chat that no agent has stands to the agent. "offered"
 * is to this agent, "offered other" to another. The words of the answers: core/site_test.ts.
 */
export const agentWaitingTable = `
none          | heartbeat               | beat without it
none          | post_message            | refused unknown_chat
none          | typing                  | refused unknown_chat
none          | mark_read               | refused unknown_chat
none          | end_chat                | refused unknown_chat
none          | get_entries             | refused unknown_chat
none          | upload_entries          | refused unknown_chat
none          | request_transcript      | refused unknown_chat
none          | set_status              | done
none          | log_out                 | done
none          | accept_chat             | refused unknown_chat
none          | refuse_chat             | refused unknown_chat
none          | transfer_chat           | refused unknown_chat
none          | join_chat               | refused unknown_chat
none          | leave_chat              | refused unknown_chat
none          | take_over_chat          | refused unknown_chat
none          | post_note               | refused unknown_chat
none          | post_private            | ack
none          | wrap_up_chat            | refused unknown_chat
none          | set_visitor             | refused forbidden
none          | set_translation         | refused unknown_chat
none          | ban                     | done
none          | lift_ban                | refused forbidden
none          | invite_visitor          | done
none          | save_preferences        | done
none          | use_canned              | refused unknown_chat
none          | subscribe               | agents
none          | get_rows                | visitors
none          | get_visitor             | visitor
none          | capture_chat_conversion | refused unknown_chat
bot           | heartbeat               | beat without it
bot           | post_message            | refused not_in_chat
bot           | typing                  | refused not_in_chat
bot           | mark_read               | refused not_in_chat
bot           | end_chat                | refused not_in_chat
bot           | get_entries             | refused not_in_chat
bot           | upload_entries          | refused not_in_chat
bot           | request_transcript      | refused not_in_chat
bot           | set_status              | done
bot           | log_out                 | done
bot           | accept_chat             | refused chat_not_waiting
bot           | refuse_chat             | refused chat_not_waiting
bot           | transfer_chat           | refused not_in_chat
bot           | join_chat               | refused forbidden
bot           | leave_chat              | refused not_in_chat
bot           | take_over_chat          | refused forbidden
bot           | post_note               | refused not_in_chat
bot           | post_private            | ack
bot           | wrap_up_chat            | refused not_in_chat
bot           | set_visitor             | refused forbidden
bot           | set_translation         | refused not_in_chat
bot           | ban                     | done
bot           | lift_ban                | refused forbidden
bot           | invite_visitor          | refused visitor_busy
bot           | save_preferences        | done
bot           | use_canned              | refused not_in_chat
bot           | subscribe               | agents
bot           | get_rows                | visitors
bot           | get_visitor             | visitor
bot           | capture_chat_conversion | refused not_in_chat
waiting       | heartbeat               | beat without it
waiting       | post_message            | refused not_in_chat
waiting       | typing                  | refused not_in_chat
waiting       | mark_read               | refused not_in_chat
waiting       | end_chat                | refused not_in_chat
waiting       | get_entries             | refused not_in_chat
waiting       | upload_entries          | refused not_in_chat
waiting       | request_transcript      | refused not_in_chat
waiting       | set_status              | done
waiting       | log_out                 | done
waiting       | accept_chat             | done
waiting       | refuse_chat             | done
waiting       | transfer_chat           | refused not_in_chat
waiting       | join_chat               | refused forbidden
waiting       | leave_chat              | refused not_in_chat
waiting       | take_over_chat          | refused forbidden
waiting       | post_note               | refused not_in_chat
waiting       | post_private            | ack
waiting       | wrap_up_chat            | refused not_in_chat
waiting       | set_visitor             | refused forbidden
waiting       | set_translation         | refused not_in_chat
waiting       | ban                     | done
waiting       | lift_ban                | refused forbidden
waiting       | invite_visitor          | refused visitor_busy
waiting       | save_preferences        | done
waiting       | use_canned              | refused not_in_chat
waiting       | subscribe               | agents
waiting       | get_rows                | visitors
waiting       | get_visitor             | visitor
waiting       | capture_chat_conversion | refused not_in_chat
offered       | heartbeat               | beat without it
offered       | post_message            | refused not_in_chat
offered       | typing                  | refused not_in_chat
offered       | mark_read               | refused not_in_chat
offered       | end_chat                | refused not_in_chat
offered       | get_entries             | refused not_in_chat
offered       | upload_entries          | refused not_in_chat
offered       | request_transcript      | refused not_in_chat
offered       | set_status              | done
offered       | log_out                 | done
offered       | accept_chat             | done
offered       | refuse_chat             | done
offered       | transfer_chat           | refused not_in_chat
offered       | join_chat               | refused forbidden
offered       | leave_chat              | refused not_in_chat
offered       | take_over_chat          | refused forbidden
offered       | post_note               | refused not_in_chat
offered       | post_private            | ack
offered       | wrap_up_chat            | refused not_in_chat
offered       | set_visitor             | refused forbidden
offered       | set_translation         | refused not_in_chat
offered       | ban                     | done
offered       | lift_ban                | refused forbidden
offered       | invite_visitor          | refused visitor_busy
offered       | save_preferences        | done
offered       | use_canned              | refused not_in_chat
offered       | subscribe               | agents
offered       | get_rows                | visitors
offered       | get_visitor             | visitor
offered       | capture_chat_conversion | refused not_in_chat
offered other | heartbeat               | beat without it
offered other | post_message            | refused not_in_chat
offered other | typing                  | refused not_in_chat
offered other | mark_read               | refused not_in_chat
offered other | end_chat                | refused not_in_chat
offered other | get_entries             | refused not_in_chat
offered other | upload_entries          | refused not_in_chat
offered other | request_transcript      | refused not_in_chat
offered other | set_status              | done
offered other | log_out                 | done
offered other | accept_chat             | refused chat_taken
offered other | refuse_chat             | done
offered other | transfer_chat           | refused not_in_chat
offered other | join_chat               | refused forbidden
offered other | leave_chat              | refused not_in_chat
offered other | take_over_chat          | refused forbidden
offered other | post_note               | refused not_in_chat
offered other | post_private            | ack
offered other | wrap_up_chat            | refused not_in_chat
offered other | set_visitor             | refused forbidden
offered other | set_translation         | refused not_in_chat
offered other | ban                     | done
offered other | lift_ban                | refused forbidden
offered other | invite_visitor          | refused visitor_busy
offered other | save_preferences        | done
offered other | use_canned              | refused not_in_chat
offered other | subscribe               | agents
offered other | get_rows                | visitors
offered other | get_visitor             | visitor
offered other | capture_chat_conversion | refused not_in_chat
`;
