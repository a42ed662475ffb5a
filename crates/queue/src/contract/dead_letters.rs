//! Jobs that are given up.

use std::time::Duration;

use tidewire_domain::{DeadJob, MAX_DELIVERIES};

use super::scene::{LONG, LONGER, SHORT, Subject, job};

async fn the_only_dead(subject: &Subject) -> DeadJob {
    let mut dead = subject.other.dead_jobs(10).await.unwrap();
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert_eq!(subject.queue.stats().await.unwrap().dead, 1);
    dead.remove(0)
}

/// Whether it was given back or its worker was never heard of again.
pub async fn the_fifth_delivery_is_the_last(subject: &Subject) {
    let poison = job("alice");
    subject.enqueue(&poison).await;
    let mut id = None;
    for attempt in 1..=MAX_DELIVERIES {
        let delivery = subject.take(SHORT).await;
        assert_eq!(delivery.attempt, attempt);
        id = Some(delivery.id);
        if attempt % 2 == 1 && attempt < MAX_DELIVERIES {
            let give_back = subject.queue.give_back(&delivery.receipt, Duration::ZERO);
            give_back.await.unwrap();
        }
    }
    subject.expect_nothing_for(LONGER).await;
    let dead = the_only_dead(subject).await;
    assert_eq!(Some(dead.id), id);
    assert_eq!((dead.job, dead.attempts), (Ok(poison), MAX_DELIVERIES));
    assert!(dead.reason.contains("5 times"), "{}", dead.reason);
}

/// And is not handed out again.
pub async fn what_is_buried_is_kept_with_the_reason(subject: &Subject) {
    let broken = job("alice");
    subject.enqueue(&broken).await;
    subject
        .queue
        .give_back(&subject.take(LONG).await.receipt, Duration::ZERO)
        .await
        .unwrap();
    let delivery = subject.take(LONG).await;
    let reason = "the file is \"no\" PDF: größer als erlaubt";
    subject.queue.bury(&delivery, reason).await.unwrap();
    subject.expect_nothing_for(Duration::ZERO).await;
    let dead = the_only_dead(subject).await;
    assert_eq!((dead.id, dead.job), (delivery.id, Ok(broken)));
    assert_eq!((dead.attempts, dead.reason.as_str()), (2, reason));
    assert!(dead.at >= delivery.enqueued_at);
}

/// Also none, one of control characters, and one without end, of which the beginning is.
pub async fn any_reason_is_kept(subject: &Subject) {
    for (reason, begins) in [
        (String::new(), ""),
        ("a\0b\u{1b}c\u{ffff}d\te".into(), "a"),
        ("ü".repeat(400_000), "üüüü"),
    ] {
        subject.enqueue(&job("alice")).await;
        let delivery = subject.take(LONG).await;
        subject.queue.bury(&delivery, &reason).await.unwrap();
        let dead = subject.queue.dead_jobs(10).await.unwrap();
        let dead = dead.iter().find(|dead| dead.id == delivery.id).unwrap();
        assert!(dead.reason.starts_with(begins), "{}", dead.reason);
    }
}

/// As often as somebody asks, and as many as are asked for.
pub async fn dead_letters_can_be_looked_at_again(subject: &Subject) {
    let mut ids = Vec::new();
    for _ in 0..12 {
        subject.enqueue(&job("alice")).await;
        let delivery = subject.take(LONG).await;
        ids.push(delivery.id);
        subject.queue.bury(&delivery, "broken").await.unwrap();
    }
    for queue in [&subject.queue, &subject.other, &subject.queue] {
        let some = queue.dead_jobs(3).await.unwrap();
        assert!((1..=3).contains(&some.len()), "{some:?}");
        let all = queue.dead_jobs(50).await.unwrap();
        let mut seen: Vec<_> = all.iter().map(|dead| dead.id).collect();
        seen.sort_unstable();
        assert_eq!(seen, ids);
    }
    assert_eq!(subject.queue.stats().await.unwrap().dead, 12);
}

/// As the text that it is.
pub async fn what_nobody_can_read_is_delivered_and_buried(subject: &Subject) {
    subject.write("no JSON, \"but ä text").await;
    let delivery = subject.take(LONG).await;
    assert_eq!(delivery.job, Err("no JSON, \"but ä text".into()));
    subject.queue.bury(&delivery, "unreadable").await.unwrap();
    let dead = the_only_dead(subject).await;
    assert_eq!((dead.id, &dead.job), (delivery.id, &delivery.job));
    assert_eq!(dead.reason, "unreadable");
}

/// Until a release comes that can read it.
pub async fn a_job_of_another_release_keeps_its_text(subject: &Subject) {
    let newer = r#"{"job":"fly_to_the_moon","v":2,"fuel":[1.5]}"#;
    subject.write(newer).await;
    let delivery = subject.take(SHORT).await;
    assert_eq!(delivery.job, Err(newer.into()));
    assert_eq!(subject.take(LONG).await.job, Err(newer.into()));
}
