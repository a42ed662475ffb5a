//! The one thread that writes, and how it commits what waits for it together.

use std::{sync::Arc, thread};

use rusqlite::{Connection, ErrorCode};
use tidewire_domain::StoreError;
use tokio::sync::{mpsc, oneshot};

use super::{database::Database, fault::Fault};

/// Commands that may wait; further callers wait to be let in.
const WAITING: usize = 1024;

/// Commands in one commit at most, so that the first of them does not wait for too many others.
const GROUP: usize = 256;

/// The way to the writing thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    database: Arc<Database>,
    commands: mpsc::Sender<Box<dyn Command>>,
}

impl Writer {
    /// Starts the thread on `connection`.
    pub(super) fn start(
        database: Arc<Database>,
        connection: Connection,
    ) -> Result<Self, StoreError> {
        let (commands, waiting) = mpsc::channel(WAITING);
        let committer = Committer {
            database: Arc::clone(&database),
            connection,
        };
        thread::Builder::new()
            .name("tidewire-store-writer".into())
            .spawn(move || committer.run(waiting))
            .map_err(|error| {
                StoreError::Unavailable(format!("the writing thread did not start: {error}"))
            })?;
        Ok(Self { database, commands })
    }

    /// Runs `work` in a transaction that others may share, and answers once it is committed. All of
    /// it is stored or, where it answers with an error, nothing. It may run twice, the first time
    /// without effect. Dropping the future does not take it back.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let command = Box::new(Write {
            work,
            answer: None,
            reply,
        });
        if self.commands.send(command).await.is_err() {
            return Err(self.database.closed());
        }
        answer.await.unwrap_or_else(|_| Err(self.database.closed()))
    }

    /// Whether commands are still taken.
    pub(super) fn is_open(&self) -> bool {
        !self.commands.is_closed()
    }

    /// Lets the thread end after the commands that wait, and waits for it.
    pub(super) async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        if self.commands.send(Box::new(Close { reply })).await.is_ok() {
            // An error here says that the thread is gone, which is what was wanted.
            let _ = answer.await;
        }
    }
}

/// What a command came to, before the commit.
enum Ran {
    /// Its changes wait for the commit.
    Done,
    /// It refused.
    Refused,
}

/// Something for the writing thread to do.
trait Command: Send {
    /// Does it, inside of a transaction. An error is the database's.
    fn run(&mut self, connection: &Connection) -> Result<Ran, rusqlite::Error>;
    /// Tells the caller what it came to, once that is committed.
    fn acknowledge(self: Box<Self>);
    /// Tells the caller that nothing of it is stored.
    fn fail(self: Box<Self>, error: StoreError);
    /// Whether it asks the thread to end.
    fn closes(&self) -> bool {
        false
    }
}

struct Write<T, F> {
    work: F,
    answer: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Command for Write<T, F>
where
    T: Send,
    F: Fn(&Connection) -> Result<T, Fault> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<Ran, rusqlite::Error> {
        match (self.work)(connection) {
            Ok(value) => {
                self.answer = Some(Ok(value));
                Ok(Ran::Done)
            }
            Err(Fault::Refused(error)) => {
                self.answer = Some(Err(error));
                Ok(Ran::Refused)
            }
            Err(Fault::Sqlite(error)) => Err(error),
        }
    }

    fn acknowledge(self: Box<Self>) {
        if let Some(answer) = self.answer {
            // The caller may have gone.
            let _ = self.reply.send(answer);
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Asks the thread to end. The reply comes when its connection is closed.
struct Close {
    reply: oneshot::Sender<()>,
}

impl Command for Close {
    fn run(&mut self, _: &Connection) -> Result<Ran, rusqlite::Error> {
        Ok(Ran::Done)
    }

    fn acknowledge(self: Box<Self>) {
        let _ = self.reply.send(());
    }

    fn fail(self: Box<Self>, _: StoreError) {
        self.acknowledge();
    }

    fn closes(&self) -> bool {
        true
    }
}

/// Why nothing of a group was committed.
enum Spoiled {
    Sqlite(rusqlite::Error),
    /// A command refused after it had written.
    HalfDone,
}

impl From<rusqlite::Error> for Spoiled {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

struct Committer {
    database: Arc<Database>,
    connection: Connection,
}

impl Committer {
    fn run(self, mut waiting: mpsc::Receiver<Box<dyn Command>>) {
        let mut group: Vec<Box<dyn Command>> = Vec::with_capacity(GROUP);
        let mut closing: Vec<Box<dyn Command>> = Vec::new();
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            if group.iter().any(|command| command.closes()) {
                waiting.close();
                closing.extend(group.extract_if(.., |command| command.closes()));
            }
            self.commit(&mut group);
        }
        // The last connection to close moves the write-ahead log into the database.
        drop(self.connection);
        for command in closing {
            command.acknowledge();
        }
    }

    /// Commits the group, empties it, and tells every caller.
    fn commit(&self, group: &mut Vec<Box<dyn Command>>) {
        match self.transact(group) {
            Ok(()) => group.drain(..).for_each(Command::acknowledge),
            // Each of them would wait as long for the other process.
            Err(Spoiled::Sqlite(error)) if is_busy(&error) => {
                for command in group.drain(..) {
                    command.fail(self.database.explain(&error));
                }
            }
            // It may be the fault of one, or the disk may have room for some.
            Err(_) => {
                for mut command in group.drain(..) {
                    match self.transact(std::slice::from_mut(&mut command)) {
                        Err(Spoiled::Sqlite(error)) => {
                            command.fail(self.database.explain(&error));
                        }
                        Ok(()) | Err(Spoiled::HalfDone) => command.acknowledge(),
                    }
                }
            }
        }
    }

    /// Runs the commands in one transaction. After an error nothing of them is stored.
    fn transact(&self, group: &mut [Box<dyn Command>]) -> Result<(), Spoiled> {
        self.execute("BEGIN IMMEDIATE")?;
        let result = self
            .run_all(group)
            .and_then(|()| Ok(self.execute("COMMIT")?));
        // A full disk ends a transaction by itself.
        if result.is_err() && !self.connection.is_autocommit() {
            // Where this fails too, so will the next BEGIN.
            let _ = self.execute("ROLLBACK");
        }
        result
    }

    fn run_all(&self, group: &mut [Box<dyn Command>]) -> Result<(), Spoiled> {
        for command in group {
            let before = self.connection.total_changes();
            if matches!(command.run(&self.connection)?, Ran::Refused)
                && self.connection.total_changes() != before
            {
                return Err(Spoiled::HalfDone);
            }
        }
        Ok(())
    }

    fn execute(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connection::open_writer;

    fn writer(folder: &tempfile::TempDir) -> Writer {
        let database = Arc::new(Database::new(&folder.path().join("tidewire.db")));
        let connection = open_writer(&database).unwrap();
        Writer::start(database, connection).unwrap()
    }

    fn insert(connection: &Connection, name: &str) -> Result<(), Fault> {
        connection.execute("INSERT INTO shared_secrets VALUES (?1, x'00')", [name])?;
        Ok(())
    }

    async fn names(writer: &Writer) -> String {
        let sql = "SELECT group_concat(name, ' ' ORDER BY name) FROM shared_secrets";
        let read =
            move |connection: &Connection| Ok(connection.query_one(sql, [], |row| row.get(0))?);
        writer.write(read).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_refused_halfway_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let refuse = |connection: &Connection| -> Result<(), Fault> {
            insert(connection, "half")?;
            Err(StoreError::LeaseLost.into())
        };
        let (before, refused, after) = tokio::join!(
            writer.write(|connection| insert(connection, "before")),
            writer.write(refuse),
            writer.write(|connection| insert(connection, "later")),
        );
        assert!(before.is_ok() && after.is_ok());
        assert!(matches!(refused, Err(StoreError::LeaseLost)));
        assert!(matches!(
            writer.write(refuse).await,
            Err(StoreError::LeaseLost)
        ));
        assert_eq!(names(&writer).await, "before later");
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_disturbs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        tokio::select! {
            biased;
            _ = writer.write(|connection| insert(connection, "gone")) => {} // The thread may be faster.
            () = std::future::ready(()) => {}
        }
        writer
            .write(|connection| insert(connection, "here"))
            .await
            .unwrap();
        assert_eq!(names(&writer).await, "gone here");
    }

    #[tokio::test]
    async fn nothing_is_answered_before_it_is_committed() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let other = Connection::open(folder.path().join("tidewire.db")).unwrap();
        for number in 0..200 {
            let name = format!("n{number}");
            let named = name.clone();
            writer
                .write(move |connection| insert(connection, &named))
                .await
                .unwrap();
            let sql = "SELECT count(*) FROM shared_secrets WHERE name = ?1";
            let seen: i64 = other.query_one(sql, [name], |row| row.get(0)).unwrap();
            assert_eq!(seen, 1);
        }
    }
}
