//! The list of cases.

/// Makes a module `$name` with a test for each case. `$subject` is an expression that is a future
/// of a fresh [`Subject`](crate::contract::Subject); it is evaluated once a case.
#[macro_export]
macro_rules! blobs_contract {
    ($name:ident, $subject:expr) => {
        mod $name {
            use super::*;

            $crate::blobs_contract! { @cases $subject =>
                content: blobs_of_any_size_come_back,
                content: a_blob_is_replaced_as_a_whole,
                content: a_new_blob_replaces_none,
                content: of_many_that_make_a_blob_one_does,
                content: what_is_too_large_is_not_read,
                content: what_is_not_there_is_not_found,
                content: a_deletion_may_be_repeated,
                content: a_reader_keeps_what_it_opened,
                lists: lists_are_in_order,
                lists: a_list_is_read_in_pieces,
                lists: a_prefix_is_a_whole_folder,
                isolation: principals_never_meet,
                presigned: a_file_is_uploaded_and_downloaded,
                presigned: an_empty_file_is_uploaded,
                presigned: another_content_type_is_refused,
                presigned: an_altered_request_is_refused,
                presigned: a_request_is_for_its_method_alone,
                presigned: any_file_name_is_handed_out,
                presigned: what_was_deleted_is_not_handed_out,
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
