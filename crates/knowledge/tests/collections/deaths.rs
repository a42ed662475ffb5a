//! A publisher that dies at any of its calls loses nothing, doubles nothing, and publishes nothing
//! in part.

use std::time::Duration;

use tidewire_domain::{DocumentStatus, DocumentStep, Library};

use crate::{
    faults::Death,
    scene::{World, alice, find_texts, name},
};

/// Whether the publisher came to its end before its death.
async fn publish_until_death(calls: u32, is_after: bool) -> bool {
    let world = World::new();
    let first = world.process("first");
    let changed = world.read(&first, &alice(), "tide before").await;
    let gone = world.read(&first, &alice(), "tide gone").await;
    let kept = world.read(&first, &alice(), "tide kept").await;
    first.publish(&alice(), &name()).await.unwrap();
    world
        .step(&alice(), changed, DocumentStep::Requeued { size_bytes: 1 })
        .await;
    world
        .read_again(&first, &alice(), changed, "tide after")
        .await;
    world.delete(&alice(), gone).await;
    let added = world.read(&first, &alice(), "tide added").await;

    let death = Death::at(calls, is_after);
    let mortal = world.mortal("mortal", &death);
    let (whose, collection) = (alice(), name());
    let has_ended = tokio::select! {
        ended = mortal.publish(&whose, &collection) => { ended.unwrap(); true }
        () = death.died.notified() => false,
    };
    drop(mortal);

    // Meanwhile readers see one version or the other, whole.
    let seen = find_texts(&world.process("reader"), "tide").await;
    let (before, after) = (
        ["tide before", "tide gone", "tide kept"],
        ["tide added", "tide after", "tide kept"],
    );
    assert!(seen == before || seen == after, "{seen:?}");

    let next = world.process("next");
    let publishing = next.publish(&whose, &collection);
    let published = tokio::time::timeout(Duration::from_secs(30), publishing).await;
    published.unwrap().unwrap();
    assert_eq!(find_texts(&next, "tide").await, after);
    assert_eq!(find_texts(&world.process("late"), "tide").await, after);
    for id in [changed, kept, added] {
        assert_eq!(world.status(id).await, DocumentStatus::Ready);
    }
    let pending = world.library.pending_documents(&alice(), &name(), 9).await;
    assert_eq!(pending.unwrap(), []);

    // What the dead one left behind goes with the next version.
    world.read(&next, &alice(), "tide last").await;
    next.publish(&alice(), &name()).await.unwrap();
    assert_eq!(world.index_files().len(), 2, "{:?}", world.index_files());
    has_ended
}

#[tokio::test]
async fn a_publisher_that_dies_before_a_call_does_no_harm() {
    let mut calls = 0;
    while !publish_until_death(calls, false).await {
        calls += 1;
        assert!(calls < 100, "it never ends");
    }
    assert!(calls > 10, "only {calls} calls");
}

#[tokio::test]
async fn a_publisher_that_dies_after_a_call_does_no_harm() {
    let mut calls = 0;
    while !publish_until_death(calls, true).await {
        calls += 1;
        assert!(calls < 100, "it never ends");
    }
    assert!(calls > 10, "only {calls} calls");
}
