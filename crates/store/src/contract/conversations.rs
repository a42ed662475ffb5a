//! Conversations are made, read, listed, changed and deleted.

use tidewire_domain::{
    ConversationId, ConversationPatch, MessageId, NewConversation, StoreError, TurnId,
};

use super::{
    lists::query,
    scene::{Subject, alice, at, batch, page, request},
};

/// What was made is what is read, here and in another process.
pub async fn a_conversation_comes_back(subject: &Subject) {
    let new = NewConversation {
        title: Some("A title".into()),
        model: Some("a-model".into()),
        system: Some("Be brief.".into()),
    };
    let made = subject
        .store
        .create_conversation(&alice(), new, at(7))
        .await
        .unwrap();
    assert_eq!(made.title.as_deref(), Some("A title"));
    assert_eq!(made.model.as_deref(), Some("a-model"));
    assert_eq!(made.system.as_deref(), Some("Be brief."));
    assert_eq!(
        (made.created_at, made.updated_at, made.active_turn),
        (at(7), at(7), None)
    );
    for store in [&subject.store, &subject.other] {
        store.ready().await.unwrap();
        assert_eq!(store.conversation(&alice(), made.id).await.unwrap(), made);
    }
    let bare = subject.conversation().await;
    assert_eq!((bare.title, bare.model, bare.system), (None, None, None));
}

/// What a patch leaves out stays; empty instructions are none.
pub async fn a_patch_changes_what_it_names(subject: &Subject) {
    let id = subject.conversation().await.id;
    let me = alice();
    let change = |patch, moment| {
        subject
            .store
            .update_conversation(&me, id, patch, at(moment))
    };
    let patch = ConversationPatch {
        title: Some("One".into()),
        model: Some("m1".into()),
        system: Some("s1".into()),
    };
    change(patch, 10).await.unwrap();
    let patch = ConversationPatch {
        title: Some("Two".into()),
        ..ConversationPatch::default()
    };
    let changed = change(patch, 20).await.unwrap();
    assert_eq!(changed.title.as_deref(), Some("Two"));
    assert_eq!(changed.model.as_deref(), Some("m1"));
    assert_eq!(changed.system.as_deref(), Some("s1"));
    assert_eq!((changed.created_at, changed.updated_at), (at(0), at(20)));
    let patch = ConversationPatch {
        system: Some(String::new()),
        ..ConversationPatch::default()
    };
    let changed = change(patch, 30).await.unwrap();
    assert_eq!(
        (changed.system.as_deref(), changed.model.as_deref()),
        (None, Some("m1"))
    );
    let patch = ConversationPatch {
        model: Some(String::new()),
        ..ConversationPatch::default()
    };
    let changed = change(patch, 40).await.unwrap();
    assert_eq!(
        (changed.title.as_deref(), changed.model.as_deref()),
        (Some("Two"), None)
    );
    assert_eq!(
        subject.other.conversation(&alice(), id).await.unwrap(),
        changed
    );
}

/// Every method that names a row says so when it is not there.
pub async fn what_is_not_there_is_not_found(subject: &Subject) {
    let (store, me) = (&subject.store, alice());
    let (none, no_turn) = (ConversationId::new(), TurnId::new());
    let patch = ConversationPatch::default();
    assert!(is_missing(&store.conversation(&me, none).await));
    assert!(is_missing(
        &store.update_conversation(&me, none, patch, at(1)).await
    ));
    assert!(is_missing(&store.delete_conversation(&me, none).await));
    assert!(is_missing(&store.messages(&me, none, page(9, None)).await));
    assert!(is_missing(
        &store.history(&me, none, MessageId::new(), 9).await
    ));
    assert!(is_missing(&store.begin_turn(&me, request(none)).await));
    assert!(is_missing(&store.turn(&me, no_turn).await));
    assert!(is_missing(&store.events(&me, no_turn, 0, 9).await));
    assert!(is_missing(&store.request_stop(&me, no_turn).await));
    let there = subject.conversation().await.id;
    assert!(is_missing(
        &store.history(&me, there, MessageId::new(), 9).await
    ));
}

pub(super) fn is_missing<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(_)))
}

/// A deleted conversation is gone with its messages, turns and logs, and no other is.
pub async fn a_deletion_takes_all_that_hangs_under(subject: &Subject) {
    let store = &subject.store;
    let (gone, kept) = (
        subject.conversation().await.id,
        subject.conversation().await.id,
    );
    let (old, other) = (subject.answered(gone).await, subject.answered(kept).await);
    let turn = subject.running(gone).await;
    subject.append(&turn, batch(1, 3)).await;

    store.delete_conversation(&alice(), gone).await.unwrap();
    for store in [&subject.store, &subject.other] {
        assert!(is_missing(&store.conversation(&alice(), gone).await));
        assert!(is_missing(
            &store.messages(&alice(), gone, page(9, None)).await
        ));
        for id in [old.key.turn_id, turn.key.turn_id] {
            assert!(is_missing(&store.turn(&alice(), id).await));
            assert!(is_missing(&store.events(&alice(), id, 0, 99).await));
            assert!(is_missing(&store.request_stop(&alice(), id).await));
        }
    }
    assert!(is_missing(&store.delete_conversation(&alice(), gone).await));
    let listed = store
        .conversations(&alice(), query(9, None, None))
        .await
        .unwrap();
    assert_eq!(
        listed.items.iter().map(|left| left.id).collect::<Vec<_>>(),
        [kept]
    );
    assert_eq!(subject.messages(kept).await.len(), 2);
    assert_eq!(subject.log(&other).await.len(), 1);
}
