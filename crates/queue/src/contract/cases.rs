//! The list of cases.

/// Makes a module `$name` with a test for each case. `$subject` is an expression that is a future
/// of a fresh [`Subject`](crate::contract::Subject); it is evaluated once a case.
#[macro_export]
macro_rules! queue_contract {
    ($name:ident, $subject:expr) => {
        mod $name {
            use super::*;

            $crate::queue_contract! { @cases $subject =>
                deliveries: jobs_come_back_whole,
                deliveries: an_empty_queue_answers_at_once_where_nobody_waits,
                deliveries: a_worker_that_waits_gets_the_job_that_comes,
                deliveries: what_is_handed_out_is_invisible,
                deliveries: what_was_not_ended_comes_again,
                deliveries: a_delivery_is_kept_by_extending_it,
                deliveries: no_more_are_handed_out_than_were_asked_for,
                deliveries: workers_at_once_never_get_the_same_delivery,
                deliveries: a_delay_holds_a_job_back,
                deliveries: a_delay_of_a_day_holds_a_job_back,
                deliveries: a_job_that_is_too_large_is_refused,
                ends: a_completed_job_is_gone,
                ends: a_batch_is_completed_though_some_are_lost,
                ends: a_job_given_back_comes_again,
                ends: a_job_given_back_for_later_comes_later,
                ends: what_has_ended_cannot_be_ended_otherwise,
                ends: a_worker_that_is_late_is_done_all_the_same,
                dead_letters: the_fifth_delivery_is_the_last,
                dead_letters: what_is_buried_is_kept_with_the_reason,
                dead_letters: any_reason_is_kept,
                dead_letters: dead_letters_can_be_looked_at_again,
                dead_letters: what_nobody_can_read_is_delivered_and_buried,
                dead_letters: a_job_of_another_release_keeps_its_text,
                stats: every_job_is_counted_once,
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
