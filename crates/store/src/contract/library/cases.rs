//! The list of cases.

/// Makes a module `$name` with a test for each case. `$subject` is an expression that is a future
/// of a fresh [`Subject`](crate::contract::library::Subject); it is evaluated once a case.
#[macro_export]
macro_rules! library_contract {
    ($name:ident, $subject:expr) => {
        mod $name {
            use super::*;

            $crate::library_contract! { @cases $subject =>
                documents: a_document_comes_back,
                documents: an_id_is_used_once,
                documents: a_deleted_document_is_gone_at_once,
                documents: a_deletion_is_pending_where_it_must_be,
                steps: steps_are_taken_from_the_states_they_name,
                steps: a_step_brings_what_it_says,
                steps: what_fails_later_is_taken_out,
                steps: what_fails_first_is_not_pending,
                lists: documents_are_listed_newest_first,
                lists: deleted_documents_are_not_listed,
                lists: collections_are_listed_by_name,
                lists: sources_are_listed_newest_first,
                lists: an_odd_cursor_is_refused,
                publishing: what_was_read_is_pending_until_it_is_published,
                publishing: the_published_version_is_told,
                publishing: a_change_during_publishing_stays_pending,
                publishing: a_settled_removal_is_forgotten,
                publishing: a_pending_change_survives_later_steps,
                publishing: a_publication_may_be_repeated,
                publishing: the_oldest_change_comes_first,
                publishing: what_is_not_pending_is_not_settled,
                leases: one_of_two_gets_the_lease,
                leases: one_of_many_gets_the_lease,
                leases: a_lease_ends,
                leases: a_lease_is_kept,
                leases: a_lease_is_given_back,
                leases: an_old_version_is_not_published,
                sources: a_source_comes_back,
                sources: of_two_changes_one_is_refused,
                sources: a_deleted_source_is_gone,
                sources: what_is_due_comes_in_order,
                sources: documents_outlive_their_source,
                items: an_item_takes_the_place_of_its_key,
                items: items_are_listed_by_key,
                items: a_cursor_of_another_source_is_refused,
                items: an_item_is_forgotten,
                items: items_go_with_their_source,
                isolation: nobody_reaches_anothers_documents,
                isolation: an_id_may_be_anothers_too,
                isolation: nobody_reaches_anothers_collection,
                isolation: nobody_reaches_anothers_sources,
            }
        }
    };
    (@cases $subject:expr => $($topic:ident: $case:ident,)+) => {
        $(
            #[tokio::test]
            async fn $case() {
                let subject = $subject.await;
                $crate::contract::library::$topic::$case(&subject).await;
            }
        )+
    };
}
