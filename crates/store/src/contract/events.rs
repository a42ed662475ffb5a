//! A turn's log is appended to and read.

use bytes::Bytes;
use tidewire_domain::{Appended, EventBatch, FinishTurn, TurnState};

use super::scene::{Subject, alice, append_to, at, batch, finish, holder, producer, request};

const STORED: Appended = Appended::Stored {
    stop_requested: false,
};

/// Batches come back as they went in, and the turn tells its last number.
pub async fn what_was_appended_comes_back(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    assert_eq!(subject.log(&turn).await, []);
    let mut old_format = batch(4, 4);
    old_format.format = 0;
    let mut new_format = batch(5, 1000);
    new_format.format = 255;
    let batches = [batch(1, 3), old_format, new_format];
    for batch in &batches {
        assert_eq!(subject.append(&turn, batch.clone()).await, STORED);
        let read = subject
            .other
            .turn(&alice(), turn.key.turn_id)
            .await
            .unwrap();
        assert_eq!(read.last_seq, batch.last_seq);
    }
    assert_eq!(subject.log(&turn).await, batches);
}

/// After any number, about so many bytes at a time, and never nothing while there is more.
pub async fn a_log_is_read_in_pieces(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let batches = [batch(1, 1), batch(2, 11), batch(12, 12), batch(13, 20)];
    for batch in &batches {
        subject.append(&turn, batch.clone()).await;
    }
    let read = async |after, max_bytes| {
        let page = subject
            .store
            .events(&alice(), turn.key.turn_id, after, max_bytes)
            .await;
        let page = page.unwrap();
        assert_eq!(
            (page.turn.last_seq, page.turn.message_id),
            (20, turn.message_id)
        );
        page.batches
    };
    assert_eq!(read(0, u64::MAX).await, batches);
    assert_eq!(read(1, u64::MAX).await, batches[1..]);
    // The batch that holds the number after it.
    assert_eq!(read(5, u64::MAX).await, batches[1..]);
    assert_eq!(read(11, u64::MAX).await, batches[2..]);
    for beyond in [20, 21, u64::MAX] {
        assert_eq!(read(beyond, u64::MAX).await, []);
    }
    assert_eq!(read(0, 0).await, batches[..1]);
    assert_eq!(read(1, 1).await, batches[1..2]);
    let two = (batches[0].body.len() + batches[1].body.len()) as u64;
    assert_eq!(read(0, two).await, batches[..2]);
    let (mut found, mut after) = (Vec::new(), 0);
    while let Some(last) = read(after, 30)
        .await
        .into_iter()
        .map(|batch| {
            let last = batch.last_seq;
            found.push(batch);
            last
        })
        .last()
    {
        after = last;
    }
    assert_eq!(found, batches);
}

/// A gap, a repetition or an overlap is refused as a lost lease, and nothing is stored.
pub async fn numbers_that_do_not_follow_are_refused(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let numbered = |first_seq, last_seq| EventBatch {
        first_seq,
        last_seq,
        ..batch(1, 1)
    };
    for (first, last) in [(0, 0), (0, 1), (2, 2), (1, 0), (u64::MAX, u64::MAX)] {
        let said = subject.append(&turn, numbered(first, last)).await;
        assert_eq!(
            said,
            Appended::LeaseLost,
            "{first} to {last} in an empty log"
        );
    }
    assert_eq!(subject.append(&turn, batch(1, 3)).await, STORED);
    for (first, last) in [
        (1, 3),
        (1, 4),
        (3, 4),
        (4, 3),
        (5, 5),
        (0, 9),
        (u64::MAX, u64::MAX),
    ] {
        let said = subject.append(&turn, numbered(first, last)).await;
        assert_eq!(said, Appended::LeaseLost, "{first} to {last} after 3");
    }
    assert_eq!(subject.log(&turn).await, [batch(1, 3)]);
    assert_eq!(subject.append(&turn, batch(4, 4)).await, STORED);
}

/// Each append of a call has an answer of its own, in order; a turn may come twice.
pub async fn a_refused_append_leaves_the_others_alone(subject: &Subject) {
    let one = subject.running(subject.conversation().await.id).await;
    let two = subject.running(subject.conversation().await.id).await;
    let mut stale = append_to(&one, batch(1, 1));
    stale.epoch = 0;
    let appends = vec![
        append_to(&one, batch(1, 2)),
        append_to(&two, batch(2, 2)),
        stale,
        append_to(&one, batch(3, 4)),
        append_to(&two, batch(1, 1)),
    ];
    let said = subject
        .store
        .append(&producer(), appends, at(5))
        .await
        .unwrap();
    let lost = Appended::LeaseLost;
    assert_eq!(said, [STORED, lost, lost, STORED, STORED]);
    assert_eq!(subject.log(&one).await, [batch(1, 2), batch(3, 4)]);
    assert_eq!(subject.log(&two).await, [batch(1, 1)]);
    assert_eq!(
        subject
            .store
            .append(&producer(), vec![], at(6))
            .await
            .unwrap(),
        []
    );
}

/// A megabyte in one batch, and hundreds of batches in one call.
pub async fn large_batches_come_back(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    let large = EventBatch {
        body: Bytes::from(
            (0..1_u32 << 20)
                .map(|byte| byte.to_le_bytes()[1])
                .collect::<Vec<_>>(),
        ),
        ..batch(1, 1)
    };
    assert_eq!(subject.append(&turn, large.clone()).await, STORED);
    let small: Vec<_> = (2..=500).map(|number| batch(number, number)).collect();
    let appends = small
        .iter()
        .map(|batch| append_to(&turn, batch.clone()))
        .collect();
    let said = subject
        .store
        .append(&producer(), appends, at(5))
        .await
        .unwrap();
    assert!(said.iter().all(|said| *said == STORED));
    let log = subject.log(&turn).await;
    assert!(log[0] == large, "the large batch changed");
    assert_eq!(log[1..], small);
}

/// What a busy process flushes in one tick.
pub async fn thousands_of_turns_append_at_once(subject: &Subject) {
    let mut turns = Vec::new();
    for _ in 0..2000 {
        let mut begin = request(subject.conversation().await.id);
        begin.holder = holder(2);
        turns.push(subject.begin(begin).await);
    }
    for tick in 1..=3 {
        let appends = turns
            .iter()
            .map(|turn| append_to(turn, batch(tick, tick)))
            .collect();
        let said = subject
            .store
            .append(&holder(2), appends, at(100))
            .await
            .unwrap();
        assert_eq!(said.len(), turns.len());
        assert!(said.iter().all(|said| *said == STORED));
    }
    let read = subject
        .other
        .turn(&alice(), turns[1234].key.turn_id)
        .await
        .unwrap();
    assert_eq!(read.last_seq, 3);
    assert!(matches!(read.state, TurnState::Running(lease) if lease.renewed_at == at(100)));
}

/// A reader that polls while the producer writes sees the turn and its log in one state.
pub async fn a_piece_of_the_log_fits_its_turn(subject: &Subject) {
    const BATCHES: u64 = 300;
    let turn = subject.running(subject.conversation().await.id).await;
    let write = async {
        for number in 1..=BATCHES {
            assert_eq!(subject.append(&turn, batch(number, number)).await, STORED);
        }
        let end = FinishTurn {
            batch: batch(BATCHES + 1, BATCHES + 1),
            ..finish(&turn)
        };
        subject.store.finish_turn(end).await.unwrap();
    };
    let read = async {
        let mut after = 0;
        loop {
            let page = subject
                .other
                .events(&alice(), turn.key.turn_id, after, u64::MAX)
                .await;
            let page = page.unwrap();
            if let Some(last) = page.batches.last() {
                assert_eq!(page.batches[0].first_seq, after + 1);
                after = last.last_seq;
            }
            assert_eq!(after, page.turn.last_seq);
            if matches!(page.turn.state, TurnState::Finished(_)) {
                return after;
            }
        }
    };
    let ((), read) = tokio::join!(write, read);
    assert_eq!(read, BATCHES + 1);
}
