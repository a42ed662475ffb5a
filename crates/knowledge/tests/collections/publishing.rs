//! Publishing.

use std::{sync::Arc, time::Duration};

use tidewire_domain::{DocumentStatus, DocumentStep, Library, StoreError, Timestamp};
use tidewire_knowledge::IndexError;

use crate::scene::{World, alice, find_texts, name};

fn after_ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(Timestamp::now().as_millis() + millis)
}

#[tokio::test]
async fn what_was_read_is_found_once_it_is_published() {
    let world = World::new();
    let process = world.process("cache");
    let id = world
        .read(&process, &alice(), "tides follow the moon")
        .await;
    assert_eq!(find_texts(&process, "tides").await, [""; 0]);
    process
        .publish_until_settled(&alice(), &name(), id)
        .await
        .unwrap();
    assert_eq!(world.status(id).await, DocumentStatus::Ready);
    // At once, in the process that published it.
    assert_eq!(
        find_texts(&process, "tides").await,
        ["tides follow the moon"]
    );
}

#[tokio::test]
async fn a_deleted_document_is_not_found_after_the_next_version() {
    let world = World::new();
    let process = world.process("cache");
    let gone = world.read(&process, &alice(), "old tides").await;
    world.read(&process, &alice(), "new tides").await;
    process.publish(&alice(), &name()).await.unwrap();
    world.delete(&alice(), gone).await;
    process.delete_document(&alice(), gone).await.unwrap();
    process.publish(&alice(), &name()).await.unwrap();
    assert_eq!(find_texts(&process, "tides").await, ["new tides"]);
    let paths = world.blobs.paths(&alice());
    assert!(!paths.iter().any(|path| path.contains(&gone.to_string())));
}

#[tokio::test]
async fn a_document_that_is_read_again_takes_its_own_place() {
    let world = World::new();
    let process = world.process("cache");
    let id = world.read(&process, &alice(), "first tides").await;
    process.publish(&alice(), &name()).await.unwrap();
    world
        .step(&alice(), id, DocumentStep::Requeued { size_bytes: 2 })
        .await;
    assert_eq!(find_texts(&process, "tides").await, ["first tides"]);
    world
        .read_again(&process, &alice(), id, "second tides")
        .await;
    process
        .publish_until_settled(&alice(), &name(), id)
        .await
        .unwrap();
    assert_eq!(find_texts(&process, "tides").await, ["second tides"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uploads_at_once_make_few_versions_and_lose_none() {
    let world = Arc::new(World::new());
    let processes = [
        Arc::new(world.process("one")),
        Arc::new(world.process("two")),
        Arc::new(world.process("three")),
    ];
    let mut uploads = Vec::new();
    for number in 0..100 {
        let (world, process) = (Arc::clone(&world), Arc::clone(&processes[number % 3]));
        uploads.push(tokio::spawn(async move {
            let id = world
                .read(&process, &alice(), &format!("tide number w{number}"))
                .await;
            process
                .publish_until_settled(&alice(), &name(), id)
                .await
                .unwrap();
            assert_eq!(world.status(id).await, DocumentStatus::Ready);
        }));
    }
    for upload in uploads {
        upload.await.unwrap();
    }
    for process in [&processes[0], &Arc::new(world.process("new"))] {
        for number in 0..100 {
            let found = find_texts(process, &format!("w{number}")).await;
            assert_eq!(found, [format!("tide number w{number}")]);
        }
    }
    let versions = world.version().await;
    assert!(versions <= 50, "{versions} versions");
    assert!(world.index_files().len() <= 2, "{:?}", world.index_files());
}

#[tokio::test]
async fn whoever_cannot_get_the_lease_waits_until_its_document_is_ready() {
    let world = World::new();
    let process = world.process("cache");
    let at = Timestamp::now();
    let lease = world
        .library
        .lease_collection(&alice(), &name(), at, after_ms(60_000))
        .await
        .unwrap()
        .unwrap();
    let id = world.read(&process, &alice(), "tides").await;
    let (whose, collection) = (alice(), name());
    let waiting = process.publish_until_settled(&whose, &collection, id);
    let mut waiting = std::pin::pin!(waiting);
    // The holder has looked for the last time already, and gives back without publishing.
    let early = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
    assert!(early.is_err(), "it did not wait");
    world
        .library
        .release_collection(&alice(), &lease)
        .await
        .unwrap();
    waiting.await.unwrap();
    assert_eq!(world.status(id).await, DocumentStatus::Ready);
}

#[tokio::test]
async fn a_publisher_that_lost_its_lease_leaves_no_file_and_no_version() {
    let world = World::new();
    let process = world.process("cache");
    let id = world.read(&process, &alice(), "tides").await;
    let (at, library) = (Timestamp::now(), &world.library);
    let old = library
        .lease_collection(&alice(), &name(), at, at)
        .await
        .unwrap()
        .unwrap();
    process.publish(&alice(), &name()).await.unwrap();
    let index = library.collections(&alice()).await.unwrap()[0]
        .index
        .clone()
        .unwrap();
    let late = library
        .publish_collection(&alice(), &old, &index, &[], after_ms(9), at)
        .await;
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    assert!(matches!(
        IndexError::from(StoreError::LeaseLost),
        IndexError::LeaseLost
    ));
    assert_eq!(world.version().await, 1);
    assert_eq!(world.status(id).await, DocumentStatus::Ready);
}

#[tokio::test]
async fn the_version_before_the_newest_is_kept_and_older_ones_are_not() {
    let world = World::new();
    let process = world.process("cache");
    for number in 0..5 {
        world
            .read(&process, &alice(), &format!("tide {number}"))
            .await;
        process.publish(&alice(), &name()).await.unwrap();
    }
    assert_eq!(world.version().await, 5);
    let files = world.index_files();
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(
        files[0].contains("/4-") && files[1].contains("/5-"),
        "{files:?}"
    );
}

#[tokio::test]
async fn lost_passages_fail_their_document_alone_and_say_what_to_do() {
    let world = World::new();
    let process = world.process("cache");
    let lost = world.read(&process, &alice(), "lost tides").await;
    let kept = world.read(&process, &alice(), "kept tides").await;
    process.delete_document(&alice(), lost).await.unwrap();
    process.publish(&alice(), &name()).await.unwrap();
    assert_eq!(world.status(kept).await, DocumentStatus::Ready);
    let failed = world.library.document(&alice(), lost).await.unwrap();
    assert_eq!(failed.status, DocumentStatus::Failed);
    assert!(failed.reason.unwrap().contains("upload it once more"));
    assert_eq!(find_texts(&process, "tides").await, ["kept tides"]);
}

#[tokio::test]
async fn an_index_that_is_lost_is_built_anew_from_the_documents() {
    let damages: [&dyn Fn(&World); 2] = [
        &|world| world.blobs.damage("collections/", b"not an index"),
        &|world| {
            for path in world.index_files() {
                world.blobs.forget(&path);
            }
        },
    ];
    for damage in damages {
        let world = World::new();
        let process = world.process("cache");
        world.read(&process, &alice(), "old tides").await;
        let gone = world.read(&process, &alice(), "gone tides").await;
        process.publish(&alice(), &name()).await.unwrap();
        damage(&world);
        world.delete(&alice(), gone).await;
        let other = world.process("other");
        world.read(&other, &alice(), "new tides").await;
        other.publish(&alice(), &name()).await.unwrap();
        assert_eq!(
            find_texts(&other, "tides").await,
            ["new tides", "old tides"]
        );
    }
}

#[tokio::test]
async fn all_of_a_principal_goes_and_nothing_of_another() {
    let world = World::new();
    let process = world.process("cache");
    world.read(&process, &alice(), "tides").await;
    process.publish(&alice(), &name()).await.unwrap();
    let bob = crate::scene::bob();
    world.read(&process, &bob, "his tides").await;
    process.publish(&bob, &name()).await.unwrap();
    let his = world.blobs.paths(&bob);
    let cached = |world: &World| std::fs::read_dir(world.cache("cache")).unwrap().count();
    assert_eq!(cached(&world), 2);
    process.delete_principal(&alice()).await.unwrap();
    assert_eq!(world.blobs.paths(&alice()), [""; 0]);
    assert_eq!(world.blobs.paths(&bob), his);
    assert_eq!(cached(&world), 1);
}
