//! How many jobs there are.

use std::time::Duration;

use tidewire_domain::QueueStats;

use super::scene::{LONG, Subject, job};

/// Whichever way it is.
pub async fn every_job_is_counted_once(subject: &Subject) {
    let count = async || QueueStats {
        // Where the queue knows.
        oldest_age: None,
        ..subject.other.stats().await.unwrap()
    };
    assert_eq!(count().await, QueueStats::default());
    for _ in 0..3 {
        subject.enqueue(&job("alice")).await;
    }
    let first = subject.queue.receive(1, LONG, LONG).await.unwrap();
    let second = subject.queue.receive(1, LONG, LONG).await.unwrap();
    subject.queue.bury(&first[0], "broken").await.unwrap();
    subject.queue.enqueue(&job("alice"), LONG).await.unwrap();
    let mut expected = QueueStats {
        ready: 1,
        delayed: 1,
        in_flight: 1,
        dead: 1,
        oldest_age: None,
    };
    assert_eq!(count().await, expected);
    let give_back = subject.queue.give_back(&second[0].receipt, Duration::ZERO);
    give_back.await.unwrap();
    (expected.ready, expected.in_flight) = (2, 0);
    assert_eq!(count().await, expected);
}
