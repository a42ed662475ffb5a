//! How deliveries end.

use std::time::Duration;

use tidewire_domain::{QueueError, Receipt};

use super::scene::{LONG, LONGER, SHORT, Subject, job, take};

/// For good.
pub async fn a_completed_job_is_gone(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let delivery = subject.take(SHORT).await;
    // By another process than the one that it was handed to.
    subject.other.complete(&[delivery.receipt]).await.unwrap();
    subject.expect_nothing_for(LONGER).await;
    let stats = subject.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.in_flight, stats.dead), (0, 0, 0));
}

/// More than fit one request to a remote queue, twice, and some that never were.
pub async fn a_batch_is_completed_though_some_are_lost(subject: &Subject) {
    for _ in 0..13 {
        subject.enqueue(&job("alice")).await;
    }
    let mut receipts = vec![Receipt("none/of/any queue's".into()), Receipt("x".into())];
    while receipts.len() < 15 {
        let found = subject.queue.receive(10, LONG, LONG).await.unwrap();
        receipts.extend(found.into_iter().map(|delivery| delivery.receipt));
    }
    subject.queue.complete(&receipts[2..3]).await.unwrap();
    subject.queue.complete(&receipts).await.unwrap();
    subject.queue.complete(&receipts).await.unwrap();
    subject.queue.complete(&[]).await.unwrap();
    let stats = subject.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.in_flight), (0, 0));
}

/// At once, to whoever asks first.
pub async fn a_job_given_back_comes_again(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let first = subject.take(LONG).await;
    let (second, given_back) = tokio::join!(
        biased;
        take(&*subject.other, LONG),
        subject.queue.give_back(&first.receipt, Duration::ZERO),
    );
    given_back.unwrap();
    assert_eq!((second.id, second.attempt), (first.id, 2));
}

/// Not before its time.
pub async fn a_job_given_back_for_later_comes_later(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let first = subject.take(LONG).await;
    let give_back = subject.queue.give_back(&first.receipt, LONGER);
    give_back.await.unwrap();
    subject.expect_nothing_for(Duration::ZERO).await;
    let second = take(&*subject.other, LONG).await;
    assert_eq!((second.id, second.attempt), (first.id, 2));
}

/// Nor be extended.
pub async fn what_has_ended_cannot_be_ended_otherwise(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let delivery = subject.take(LONG).await;
    let receipt = &delivery.receipt;
    subject
        .queue
        .complete(std::slice::from_ref(receipt))
        .await
        .unwrap();
    for said in [
        subject.queue.extend(receipt, LONG).await,
        subject.queue.give_back(receipt, Duration::ZERO).await,
        subject.queue.bury(&delivery, "too late").await,
    ] {
        assert!(matches!(said, Err(QueueError::ReceiptLost)), "{said:?}");
    }
    subject.expect_nothing_for(Duration::ZERO).await;
    assert_eq!(subject.queue.dead_jobs(10).await.unwrap(), []);
}

/// Though another has the job by now. What becomes of that delivery is not promised.
pub async fn a_worker_that_is_late_is_done_all_the_same(subject: &Subject) {
    subject.enqueue(&job("alice")).await;
    let late = subject.take(SHORT).await;
    let current = take(&*subject.other, LONG).await;
    assert_eq!(current.id, late.id);
    subject.queue.complete(&[late.receipt]).await.unwrap();
    subject.other.complete(&[current.receipt]).await.unwrap();
    let stats = subject.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.in_flight), (0, 0));
}
