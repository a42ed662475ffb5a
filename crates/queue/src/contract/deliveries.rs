//! How jobs are handed out, and how long for.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tidewire_domain::{
    ConversationId, Holder, Job, Lease, PrincipalId, QueueError, SourceId, Timestamp, TurnId,
    TurnKey,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::scene::{LONG, LONGER, SHORT, Subject, job, take};

/// Every job there is, of principals with any name.
fn every_job() -> Vec<Job> {
    let odd = PrincipalId::new("\0 \u{1b}\"\\/ü€😀\u{2028}\u{fffe}\u{ffff}\r\n");
    let lease = Lease {
        key: TurnKey {
            principal: odd.clone(),
            conversation_id: ConversationId::new(),
            turn_id: TurnId::new(),
        },
        epoch: u64::MAX,
        holder: Holder {
            id: Uuid::from_bytes([7; 16]),
            host: "a host".into(),
            pid: u32::MAX,
            started: u64::MAX,
        },
        renewed_at: Timestamp::from_millis(1_790_000_000_123),
    };
    vec![
        job(""),
        Job::PublishCollection {
            principal: odd.clone(),
            collection: "notes".parse().unwrap(),
        },
        Job::RefreshSource {
            principal: odd.clone(),
            source_id: SourceId::new(),
        },
        Job::RunTurn { lease },
        Job::DeleteUserData { principal: odd },
    ]
}

/// In any order, each under the name that it was given when it was added.
pub async fn jobs_come_back_whole(subject: &Subject) {
    let mut added = Vec::new();
    for job in every_job() {
        let id = subject.queue.enqueue(&job, Duration::ZERO).await.unwrap();
        added.push((id, job));
    }
    let mut found = Vec::new();
    while found.len() < added.len() {
        let jobs = subject.other.receive(10, LONG, LONG).await.unwrap();
        assert!(!jobs.is_empty(), "{found:?}");
        for delivery in jobs {
            assert_eq!(delivery.attempt, 1);
            assert!(delivery.enqueued_at.as_millis() > 1_700_000_000_000);
            found.push((delivery.id, delivery.job.unwrap()));
        }
    }
    found.sort_by_key(|(id, _)| *id);
    assert_eq!(found, added);
}

/// Without waiting.
pub async fn an_empty_queue_answers_at_once_where_nobody_waits(subject: &Subject) {
    subject.expect_nothing_for(Duration::ZERO).await;
}

/// From its own process, and from another one.
pub async fn a_worker_that_waits_gets_the_job_that_comes(subject: &Subject) {
    for enqueuer in [&subject.queue, &subject.other] {
        let job = job("alice");
        let (delivery, id) = tokio::join!(
            biased;
            take(&*subject.queue, LONG),
            enqueuer.enqueue(&job, Duration::ZERO),
        );
        assert_eq!((delivery.id, delivery.job), (id.unwrap(), Ok(job)));
    }
}

/// To all workers, while others still get theirs.
pub async fn what_is_handed_out_is_invisible(subject: &Subject) {
    let (first, second) = (job("first"), job("second"));
    subject.enqueue(&first).await;
    assert_eq!(subject.take(LONG).await.job, Ok(first));
    subject.expect_nothing_for(Duration::ZERO).await;
    subject.enqueue(&second).await;
    assert_eq!(take(&*subject.other, LONG).await.job, Ok(second));
}

/// With the same name, and counted.
pub async fn what_was_not_ended_comes_again(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let first = subject.take(SHORT).await;
    let second = take(&*subject.other, SHORT).await;
    let third = subject.take(LONG).await;
    assert_eq!((first.attempt, second.attempt, third.attempt), (1, 2, 3));
    for again in [&second, &third] {
        assert_eq!((again.id, &again.job), (first.id, &first.job));
        assert_eq!(again.enqueued_at, first.enqueued_at);
        assert_ne!(again.receipt, first.receipt);
    }
}

/// From the moment on when it is extended, which may also make it shorter.
pub async fn a_delivery_is_kept_by_extending_it(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let delivery = subject.take(SHORT).await;
    subject.queue.extend(&delivery.receipt, LONG).await.unwrap();
    subject.expect_nothing_for(LONGER).await;
    subject
        .queue
        .extend(&delivery.receipt, SHORT)
        .await
        .unwrap();
    assert_eq!(take(&*subject.other, LONG).await.attempt, 2);
}

/// Though more are there.
pub async fn no_more_are_handed_out_than_were_asked_for(subject: &Subject) {
    for _ in 0..12 {
        subject.enqueue(&job("alice")).await;
    }
    let mut ids = HashSet::new();
    for max in [1, 3, 10] {
        let found = subject.queue.receive(max, LONG, LONG).await.unwrap();
        assert!((1..=max as usize).contains(&found.len()), "{found:?}");
        ids.extend(found.iter().map(|delivery| delivery.id));
    }
    while ids.len() < 12 {
        let found = subject.queue.receive(10, LONG, LONG).await.unwrap();
        ids.extend(found.iter().map(|delivery| delivery.id));
    }
    subject.expect_nothing_for(Duration::ZERO).await;
}

/// Eight of them, in two processes.
pub async fn workers_at_once_never_get_the_same_delivery(subject: &Subject) {
    const JOBS: usize = 40;
    for _ in 0..JOBS {
        subject.enqueue(&job("alice")).await;
    }
    let mut workers = JoinSet::new();
    for number in 0..8 {
        let queue = Arc::clone(if number % 2 == 0 {
            &subject.queue
        } else {
            &subject.other
        });
        workers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let found = queue.receive(3, Duration::ZERO, LONG).await.unwrap();
                if found.is_empty() {
                    return mine;
                }
                mine.extend(found.into_iter().map(|delivery| delivery.id));
            }
        });
    }
    let all = workers.join_all().await.concat();
    let ids: HashSet<_> = all.iter().collect();
    assert_eq!((all.len(), ids.len()), (JOBS, JOBS));
}

/// And then it comes.
pub async fn a_delay_holds_a_job_back(subject: &Subject) {
    let delayed = job("alice");
    subject.queue.enqueue(&delayed, LONGER).await.unwrap();
    subject.expect_nothing_for(Duration::ZERO).await;
    let delivery = take(&*subject.other, LONG).await;
    assert_eq!((delivery.job, delivery.attempt), (Ok(delayed), 1));
}

/// Longer than a queue may delay a message by itself.
pub async fn a_delay_of_a_day_holds_a_job_back(subject: &Subject) {
    let day = Duration::from_hours(24);
    subject.queue.enqueue(&job("alice"), day).await.unwrap();
    subject.expect_nothing_for(SHORT).await;
    let stats = subject.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.delayed), (0, 1));
}

/// With its size and the most that is taken.
pub async fn a_job_that_is_too_large_is_refused(subject: &Subject) {
    let fits = job(&"x".repeat(240 * 1024));
    subject.enqueue(&fits).await;
    assert_eq!(subject.take(LONG).await.job, Ok(fits));
    let refused = subject
        .queue
        .enqueue(&job(&"x".repeat(256 * 1024)), Duration::ZERO)
        .await;
    let Err(QueueError::TooLarge {
        size_bytes,
        max_bytes,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(size_bytes > max_bytes && max_bytes > 240 * 1024);
    subject.expect_nothing_for(Duration::ZERO).await;
}
