//! What the `SQLite` store costs. `cargo bench -p tidewire-store` prints a table; rates are of one
//! process on the disk that `TMPDIR` is on.

mod laps;
mod producer;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use laps::Laps;
use producer::{Producer, TURNS, alice};
use tidewire_domain::{
    ConversationId, ConversationQuery, EVENT_LOG_FORMAT, EventBatch, FinishReason, FinishTurn,
    MessageId, NewConversation, PageRequest, Part, Store, Timestamp, TurnKey,
};
use tidewire_store::SqliteStore;

const MESSAGES: usize = 2_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("tidewire.db");
    let store = Arc::new(SqliteStore::open(&path).expect("the database opens"));
    let mut producer = Producer::new(Arc::clone(&store));

    println!(
        "{:<50} {:>10} {:>8} {:>8} {:>8}",
        "", "a second", "p50 ms", "p99 ms", "CPU us"
    );
    producer.begin(TURNS).await;
    for (group, among) in [
        (1, 1),
        (50, 50),
        (50, 500),
        (50, TURNS),
        (256, TURNS),
        (2_500, TURNS),
    ] {
        producer.append_in_groups(group, among).await;
    }
    producer.append_at_once(64, 500).await;
    producer.pace(Duration::from_secs(10)).await;
    producer.renew(20).await;
    let conversation = long_conversation(&producer).await;
    read(&producer, conversation).await;
    println!("database {} MB", megabytes(&path));
    store.close().await;
    reopen(&path).await;
}

async fn long_conversation(producer: &Producer) -> (ConversationId, MessageId) {
    let (store, new) = (&producer.store, NewConversation::default());
    let made = store
        .create_conversation(&alice(), new, Timestamp::now())
        .await;
    let id = made.expect("it is made").id;
    let mut laps = Laps::start();
    let mut leaf = MessageId::new();
    for _ in 0..MESSAGES / 2 {
        let begin = producer.request(id);
        leaf = begin.message_id;
        let key = TurnKey {
            principal: alice(),
            conversation_id: id,
            turn_id: begin.turn_id,
        };
        let finish = FinishTurn {
            key,
            epoch: 1,
            batch: EventBatch {
                first_seq: 1,
                last_seq: 9,
                format: EVENT_LOG_FORMAT,
                body: Bytes::from_static(&[b'x'; 1000]),
            },
            parts: vec![Part::Text {
                text: "because ".repeat(200),
            }],
            usage: None,
            finish_reason: FinishReason::Stop,
            at: Timestamp::now(),
        };
        let both = async {
            store.begin_turn(&alice(), begin).await.expect("it begins");
            store.finish_turn(finish).await.expect("it ends");
        };
        laps.time(both).await;
    }
    laps.print("turns begun and finished, one after another", 1);
    (id, leaf)
}

async fn read(producer: &Producer, (id, leaf): (ConversationId, MessageId)) {
    let store = &producer.store;
    let page = PageRequest {
        limit: 50,
        cursor: None,
    };
    let mut laps = Laps::start();
    for _ in 0..1000 {
        let found = laps.time(store.messages(&alice(), id, page.clone())).await;
        assert_eq!(found.expect("the store answers").items.len(), 50);
    }
    laps.print(&format!("first pages of 50 of {MESSAGES} messages"), 1);

    let mut laps = Laps::start();
    for _ in 0..50 {
        let found = laps.time(store.history(&alice(), id, leaf, u64::MAX)).await;
        assert_eq!(found.expect("the store answers").len(), MESSAGES);
    }
    laps.print(&format!("histories of {MESSAGES} messages"), 1);

    for (title_contains, name) in [
        (None, "first pages of 50 conversations"),
        (Some("nowhere".to_owned()), "searches through all titles"),
    ] {
        let mut laps = Laps::start();
        for _ in 0..50 {
            let query = ConversationQuery {
                page: page.clone(),
                title_contains: title_contains.clone(),
            };
            laps.time(store.conversations(&alice(), query))
                .await
                .expect("the store answers");
        }
        laps.print(name, 1);
    }

    let turn = producer.turns[0].0.turn_id;
    let mut laps = Laps::start();
    for _ in 0..1000 {
        let found = laps
            .time(store.events(&alice(), turn, producer.turns[0].1 - 1, 1 << 20))
            .await;
        assert_eq!(found.expect("the store answers").batches.len(), 1);
    }
    laps.print("polls of a turn's log", 1);
}

async fn reopen(path: &Path) {
    let (mut open, mut first) = (Laps::start(), Laps::start());
    for _ in 0..50 {
        let started = Instant::now();
        let store = SqliteStore::open(path).expect("the database opens");
        open.took.push(started.elapsed());
        first.time(store.ready()).await.expect("it is ready");
        store.close().await;
    }
    open.print("openings", 1);
    first.print("first reads after that", 1);
}

fn megabytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len() >> 20)
}
