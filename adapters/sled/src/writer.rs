//! The one thread that writes.
//!
//! It takes whatever waits, applies one operation after the other, makes all of it durable at once
//! and only then answers. So a flush of the disk is shared by everybody who waited for it, and
//! since nobody else writes, an operation may read, compare and write without a transaction.
//!
//! A flush costs more processor time than all the rest of a login, so operations that may be lost
//! in a kill do not ask for one ([`Wait::Seen`]): the next flush, or sled's own twice a
//! second, takes them along. The log is in order: what is durable has all before it durable too.
//!
//! Durable means sled's flush, which orders its write-back (`sync_file_range`) without emptying the
//! disk's cache, and then an `fsync` of the data file through a handle of our own, which does; then
//! the mark says so, and the files are looked for where the next start will look.

use std::{
    error::Error,
    fs::File,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use portico_domain::ports::StoreError;
use portico_records::{Changes, Operation, RowError, Wait};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    disk_reserve::DiskReserve, ledger::Ledger, mark::Mark, presence::Presence, rows::SledRows,
};

/// How many operations may wait; who comes then waits to be let in.
const QUEUE: usize = 1_024;

/// How many operations share a flush at most.
const GROUP: usize = 256;

/// How often somebody looks whether the store's files are where they were.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What waits: an operation, what its caller waits for, and where the answer goes.
struct Waiting {
    operation: Operation,
    wait: Wait,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

/// What ends the store.
type Failure = Box<dyn Error + Send + Sync>;

/// The thread that writes, as everybody else sees it.
#[derive(Debug)]
pub(crate) struct Writer {
    /// Taken when the writer is dropped, which ends the thread.
    operations: Option<mpsc::Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
    watchman: Option<Watchman>,
    presence: Arc<Presence>,
    failure: watch::Receiver<Option<String>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(mut disk: Disk) -> io::Result<Self> {
        let presence = disk.presence.clone();
        let watchman = Watchman::start(presence.clone())?;
        let (operations, queue) = mpsc::channel(QUEUE);
        let (failed, failure) = watch::channel(None);
        let thread = thread::Builder::new().name("portico-sled".into()).spawn(move || {
            // What a panic leaves behind is not looked at again: the store has failed then.
            let ended = catch_unwind(AssertUnwindSafe(|| disk.serve(queue)));
            let reason = match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the writer panicked".to_owned(),
            };
            tracing::error!(reason, "the store has failed; Portico must be started anew");
            failed.send_replace(Some(reason));
        })?;
        let (thread, watchman) = (Some(thread), Some(watchman));
        Ok(Self { operations: Some(operations), thread, watchman, presence, failure })
    }

    /// Has the thread do `operation`, also where the caller stops waiting. With [`Wait::Seen`] a kill
    /// within half a second may undo it, unless something durable came after it.
    pub(crate) async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.check()?;
        let queue = self.operations.as_ref().ok_or_else(closed)?;
        let waiting = Waiting { operation, wait, answer };
        queue.send(waiting).await.map_err(|_| self.why())?;
        answered.await.map_err(|_| self.why())?
    }

    /// Whether the store still works.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let failed = self.failure.borrow().clone();
        // It may be back.
        let away = || self.presence.away().and_then(|_| self.presence.look());
        failed.or_else(away).map_or(Ok(()), |why| Err(StoreError::Unavailable(why)))
    }

    /// Whether the store still works, and its files are where they were at this very moment.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        self.presence.look();
        self.check()
    }

    pub(crate) fn failed(&self) -> impl Future<Output = String> + Send + 'static {
        let mut failure = self.failure.clone();
        async move {
            let reason = failure.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
            match reason {
                Some(reason) => reason,
                // The thread ended without a failure: the store was closed.
                None => std::future::pending().await,
            }
        }
    }

    fn why(&self) -> StoreError {
        self.check().err().unwrap_or_else(closed)
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.watchman.take());
        drop(self.operations.take());
        if let Some(thread) = self.thread.take() {
            // It catches its own panics, so there is no error to be had here.
            drop(thread.join());
        }
    }
}

/// Looks after the store's files while nobody writes.
#[derive(Debug)]
struct Watchman {
    /// Dropped to end the thread.
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchman {
    fn start(presence: Arc<Presence>) -> io::Result<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let thread =
            thread::Builder::new().name("portico-store-files".into()).spawn(move || {
                while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                    presence.look();
                }
            })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What the thread works on.
pub(crate) struct Disk {
    pub(crate) db: sled::Db,
    pub(crate) rows: SledRows,
    pub(crate) ledger: Ledger,
    pub(crate) mark: Mark,
    /// A handle on sled's data file.
    pub(crate) data: File,
    pub(crate) room: DiskReserve,
    pub(crate) presence: Arc<Presence>,
}

impl Disk {
    /// Works until nobody can ask any more, or something fails. The answers of a group that failed
    /// are dropped, which its callers take for the failure it is.
    fn serve(&mut self, mut queue: mpsc::Receiver<Waiting>) -> Result<(), Failure> {
        let mut group = Vec::with_capacity(GROUP);
        while queue.blocking_recv_many(&mut group, GROUP) > 0 {
            let mut answers = Vec::with_capacity(group.len());
            let mut wrote = false;
            for Waiting { operation, wait, answer } in group.drain(..) {
                let (result, writes) = self.run(operation)?;
                if wait == Wait::Durable {
                    wrote |= writes;
                    answers.push((answer, result));
                } else {
                    // Nobody listens where the caller stopped waiting.
                    drop(answer.send(result));
                }
            }
            // Without a write in this group, everything it read was made durable with an earlier
            // one: what is written unflushed is read by nobody who asks for more.
            if wrote {
                self.make_durable()?;
            }
            // Durable in files that the next start will not find is not durable.
            if answers.is_empty() || self.presence.look().is_none() {
                answers.into_iter().for_each(|(answer, result)| drop(answer.send(result)));
            }
        }
        // What was written unflushed is under the mark too once the store is closed.
        if self.mark.number < self.ledger.number() {
            self.make_durable()?;
        }
        Ok(())
    }

    /// Does one operation, for whose changes the disk must have room; its result, and whether anything
    /// was written.
    fn run(&mut self, operation: Operation) -> Result<(Result<(), StoreError>, bool), Failure> {
        let mut changes = Changes::default();
        let done = operation(&self.rows, &mut changes)
            .and_then(|()| self.room.check(&changes).map_err(RowError::Record));
        match done {
            Err(RowError::Failed(failure)) => Err(failure),
            Err(RowError::Record(error)) => Ok((Err(error), false)),
            Ok(()) if changes.is_empty() => Ok((Ok(()), false)),
            Ok(()) => {
                self.rows.apply(changes, &mut self.ledger)?;
                Ok((Ok(()), true))
            }
        }
    }

    /// In this order: the mark never names what a loss of power could still take.
    fn make_durable(&mut self) -> Result<(), sled::Error> {
        self.db.flush()?;
        self.data.sync_all()?;
        self.mark.advance(self.ledger.number())?;
        Ok(())
    }
}
