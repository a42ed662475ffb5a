//! Who may write a turn, and who no longer.

use tidewire_domain::{Appended, Lease, TurnState};

use super::scene::{Subject, alice, append_to, at, batch, bob, finish, holder, producer, request};

const STORED: Appended = Appended::Stored {
    stop_requested: false,
};

fn lease(turn: &tidewire_domain::Turn) -> Lease {
    match &turn.state {
        TurnState::Running(lease) => lease.clone(),
        TurnState::Finished(reason) => panic!("over: {reason:?}"),
    }
}

/// Another holder, or another epoch, stores nothing.
pub async fn only_the_holder_appends(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let append = append_to(&turn, batch(1, 1));
    let said = subject
        .other
        .append(&holder(2), vec![append.clone()], at(5))
        .await
        .unwrap();
    assert_eq!(said, [Appended::LeaseLost]);
    for epoch in [0, 2, u64::MAX] {
        let mut append = append.clone();
        append.epoch = epoch;
        let said = subject
            .store
            .append(&producer(), vec![append], at(5))
            .await
            .unwrap();
        assert_eq!(said, [Appended::LeaseLost]);
    }
    assert_eq!(subject.log(&turn).await, []);
    assert_eq!(subject.append(&turn, batch(1, 1)).await, STORED);
}

/// Of those that find a holder dead one gets the lease; the old holder can do nothing more.
pub async fn one_of_two_takes_over(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    subject.append(&turn, batch(1, 2)).await;
    let seen = lease(
        &subject
            .other
            .turn(&alice(), turn.key.turn_id)
            .await
            .unwrap(),
    );
    let (two, three) = (holder(2), holder(3));
    let (a, b) = tokio::join!(
        subject.store.take_over(&seen, &two, at(100)),
        subject.other.take_over(&seen, &three, at(101)),
    );
    let taken: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken.len(), 1, "{taken:?}");
    let taken = &taken[0];
    assert_eq!((taken.epoch, &taken.key), (2, &turn.key));
    assert!(taken.holder == two || taken.holder == three);
    let read = subject
        .store
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    assert_eq!(lease(&read), *taken);

    assert_eq!(
        subject.append(&turn, batch(3, 3)).await,
        Appended::LeaseLost
    );
    assert!(subject.store.finish_turn(finish(&turn)).await.is_err());
    assert_eq!(subject.log(&turn).await, [batch(1, 2)]);
    let said = subject
        .store
        .append(&taken.holder, vec![append_to(&read, batch(3, 3))], at(102));
    assert_eq!(said.await.unwrap(), [STORED]);
    assert_eq!(subject.log(&turn).await, [batch(1, 2), batch(3, 3)]);
    let mut end = finish(&read);
    (end.batch.first_seq, end.batch.last_seq) = (4, 4);
    subject.store.finish_turn(end).await.unwrap();
}

/// A sign of life after the look, or an end, and the lease stays where it is.
pub async fn what_was_renewed_is_not_taken_over(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let seen = lease(&turn);
    let attempt = async |seen: &Lease| {
        subject
            .other
            .take_over(seen, &holder(2), at(100))
            .await
            .unwrap()
    };
    let now = async || {
        lease(
            &subject
                .other
                .turn(&alice(), turn.key.turn_id)
                .await
                .unwrap(),
        )
    };

    subject.append(&turn, batch(1, 1)).await;
    assert_eq!(attempt(&seen).await, None);
    let seen = now().await;
    subject
        .store
        .renew(&producer(), vec![(turn.key.clone(), 1)], at(20))
        .await
        .unwrap();
    assert_eq!(attempt(&seen).await, None);
    let seen = now().await;
    subject
        .store
        .register_holder(&producer(), at(30))
        .await
        .unwrap();
    assert_eq!(attempt(&seen).await, None);

    let seen = now().await;
    let wrong_epoch = Lease {
        epoch: 2,
        ..seen.clone()
    };
    let wrong_holder = Lease {
        holder: holder(3),
        ..seen.clone()
    };
    assert_eq!(attempt(&wrong_epoch).await, None);
    assert_eq!(attempt(&wrong_holder).await, None);
    assert_eq!(now().await, seen);

    let mut end = finish(&turn);
    (end.batch.first_seq, end.batch.last_seq) = (2, 2);
    subject.store.finish_turn(end).await.unwrap();
    assert_eq!(attempt(&seen).await, None);
    subject
        .store
        .delete_conversation(&alice(), turn.key.conversation_id)
        .await
        .unwrap();
    assert_eq!(attempt(&seen).await, None);
}

/// An append to one turn, a renewal of another: all turns of the holder live on, and no others.
pub async fn a_holder_renews_all_its_leases(subject: &Subject) {
    let (store, other) = (&subject.store, &subject.other);
    store.register_holder(&producer(), at(0)).await.unwrap();
    let one = subject.running(subject.conversation().await.id).await;
    let two = subject.running(subject.conversation().await.id).await;
    let mut foreign = request(subject.conversation().await.id);
    foreign.holder = holder(2);
    let foreign = subject.begin(foreign).await;
    let renewed = async || {
        let mut moments = Vec::new();
        for turn in [&one, &two, &foreign] {
            let turn = other.turn(&alice(), turn.key.turn_id).await.unwrap();
            moments.push(lease(&turn).renewed_at);
        }
        moments
    };
    assert_eq!(renewed().await, [at(1), at(1), at(1)]);
    subject.append(&one, batch(1, 1)).await;
    assert_eq!(renewed().await, [at(5), at(5), at(1)]);
    store
        .renew(&producer(), vec![(two.key.clone(), 1)], at(40))
        .await
        .unwrap();
    assert_eq!(renewed().await, [at(40), at(40), at(1)]);
    store.register_holder(&holder(2), at(41)).await.unwrap();
    assert_eq!(renewed().await, [at(40), at(40), at(41)]);
}

/// Taken over, ended, or under another epoch: lost. What is held is not.
pub async fn a_renewal_tells_what_was_lost(subject: &Subject) {
    let kept = subject.running(subject.conversation().await.id).await;
    let taken = subject.running(subject.conversation().await.id).await;
    let ended = subject.answered(subject.conversation().await.id).await;
    subject
        .other
        .take_over(&lease(&taken), &holder(2), at(50))
        .await
        .unwrap()
        .unwrap();
    let believed = vec![
        (taken.key.clone(), 1),
        (kept.key.clone(), 1),
        (ended.key.clone(), 1),
    ];
    let renewal = subject
        .store
        .renew(&producer(), believed, at(60))
        .await
        .unwrap();
    assert_eq!(renewal.stop_requested, []);
    assert_eq!(renewal.lost, [taken.key.turn_id, ended.key.turn_id]);
    let renewal = subject
        .store
        .renew(&producer(), vec![(kept.key.clone(), 2)], at(61))
        .await;
    assert_eq!(renewal.unwrap().lost, [kept.key.turn_id]);
    let renewal = subject
        .other
        .renew(&holder(2), vec![(taken.key.clone(), 2)], at(62))
        .await;
    assert_eq!(renewal.unwrap().lost, []);
    let renewal = subject
        .store
        .renew(&holder(4), vec![], at(63))
        .await
        .unwrap();
    assert_eq!((renewal.stop_requested, renewal.lost), (vec![], vec![]));
}

/// Its producer learns it with whatever it does next.
pub async fn a_turn_of_a_deleted_conversation_is_lost(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    subject.append(&turn, batch(1, 1)).await;
    subject
        .other
        .delete_conversation(&alice(), turn.key.conversation_id)
        .await
        .unwrap();
    let renewal = subject
        .store
        .renew(&producer(), vec![(turn.key.clone(), 1)], at(6))
        .await;
    assert_eq!(renewal.unwrap().lost, [turn.key.turn_id]);
    assert_eq!(
        subject.append(&turn, batch(2, 2)).await,
        Appended::LeaseLost
    );
    let mut end = finish(&turn);
    (end.batch.first_seq, end.batch.last_seq) = (2, 2);
    let ended = subject.store.finish_turn(end).await;
    assert!(matches!(ended, Err(tidewire_domain::StoreError::LeaseLost)));
    assert_eq!(subject.store.running().await.unwrap(), []);
}

/// For the reaper: every running turn of every principal and holder, and none that is over.
pub async fn running_turns_are_everybodys(subject: &Subject) {
    assert_eq!(subject.store.running().await.unwrap(), []);
    subject.answered(subject.conversation().await.id).await;
    let one = subject.running(subject.conversation().await.id).await;
    let new = tidewire_domain::NewConversation::default();
    let bobs = subject
        .store
        .create_conversation(&bob(), new, at(0))
        .await
        .unwrap()
        .id;
    let mut begin = request(bobs);
    begin.holder = holder(2);
    subject
        .store
        .begin_turn(&bob(), begin.clone())
        .await
        .unwrap();
    let two = subject.store.turn(&bob(), begin.turn_id).await.unwrap();

    let mut running = subject.other.running().await.unwrap();
    running.sort_by_key(|lease| lease.holder.id);
    assert_eq!(running, [lease(&one), lease(&two)]);
    assert_eq!(running[1].key.principal, bob());
}
