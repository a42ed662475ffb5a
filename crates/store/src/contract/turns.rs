//! Turns begin, are joined, and are asked to stop.

use std::sync::Arc;

use tidewire_domain::{
    Appended, BegunTurn, Lease, MessageId, NewConversation, Role, StoreError, TurnState,
};

use super::scene::{
    Subject, alice, append_to, at, batch, finish, idempotent, producer, request, text,
};

/// The question, the empty answer and the turn appear together, and the conversation names it.
pub async fn a_turn_begins_with_its_messages(subject: &Subject) {
    let id = subject.conversation().await.id;
    let begin = request(id);
    let (question, parts) = begin.user_message.clone().unwrap();
    let said = subject.store.begin_turn(&alice(), begin.clone()).await;
    let BegunTurn::Started { turn, conversation } = said.unwrap() else {
        panic!("joined nothing");
    };
    assert_eq!(turn.key.turn_id, begin.turn_id);
    assert_eq!(
        (&turn.key.principal, turn.key.conversation_id),
        (&alice(), id)
    );
    assert_eq!(
        (turn.message_id, turn.parent_id),
        (begin.message_id, Some(question))
    );
    assert_eq!(
        (turn.model.as_str(), turn.last_seq, turn.created_at),
        ("a-model", 0, at(1))
    );
    let lease = Lease {
        key: turn.key.clone(),
        epoch: 1,
        holder: producer(),
        renewed_at: at(1),
    };
    assert_eq!(turn.state, TurnState::Running(lease));
    assert_eq!(conversation.active_turn, Some(begin.turn_id));
    assert_eq!(
        (conversation.created_at, conversation.updated_at),
        (at(0), at(1))
    );
    assert_eq!(
        subject.other.conversation(&alice(), id).await.unwrap(),
        conversation
    );
    assert_eq!(
        subject.other.turn(&alice(), begin.turn_id).await.unwrap(),
        turn
    );

    let messages = subject.messages(id).await;
    assert_eq!(messages.len(), 2);
    assert_eq!((messages[0].id, messages[0].parent_id), (question, None));
    assert_eq!((messages[0].role, &messages[0].parts), (Role::User, &parts));
    assert_eq!((messages[0].turn_id, messages[0].created_at), (None, at(1)));
    assert_eq!(
        (messages[1].id, messages[1].parent_id),
        (begin.message_id, Some(question))
    );
    assert_eq!(
        (messages[1].role, messages[1].parts.len()),
        (Role::Assistant, 0)
    );
    assert_eq!(messages[1].turn_id, Some(begin.turn_id));
    assert_eq!((messages[1].finish_reason, messages[1].usage), (None, None));
}

/// A turn's title is taken once.
pub async fn a_turn_names_the_conversation_that_has_no_title(subject: &Subject) {
    let new = NewConversation {
        title: Some("Mine".into()),
        ..NewConversation::default()
    };
    let named = subject
        .store
        .create_conversation(&alice(), new, at(0))
        .await
        .unwrap();
    let bare = subject.conversation().await;
    for (id, titles) in [(named.id, ["Mine", "Mine"]), (bare.id, ["First", "First"])] {
        for (offered, expected) in ["First", "Second"].into_iter().zip(titles) {
            let mut begin = request(id);
            begin.title = Some(offered.into());
            let turn = subject.begin(begin).await;
            subject.store.finish_turn(finish(&turn)).await.unwrap();
            let read = subject.store.conversation(&alice(), id).await.unwrap();
            assert_eq!(read.title.as_deref(), Some(expected));
        }
    }
}

/// A second request is refused with the turn that runs, and stores nothing.
pub async fn one_turn_runs_at_a_time(subject: &Subject) {
    let id = subject.conversation().await.id;
    let turn = subject.running(id).await;
    match subject.other.begin_turn(&alice(), request(id)).await {
        Err(StoreError::TurnActive(active)) => assert_eq!(*active, turn),
        other => panic!("{other:?}"),
    }
    assert_eq!(subject.messages(id).await.len(), 2);
    let elsewhere = subject.conversation().await.id;
    subject.running(elsewhere).await;
    subject.store.finish_turn(finish(&turn)).await.unwrap();
    subject.running(id).await;
}

/// A repeated request finds its turn, running or over; another request under its key is refused.
pub async fn the_same_request_joins_its_turn(subject: &Subject) {
    let id = subject.conversation().await.id;
    let turn = subject.begin(idempotent(id, "k", 1)).await;
    let again = subject
        .other
        .begin_turn(&alice(), idempotent(id, "k", 1))
        .await
        .unwrap();
    assert_eq!(again, BegunTurn::Joined(turn.clone()));
    let mismatch = subject
        .store
        .begin_turn(&alice(), idempotent(id, "k", 2))
        .await;
    assert!(matches!(mismatch, Err(StoreError::IdempotencyMismatch)));
    let active = subject
        .store
        .begin_turn(&alice(), idempotent(id, "other", 1))
        .await;
    assert!(matches!(active, Err(StoreError::TurnActive(_))));

    subject.store.finish_turn(finish(&turn)).await.unwrap();
    let over = subject
        .store
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    let again = subject
        .store
        .begin_turn(&alice(), idempotent(id, "k", 1))
        .await
        .unwrap();
    assert_eq!(again, BegunTurn::Joined(over));
    // A second turn runs, and still the first is what the key names.
    subject.begin(idempotent(id, "l", 1)).await;
    let again = subject
        .store
        .begin_turn(&alice(), idempotent(id, "k", 1))
        .await
        .unwrap();
    assert!(matches!(again, BegunTurn::Joined(joined) if joined.key == turn.key));
    assert_eq!(subject.messages(id).await.len(), 4);
    let elsewhere = subject.conversation().await.id;
    let fresh = subject.begin(idempotent(elsewhere, "k", 2)).await;
    assert_ne!(fresh.key, turn.key);
}

/// Of requests that come at once, in several processes, one begins the turn and the others join it.
pub async fn requests_that_race_begin_one_turn(subject: &Subject) {
    let id = subject.conversation().await.id;
    let mut racing = Vec::new();
    for number in 0..8 {
        let store = Arc::clone(if number % 2 == 0 {
            &subject.store
        } else {
            &subject.other
        });
        let begin = idempotent(id, "k", 1);
        racing.push(tokio::spawn(async move {
            store.begin_turn(&alice(), begin).await
        }));
    }
    let (mut started, mut turns) = (0, Vec::new());
    for raced in racing {
        match raced.await.unwrap().unwrap() {
            BegunTurn::Started { turn, .. } => {
                started += 1;
                turns.push(turn.key);
            }
            BegunTurn::Joined(turn) => turns.push(turn.key),
        }
    }
    assert_eq!((started, turns.len()), (1, 8));
    assert!(turns.iter().all(|key| *key == turns[0]));
    assert_eq!(subject.messages(id).await.len(), 2);
}

/// Whoever asks, the producer learns it with its next append and with its next renewal.
pub async fn a_stop_is_told_to_the_producer(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let calm = subject.running(subject.conversation().await.id).await;
    let said = subject.append(&turn, batch(1, 2)).await;
    assert_eq!(
        said,
        Appended::Stored {
            stop_requested: false
        }
    );
    let held = vec![(turn.key.clone(), 1), (calm.key.clone(), 1)];
    let renewal = subject
        .store
        .renew(&producer(), held.clone(), at(6))
        .await
        .unwrap();
    assert_eq!((renewal.stop_requested, renewal.lost), (vec![], vec![]));

    for _ in 0..2 {
        let was = subject
            .other
            .request_stop(&alice(), turn.key.turn_id)
            .await
            .unwrap();
        assert_eq!((was.key, was.last_seq), (turn.key.clone(), 2));
        assert!(matches!(was.state, TurnState::Running(_)));
    }
    let appends = vec![append_to(&calm, batch(1, 1)), append_to(&turn, batch(3, 3))];
    let said = subject
        .store
        .append(&producer(), appends, at(7))
        .await
        .unwrap();
    let [calm_said, said] = said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(
        calm_said,
        Appended::Stored {
            stop_requested: false
        }
    );
    assert_eq!(
        said,
        Appended::Stored {
            stop_requested: true
        }
    );
    let renewal = subject
        .store
        .renew(&producer(), held.clone(), at(8))
        .await
        .unwrap();
    assert_eq!(renewal.stop_requested, [turn.key.turn_id]);
    assert_eq!(renewal.lost, []);

    let mut end = finish(&turn);
    (end.batch.first_seq, end.batch.last_seq) = (4, 4);
    subject.store.finish_turn(end).await.unwrap();
    let renewal = subject.store.renew(&producer(), held, at(9)).await.unwrap();
    assert_eq!(renewal.stop_requested, []);
}

/// It changes nothing, and a later turn of the conversation knows nothing of it.
pub async fn a_stop_of_what_is_over_does_nothing(subject: &Subject) {
    let id = subject.conversation().await.id;
    let turn = subject.answered(id).await;
    let over = subject
        .store
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    let was = subject
        .store
        .request_stop(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    assert_eq!(was, over);
    assert_eq!(
        subject
            .store
            .turn(&alice(), turn.key.turn_id)
            .await
            .unwrap(),
        over
    );
    let mut begin = request(id);
    begin.user_message = Some((MessageId::new(), text("go on")));
    let next = subject.begin(begin).await;
    let said = subject.append(&next, batch(1, 1)).await;
    assert_eq!(
        said,
        Appended::Stored {
            stop_requested: false
        }
    );
}
