//! Where a turn hangs in the tree.

use tidewire_domain::{BeginTurn, MessageId, NewConversation, Parent, Role, StoreError};

use super::scene::{Subject, alice, at, bob, finish, request, text, under};

/// Without a name it is the message that was stored last, whatever its branch.
pub async fn a_turn_follows_the_newest_message(subject: &Subject) {
    let id = subject.conversation().await.id;
    let first = subject.answered(id).await;
    let second = subject.answered(id).await;
    let branch = subject
        .begin(under(id, Parent::SiblingOf(first.message_id)))
        .await;
    subject.store.finish_turn(finish(&branch)).await.unwrap();
    let third = subject.running(id).await;

    let messages = subject.messages(id).await;
    let parent_of = |id| {
        messages
            .iter()
            .find(|message| message.id == id)
            .unwrap()
            .parent_id
    };
    assert_eq!(parent_of(first.parent_id.unwrap()), None);
    assert_eq!(parent_of(second.parent_id.unwrap()), Some(first.message_id));
    assert_eq!(parent_of(third.parent_id.unwrap()), Some(branch.message_id));
}

/// An older answer, or the root.
pub async fn a_turn_follows_the_message_it_names(subject: &Subject) {
    let id = subject.conversation().await.id;
    let first = subject.answered(id).await;
    subject.answered(id).await;
    for parent in [Some(first.message_id), None] {
        let turn = subject.begin(under(id, Parent::Under(parent))).await;
        subject.store.finish_turn(finish(&turn)).await.unwrap();
        let messages = subject.messages(id).await;
        let question = &messages[messages.len() - 2];
        assert_eq!(
            (question.id, question.parent_id),
            (turn.parent_id.unwrap(), parent)
        );
        assert_eq!(question.role, Role::User);
    }
}

/// No new question: the new answer hangs where the old one does.
pub async fn a_sibling_has_the_same_parent(subject: &Subject) {
    let id = subject.conversation().await.id;
    let first = subject.answered(id).await;
    let again = subject
        .begin(under(id, Parent::SiblingOf(first.message_id)))
        .await;
    assert_eq!(again.parent_id, first.parent_id);
    let messages = subject.messages(id).await;
    assert_eq!(messages.len(), 3);
    assert_eq!(
        (messages[2].id, messages[2].parent_id),
        (again.message_id, first.parent_id)
    );
    assert_eq!(messages[2].role, Role::Assistant);
}

/// A parent must be an answer of this conversation; otherwise nothing is stored.
pub async fn a_wrong_parent_is_refused(subject: &Subject) {
    let id = subject.conversation().await.id;
    let turn = subject.answered(id).await;
    let question = turn.parent_id.unwrap();
    let elsewhere = subject
        .answered(subject.conversation().await.id)
        .await
        .message_id;
    let new = NewConversation::default();
    let bobs = subject
        .store
        .create_conversation(&bob(), new, at(0))
        .await
        .unwrap()
        .id;
    let bobs_turn = request(bobs);
    let foreign = bobs_turn.message_id;
    subject.store.begin_turn(&bob(), bobs_turn).await.unwrap();

    let refused = async |begin: BeginTurn| {
        let result = subject.store.begin_turn(&alice(), begin.clone()).await;
        assert!(
            matches!(result, Err(StoreError::InvalidParent)),
            "{begin:?}: {result:?}"
        );
    };
    for wrong in [question, elsewhere, foreign, MessageId::new()] {
        refused(under(id, Parent::Under(Some(wrong)))).await;
        refused(under(id, Parent::SiblingOf(wrong))).await;
    }
    // Only a sibling does without a question, and it has none.
    let mut mute = request(id);
    mute.user_message = None;
    refused(mute.clone()).await;
    mute.parent = Parent::Under(Some(turn.message_id));
    refused(mute).await;
    let mut asking = under(id, Parent::SiblingOf(turn.message_id));
    asking.user_message = Some((MessageId::new(), text("why?")));
    refused(asking).await;
    assert_eq!(subject.messages(id).await.len(), 2);
    assert_eq!(
        subject
            .store
            .conversation(&alice(), id)
            .await
            .unwrap()
            .active_turn,
        None
    );
}
