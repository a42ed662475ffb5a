//! The port, on `SQLite`.

use std::{fmt, path::Path, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use rusqlite::{Connection, TransactionBehavior};
use tidewire_domain::{
    DeadJob, Delivery, Job, JobId, JobQueue, QueueError, QueueStats, Receipt, Timestamp,
};
use tokio::{
    sync::{Notify, futures::Notified},
    time::{Instant, sleep_until},
};

use super::{
    database::Database,
    dead_letters,
    row::{self, Ticket},
};
use crate::job_text;

/// How often a worker that waits asks whether another process has changed the file.
const POLL: Duration = Duration::from_millis(100);

/// Keeps jobs in one `SQLite` file, which processes of one machine may share.
///
/// A worker that waits is told at once of a job that its own process enqueues, and finds one of
/// another process within 100 ms. Whatever was answered is on the disk. Moments are those of the
/// system's clock: where it is put forward, deliveries end early.
pub struct SqliteQueue {
    database: Database,
    /// Told whenever a job of this process may have become ready, now or later.
    changed: Notify,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl fmt::Debug for SqliteQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteQueue")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// What a look at the queue came to.
struct Taken {
    deliveries: Vec<Delivery>,
    /// The state of the file, as far as others change it.
    version: i64,
    /// When there may be something to hand out, if nothing changes.
    next_visible: Option<i64>,
}

impl SqliteQueue {
    /// Opens the queue at `path`, makes it with mode 0600 if it is missing, and brings its schema
    /// up to date. The folder must be there. Blocks for some milliseconds.
    ///
    /// [`QueueError::Full`] or [`QueueError::Unavailable`] where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        Ok(Self {
            database: Database::open(path)?,
            changed: Notify::new(),
            clock: Arc::new(Timestamp::now),
        })
    }

    /// From now on it is what `clock` says. For tests.
    #[cfg(feature = "contract")]
    pub fn with_clock(mut self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        self.clock = clock;
        self
    }

    /// Adds a job as another release may have written it. For tests.
    #[cfg(feature = "contract")]
    pub async fn enqueue_text(&self, text: String) -> Result<JobId, QueueError> {
        self.insert(text, Duration::ZERO).await
    }

    /// From now on the file may not grow beyond so many pages, as if the disk were full; what it has
    /// stays. For tests.
    #[cfg(feature = "contract")]
    pub async fn limit_pages(&self, pages: u32) -> Result<(), QueueError> {
        self.database
            .run(move |connection| connection.pragma_update(None, "max_page_count", pages))
            .await
    }

    fn now(&self) -> i64 {
        (self.clock)().as_millis()
    }

    async fn insert(&self, text: String, delay: Duration) -> Result<JobId, QueueError> {
        let (id, at) = (JobId::new(), (self.clock)());
        let visible_at = later(at.as_millis(), delay);
        self.database
            .run(move |connection| row::insert(connection, id, &text, at, visible_at))
            .await?;
        self.changed.notify_waiters();
        Ok(id)
    }

    async fn take(&self, max: u32, visibility: Duration) -> Result<Taken, QueueError> {
        let now = self.now();
        let visible_at = later(now, visibility);
        self.database
            .run(move |connection| take(connection, max, now, visible_at))
            .await
    }

    /// Waits until there may be something to hand out: a change, or a moment that has come.
    async fn changes(
        &self,
        seen: &Taken,
        mut told: Pin<&mut Notified<'_>>,
        deadline: Instant,
    ) -> Result<(), QueueError> {
        let due = seen
            .next_visible
            .map(|at| Instant::now() + millis(at - self.now()));
        loop {
            let poll = Instant::now() + POLL;
            let until = due.map_or(poll, |due| poll.min(due)).min(deadline);
            tokio::select! {
                () = told.as_mut() => return Ok(()),
                () = sleep_until(until) => {}
            }
            let now = Instant::now();
            if now >= deadline || due.is_some_and(|due| now >= due) {
                return Ok(());
            }
            let version = self.database.run(|connection| row::version(connection));
            if version.await? != seen.version {
                return Ok(());
            }
        }
    }
}

fn take(
    connection: &mut Connection,
    max: u32,
    now: i64,
    visible_at: i64,
) -> Result<Taken, rusqlite::Error> {
    let mut taken = Taken {
        deliveries: Vec::new(),
        version: row::version(connection)?,
        next_visible: row::next_visible(connection)?,
    };
    // Whoever finds nothing does not write.
    if taken.next_visible.is_some_and(|at| at <= now) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        dead_letters::sweep(&transaction, now)?;
        taken.deliveries = row::hand_out(&transaction, max, now, visible_at)?;
        taken.next_visible = row::next_visible(&transaction)?;
        transaction.commit()?;
    }
    Ok(taken)
}

/// Runs `read` after the dead letters are where they belong.
fn swept<T>(
    connection: &mut Connection,
    now: i64,
    read: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    if dead_letters::is_due(connection, now)? {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        dead_letters::sweep(&transaction, now)?;
        transaction.commit()?;
    }
    read(connection)
}

/// A negative number of milliseconds is none.
pub(super) fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

pub(super) fn as_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn later(now: i64, delay: Duration) -> i64 {
    now.saturating_add(as_millis(delay))
}

#[async_trait]
impl JobQueue for SqliteQueue {
    async fn enqueue(&self, job: &Job, delay: Duration) -> Result<JobId, QueueError> {
        self.insert(job_text::write(job)?, delay).await
    }

    async fn receive(
        &self,
        max: u32,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        let deadline = Instant::now() + wait;
        loop {
            // Before looking, so that nothing comes in between unheard.
            let mut told = std::pin::pin!(self.changed.notified());
            told.as_mut().enable();
            let taken = self.take(max, visibility).await?;
            if !taken.deliveries.is_empty() || Instant::now() >= deadline {
                return Ok(taken.deliveries);
            }
            self.changes(&taken, told, deadline).await?;
        }
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let ticket = Ticket::read(receipt).ok_or(QueueError::ReceiptLost)?;
        let now = self.now();
        let visible_at = later(now, visibility);
        let extended = self
            .database
            .run(move |connection| row::extend(connection, &ticket, now, visible_at))
            .await?;
        // A visibility may be made shorter, too.
        self.changed.notify_waiters();
        extended.then_some(()).ok_or(QueueError::ReceiptLost)
    }

    async fn complete(&self, receipts: &[Receipt]) -> Result<(), QueueError> {
        let tickets: Vec<_> = receipts.iter().filter_map(Ticket::read).collect();
        self.database
            .run(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                for ticket in &tickets {
                    row::remove(&transaction, ticket)?;
                }
                transaction.commit()
            })
            .await
    }

    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError> {
        let ticket = Ticket::read(receipt).ok_or(QueueError::ReceiptLost)?;
        let now = self.now();
        let visible_at = later(now, delay);
        let given_back = self
            .database
            .run(move |connection| row::give_back(connection, &ticket, now, visible_at))
            .await?;
        self.changed.notify_waiters();
        given_back.then_some(()).ok_or(QueueError::ReceiptLost)
    }

    async fn bury(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError> {
        let ticket = Ticket::read(&delivery.receipt).ok_or(QueueError::ReceiptLost)?;
        let (reason, now) = (reason.to_owned(), self.now());
        self.database
            .run(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let Some(job) = row::remove(&transaction, &ticket)? else {
                    return Ok(Err(QueueError::ReceiptLost));
                };
                dead_letters::insert(&transaction, &ticket, &job, &reason, now)?;
                transaction.commit()?;
                Ok(Ok(()))
            })
            .await?
    }

    async fn stats(&self) -> Result<QueueStats, QueueError> {
        let now = self.now();
        let count = move |connection: &Connection| {
            Ok(QueueStats {
                dead: dead_letters::count(connection)?,
                ..row::count(connection, now)?
            })
        };
        self.database
            .run(move |connection| swept(connection, now, count))
            .await
    }

    async fn dead_jobs(&self, max: u32) -> Result<Vec<DeadJob>, QueueError> {
        let now = self.now();
        let list = move |connection: &Connection| dead_letters::list(connection, max);
        self.database
            .run(move |connection| swept(connection, now, list))
            .await
    }
}
