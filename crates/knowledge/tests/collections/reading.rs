//! Reading: what is cached, for how long, and what happens to what is damaged.

use std::{
    fs,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tidewire_domain::{KnowledgeIndex, PassageQuery};

use crate::{
    faults::Death,
    scene::{World, alice, bob, find, find_texts, name, question_of},
};

/// A world with one published document.
async fn published(text: &str) -> World {
    let world = World::new();
    let process = world.process("publisher");
    world.read(&process, &alice(), text).await;
    process.publish(&alice(), &name()).await.unwrap();
    world
}

#[tokio::test]
async fn a_passage_says_where_it_is_from() {
    let world = published("tides follow the moon").await;
    let found = find(&world.process("cache"), "moon").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].locator, "p. 1");
    assert_eq!(found[0].title, "tides follow the moon");
    let documents = world.blobs.paths(&alice());
    assert!(documents[1].contains(&found[0].document_id.to_string()));
}

#[tokio::test]
async fn searches_ask_neither_for_versions_nor_for_files_again() {
    let world = published("tides").await;
    let death = Death::never();
    let process = world.mortal("cache", &death);
    tokio::time::pause();
    for _ in 0..20 {
        assert_eq!(find_texts(&process, "tides").await, ["tides"]);
    }
    assert_eq!(death.library_calls.load(Ordering::Relaxed), 1);
    assert_eq!(world.blobs.opened.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_another_process_published_is_found_within_two_seconds() {
    let world = published("old tides").await;
    let (reader, publisher) = (world.process("cache"), world.process("publisher"));
    assert_eq!(find_texts(&reader, "tides").await, ["old tides"]);
    world.read(&publisher, &alice(), "new tides").await;
    publisher.publish(&alice(), &name()).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(
        find_texts(&reader, "tides").await,
        ["new tides", "old tides"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_want_a_file_one_brings_it() {
    let world = published("tides").await;
    let process = Arc::new(world.process("cache"));
    let searches: Vec<_> = (0..50)
        .map(|_| {
            let process = Arc::clone(&process);
            tokio::spawn(async move { find_texts(&process, "tides").await })
        })
        .collect();
    for search in searches {
        assert_eq!(search.await.unwrap(), ["tides"]);
    }
    assert_eq!(world.blobs.opened.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_cached_file_is_used_by_the_next_process() {
    let world = published("tides").await;
    assert_eq!(
        find_texts(&world.process("cache"), "tides").await,
        ["tides"]
    );
    assert_eq!(
        find_texts(&world.process("cache"), "tides").await,
        ["tides"]
    );
    assert_eq!(world.blobs.opened.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_damaged_cached_file_is_brought_anew() {
    let world = published("tides").await;
    let damages: [fn(&mut Vec<u8>); 3] = [
        |bytes| bytes.truncate(4096),
        |bytes| bytes.fill(0),
        |bytes| bytes[4096..].fill(0xa5),
    ];
    for damage in damages {
        assert_eq!(
            find_texts(&world.process("cache"), "tides").await,
            ["tides"]
        );
        let file = fs::read_dir(world.cache("cache"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, bytes).unwrap();
        assert_eq!(
            find_texts(&world.process("cache"), "tides").await,
            ["tides"]
        );
    }
    assert_eq!(world.blobs.opened.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_cache_that_is_emptied_under_a_reader_is_filled_again() {
    let world = published("tides").await;
    let process = world.process("cache");
    assert_eq!(find_texts(&process, "tides").await, ["tides"]);
    fs::remove_dir_all(world.cache("cache")).unwrap();
    let publisher = world.process("publisher");
    world.read(&publisher, &alice(), "new tides").await;
    publisher.publish(&alice(), &name()).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(find_texts(&process, "tides").await, ["new tides", "tides"]);
}

#[tokio::test]
async fn a_file_that_is_damaged_at_its_origin_is_an_error_for_whoever_searches() {
    let world = published("tides").await;
    world.blobs.damage("collections/", b"nothing of ours");
    let said = world
        .process("cache")
        .search(&alice(), &question_of("tides"))
        .await;
    assert!(said.unwrap_err().to_string().contains("damaged"));
}

#[tokio::test]
async fn the_cache_stays_within_its_bounds_and_leaves_other_files_alone() {
    let world = World::new();
    let publisher = world.process("publisher");
    fs::create_dir_all(world.cache("cache")).unwrap();
    fs::write(world.cache("cache").join("README"), "not ours").unwrap();
    fs::write(world.cache("cache").join("x.part"), "somebody writes this").unwrap();
    let size_bytes = 100 << 10;
    let reader = world.process_with("cache", &Death::never(), None, size_bytes);
    for number in 0..6 {
        world
            .read(&publisher, &alice(), &format!("tide {number}"))
            .await;
        publisher.publish(&alice(), &name()).await.unwrap();
        let fresh = world.process_with("cache", &Death::never(), None, size_bytes);
        assert_eq!(find(&fresh, "tide").await.len(), number + 1);
        // One that is kept open finds what it has open, whatever became of the file.
        assert!(!find(&reader, "tide").await.is_empty());
    }
    let (mut total, mut names) = (0, Vec::new());
    for entry in fs::read_dir(world.cache("cache")).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        total += entry.metadata().unwrap().len();
    }
    assert!(total <= size_bytes + 4096, "{total} bytes in {names:?}");
    assert!(names.contains(&"README".into()) && names.contains(&"x.part".into()));
    assert!(
        names.iter().any(|name| name.ends_with(".sqlite")),
        "{names:?}"
    );
}

#[tokio::test]
async fn nobody_finds_what_is_anothers() {
    let world = published("tides").await;
    let process = world.process("cache");
    assert_eq!(find_texts(&process, "tides").await, ["tides"]);
    assert_eq!(
        process.search(&bob(), &question_of("tides")).await.unwrap(),
        []
    );
    assert!(process.open(&bob(), &name()).await.unwrap().is_none());
    assert!(process.has_documents(&alice()).await.unwrap());
    assert!(!process.has_documents(&bob()).await.unwrap());
}

#[tokio::test]
async fn the_limit_is_kept_between_one_and_fifty() {
    let world = World::new();
    let process = world.process("cache");
    for number in 0..60 {
        world
            .read(&process, &alice(), &format!("tide {number}"))
            .await;
    }
    process.publish(&alice(), &name()).await.unwrap();
    for (limit, expected) in [(0, 1), (1, 1), (7, 7), (50, 50), (u32::MAX, 50)] {
        let query = PassageQuery {
            limit,
            ..question_of("tide")
        };
        let found = process.search(&alice(), &query).await.unwrap();
        assert_eq!(found.len(), expected);
        assert!(found.is_sorted_by(|one, next| one.score >= next.score));
    }
    assert_eq!(find(&process, "?!").await, []);
}

#[tokio::test]
async fn a_search_may_name_a_collection() {
    let world = published("tides").await;
    let process = world.process("cache");
    let within = |collection: &str| PassageQuery {
        collection: Some(collection.parse().unwrap()),
        ..question_of("tides")
    };
    let found = process
        .search(&alice(), &within("documents"))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        process.search(&alice(), &within("other")).await.unwrap(),
        []
    );
}
