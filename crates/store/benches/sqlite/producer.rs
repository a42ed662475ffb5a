//! A process that produces turns.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tidewire_domain::{
    Append, Appended, BeginTurn, ConversationId, EVENT_LOG_FORMAT, EventBatch, Holder, MessageId,
    NewConversation, Parent, Part, PrincipalId, Store, Timestamp, TurnId, TurnKey,
};
use tidewire_store::SqliteStore;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::laps::{Laps, cpu_seconds};

/// A second of a fast answer: some twenty tokens.
const BODY_BYTES: usize = 120;

/// As many as one process is to serve.
pub(crate) const TURNS: usize = 10_000;

pub(crate) fn alice() -> PrincipalId {
    PrincipalId::new("alice")
}

pub(crate) struct Producer {
    pub(crate) store: Arc<SqliteStore>,
    holder: Holder,
    pub(crate) turns: Vec<(TurnKey, u64)>,
    next: usize,
}

impl Producer {
    pub(crate) fn new(store: Arc<SqliteStore>) -> Self {
        let holder = Holder {
            id: Uuid::now_v7(),
            host: "here".into(),
            pid: 1,
            started: 1,
        };
        Self {
            store,
            holder,
            turns: Vec::new(),
            next: 0,
        }
    }

    pub(crate) fn request(&self, conversation_id: ConversationId) -> BeginTurn {
        BeginTurn {
            conversation_id,
            turn_id: TurnId::new(),
            message_id: MessageId::new(),
            parent: Parent::Newest,
            user_message: Some((
                MessageId::new(),
                vec![Part::Text {
                    text: "why?".repeat(20),
                }],
            )),
            model: "offline".into(),
            title: Some("a title".into()),
            idempotency: None,
            holder: self.holder.clone(),
            at: Timestamp::now(),
        }
    }

    /// Each in a conversation of its own, 64 callers at once.
    pub(crate) async fn begin(&mut self, turns: usize) {
        let mut laps = Laps::start();
        let mut tasks = Vec::new();
        for _ in 0..64 {
            let store = Arc::clone(&self.store);
            let mut begin = self.request(ConversationId::new());
            tasks.push(tokio::spawn(async move {
                let (mut keys, mut took) = (Vec::new(), Vec::new());
                for _ in 0..turns.div_ceil(64) {
                    let new = NewConversation::default();
                    let made = store
                        .create_conversation(&alice(), new, Timestamp::now())
                        .await;
                    begin.conversation_id = made.expect("it is made").id;
                    begin.turn_id = TurnId::new();
                    begin.message_id = MessageId::new();
                    begin.user_message = begin
                        .user_message
                        .map(|(_, parts)| (MessageId::new(), parts));
                    let started = Instant::now();
                    store
                        .begin_turn(&alice(), begin.clone())
                        .await
                        .expect("it begins");
                    took.push(started.elapsed());
                    keys.push(TurnKey {
                        principal: alice(),
                        conversation_id: begin.conversation_id,
                        turn_id: begin.turn_id,
                    });
                }
                (keys, took)
            }));
        }
        for task in tasks {
            let (keys, took) = task.await.expect("it does not panic");
            laps.took.extend(took);
            self.turns.extend(keys.into_iter().map(|key| (key, 0)));
        }
        // Those that run at the same time began at about the same time.
        self.turns.sort_by_key(|(key, _)| key.turn_id);
        laps.print("conversations and turns begun, 64 callers", 1);
    }

    /// The next `count` turns in a ring of the first so many, each with one batch more.
    fn appends(&mut self, count: usize, among: usize) -> Vec<Append> {
        (0..count)
            .map(|_| {
                self.next = (self.next + 1) % among;
                let (key, last_seq) = &mut self.turns[self.next];
                let first_seq = *last_seq + 1;
                *last_seq += 4;
                Append {
                    key: key.clone(),
                    epoch: 1,
                    batch: EventBatch {
                        first_seq,
                        last_seq: *last_seq,
                        format: EVENT_LOG_FORMAT,
                        body: Bytes::from_static(&[b'x'; BODY_BYTES]),
                    },
                }
            })
            .collect()
    }

    async fn append(&self, appends: Vec<Append>) {
        let said = self
            .store
            .append(&self.holder, appends, Timestamp::now())
            .await;
        let stored = |said: &Appended| matches!(said, Appended::Stored { .. });
        assert!(said.expect("the store answers").iter().all(stored));
    }

    pub(crate) async fn append_in_groups(&mut self, group: usize, among: usize) {
        let calls = if group == 1 { 20_000 } else { 200_000 / group };
        let prepared: Vec<_> = (0..calls).map(|_| self.appends(group, among)).collect();
        let mut laps = Laps::start();
        for appends in prepared {
            laps.time(self.append(appends)).await;
        }
        laps.print(
            &format!("appends to {among} turns, {group} in a call"),
            group,
        );
    }

    /// So many callers at once with one append each, which the writer groups by itself.
    pub(crate) async fn append_at_once(&mut self, callers: usize, each: usize) {
        let mut laps = Laps::start();
        for _ in 0..each {
            let mut waiting = Vec::new();
            for append in self.appends(callers, TURNS) {
                let (store, holder) = (Arc::clone(&self.store), self.holder.clone());
                waiting.push(tokio::spawn(async move {
                    let started = Instant::now();
                    let said = store.append(&holder, vec![append], Timestamp::now()).await;
                    said.expect("the store answers");
                    started.elapsed()
                }));
            }
            for waited in waiting {
                laps.took.push(waited.await.expect("it does not panic"));
            }
        }
        laps.print(
            &format!("appends of {callers} callers at once, 1 in a call"),
            1,
        );
    }

    /// A quarter of the turns every 250 ms, as a full process does.
    pub(crate) async fn pace(&mut self, total: Duration) {
        let mut tick = interval(Duration::from_millis(250));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut laps = Laps::start();
        while laps.started.elapsed() < total {
            tick.tick().await;
            let appends = self.appends(TURNS / 4, TURNS);
            laps.time(self.append(appends)).await;
        }
        let share = 100.0 * (cpu_seconds() - laps.cpu) / laps.started.elapsed().as_secs_f64();
        laps.print(
            &format!("{TURNS} turns, a row a second each: {share:.0} % of a core"),
            TURNS / 4,
        );
    }

    pub(crate) async fn renew(&self, times: usize) {
        let mut laps = Laps::start();
        for _ in 0..times {
            let turns = self.turns.iter().map(|(key, _)| (key.clone(), 1)).collect();
            let renewal = laps
                .time(self.store.renew(&self.holder, turns, Timestamp::now()))
                .await;
            assert!(renewal.expect("the store answers").lost.is_empty());
        }
        laps.print(&format!("renewals of {TURNS} silent turns"), 1);
    }
}
