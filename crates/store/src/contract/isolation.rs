//! What is one principal's is not there for another.

use tidewire_domain::{
    Appended, ConversationId, ConversationPatch, ConversationQuery, FinishTurn, Lease,
    NewConversation, Store, StoreError, TurnKey, TurnState,
};

use super::{
    conversations::is_missing,
    scene::{
        Subject, alice, append_to, at, batch, bob, finish, holder, idempotent, page, producer,
        request,
    },
};

fn everything() -> ConversationQuery {
    ConversationQuery {
        page: page(100, None),
        title_contains: None,
    }
}

async fn bobs_conversation(store: &dyn Store) -> ConversationId {
    let new = NewConversation::default();
    store
        .create_conversation(&bob(), new, at(0))
        .await
        .unwrap()
        .id
}

/// Every reading method answers as if there were nothing.
pub async fn nobody_reads_what_is_anothers(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let (id, turn_id) = (turn.key.conversation_id, turn.key.turn_id);
    subject.append(&turn, batch(1, 1)).await;
    let (store, bob) = (&subject.store, bob());
    assert!(is_missing(&store.conversation(&bob, id).await));
    assert!(is_missing(&store.messages(&bob, id, page(9, None)).await));
    assert!(is_missing(
        &store.history(&bob, id, turn.message_id, 99).await
    ));
    assert!(is_missing(&store.turn(&bob, turn_id).await));
    assert!(is_missing(&store.events(&bob, turn_id, 0, 99).await));
    assert_eq!(
        store.conversations(&bob, everything()).await.unwrap().items,
        []
    );
    let own = bobs_conversation(&**store).await;
    assert!(is_missing(
        &store.history(&bob, own, turn.message_id, 99).await
    ));
}

/// Every writing method answers as if there were nothing, and changes nothing.
pub async fn nobody_writes_what_is_anothers(subject: &Subject) {
    let turn = subject
        .begin(idempotent(subject.conversation().await.id, "k", 1))
        .await;
    let (id, turn_id) = (turn.key.conversation_id, turn.key.turn_id);
    let conversation = subject.store.conversation(&alice(), id).await.unwrap();
    let messages = subject.messages(id).await;
    let store = &subject.store;

    let patch = ConversationPatch {
        title: Some("mine now".into()),
        ..ConversationPatch::default()
    };
    assert!(is_missing(
        &store.update_conversation(&bob(), id, patch, at(5)).await
    ));
    assert!(is_missing(&store.delete_conversation(&bob(), id).await));
    assert!(is_missing(&store.begin_turn(&bob(), request(id)).await));
    assert!(is_missing(
        &store.begin_turn(&bob(), idempotent(id, "k", 1)).await
    ));
    assert!(is_missing(&store.request_stop(&bob(), turn_id).await));

    assert_eq!(
        store.conversation(&alice(), id).await.unwrap(),
        conversation
    );
    assert_eq!(subject.messages(id).await, messages);
    let said = subject.append(&turn, batch(1, 1)).await;
    assert_eq!(
        said,
        Appended::Stored {
            stop_requested: false
        }
    );
}

/// A key with another principal or another conversation names no turn.
pub async fn a_turn_is_found_only_by_its_whole_address(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let store = &subject.store;
    let wrong = [
        TurnKey {
            principal: bob(),
            ..turn.key.clone()
        },
        TurnKey {
            conversation_id: subject.conversation().await.id,
            ..turn.key.clone()
        },
        TurnKey {
            conversation_id: bobs_conversation(&**store).await,
            principal: bob(),
            ..turn.key.clone()
        },
    ];
    for key in wrong {
        let mut append = append_to(&turn, batch(1, 1));
        append.key = key.clone();
        let said = store
            .append(&producer(), vec![append], at(1))
            .await
            .unwrap();
        assert_eq!(said, [Appended::LeaseLost]);
        let end = FinishTurn {
            key: key.clone(),
            ..finish(&turn)
        };
        assert!(matches!(
            store.finish_turn(end).await,
            Err(StoreError::LeaseLost)
        ));
        let renewal = store
            .renew(&producer(), vec![(key.clone(), 1)], at(1))
            .await
            .unwrap();
        assert_eq!(renewal.lost, [turn.key.turn_id]);
        let TurnState::Running(seen) = &turn.state else {
            panic!("it runs");
        };
        let lease = Lease {
            key,
            ..seen.clone()
        };
        assert_eq!(
            store.take_over(&lease, &holder(2), at(2)).await.unwrap(),
            None
        );
    }
    assert_eq!(subject.log(&turn).await, []);
    let now = subject
        .other
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    assert_eq!(now, turn);
}

/// Lists hold one's own, cursors open nothing else, and keys of two principals never meet.
pub async fn lists_and_keys_are_each_principals_own(subject: &Subject) {
    let store = &subject.store;
    let mut hers = Vec::new();
    for _ in 0..3 {
        hers.push(subject.conversation().await.id);
    }
    let his = bobs_conversation(&**store).await;
    let query = ConversationQuery {
        page: page(1, None),
        ..everything()
    };
    let first = store.conversations(&alice(), query).await.unwrap();
    let mut with_her_cursor = everything();
    with_her_cursor.page.cursor = first.next_cursor;
    // A refusal would do as well; her rows would not.
    if let Ok(found) = store.conversations(&bob(), with_her_cursor).await {
        assert!(found.items.iter().all(|found| found.id == his));
    }
    let found = store
        .conversations(&bob(), everything())
        .await
        .unwrap()
        .items;
    assert_eq!(
        found.iter().map(|found| found.id).collect::<Vec<_>>(),
        [his]
    );
    let found = store
        .conversations(&alice(), everything())
        .await
        .unwrap()
        .items;
    assert_eq!(found.len(), 3);

    subject.begin(idempotent(hers[0], "k", 1)).await;
    let begun = store
        .begin_turn(&bob(), idempotent(his, "k", 2))
        .await
        .unwrap();
    assert!(matches!(begun, tidewire_domain::BegunTurn::Started { .. }));
}
