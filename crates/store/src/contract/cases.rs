//! The list of cases.

/// Makes a module `$name` with a test for each case. `$subject` is an expression that is a future
/// of a fresh [`Subject`](crate::contract::Subject); it is evaluated once a case.
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $subject:expr) => {
        mod $name {
            use super::*;

            $crate::store_contract! { @cases $subject =>
                conversations: a_conversation_comes_back,
                conversations: a_patch_changes_what_it_names,
                conversations: what_is_not_there_is_not_found,
                lists: conversations_are_listed_by_their_last_write,
                lists: titles_are_found_whatever_their_case,
                lists: an_odd_cursor_is_refused,
                conversations: a_deletion_takes_all_that_hangs_under,
                texts: any_text_comes_back,
                texts: a_secret_is_shared,
                messages: messages_come_newest_first,
                messages: history_is_one_path,
                messages: history_is_cut_by_bytes,
                messages: two_thousand_messages_are_paged_through,
                turns: a_turn_begins_with_its_messages,
                turns: a_turn_names_the_conversation_that_has_no_title,
                turns: one_turn_runs_at_a_time,
                turns: the_same_request_joins_its_turn,
                turns: requests_that_race_begin_one_turn,
                turns: a_stop_is_told_to_the_producer,
                turns: a_stop_of_what_is_over_does_nothing,
                parents: a_turn_follows_the_newest_message,
                parents: a_turn_follows_the_message_it_names,
                parents: a_sibling_has_the_same_parent,
                parents: a_wrong_parent_is_refused,
                events: what_was_appended_comes_back,
                events: a_log_is_read_in_pieces,
                events: numbers_that_do_not_follow_are_refused,
                events: a_refused_append_leaves_the_others_alone,
                events: large_batches_come_back,
                events: a_piece_of_the_log_fits_its_turn,
                events: thousands_of_turns_append_at_once,
                leases: only_the_holder_appends,
                leases: one_of_two_takes_over,
                leases: what_was_renewed_is_not_taken_over,
                leases: a_holder_renews_all_its_leases,
                leases: a_renewal_tells_what_was_lost,
                leases: a_turn_of_a_deleted_conversation_is_lost,
                leases: running_turns_are_everybodys,
                finish: a_finished_turn_is_whole,
                finish: a_refused_finish_stores_nothing,
                finish: a_turn_finishes_without_more_events,
                finish: nothing_is_written_after_the_end,
                isolation: nobody_reads_what_is_anothers,
                isolation: nobody_writes_what_is_anothers,
                isolation: a_turn_is_found_only_by_its_whole_address,
                isolation: lists_and_keys_are_each_principals_own,
            }
        }
    };
    (@cases $subject:expr => $($topic:ident: $case:ident,)+) => {
        $(
            #[tokio::test]
            async fn $case() {
                let subject = $subject.await;
                $crate::contract::$topic::$case(&subject).await;
            }
        )+
    };
}
